/// What happened in one world, line by line, and the first thing that may not.
final class Journal {
    /// How many lines are kept, and so printed after a failure.
    static let linesCountMaximum = 400

    /// A view of a class in full would hide what matters.
    private static let whatCharactersMaximum = 1_500

    let seed: UInt64
    private let agenda: Agenda
    private let checkers: Set<Checker>
    private var lines: [String] = []
    /// Says whether two runs were the same, line by line.
    private(set) var digest: UInt64 = 0
    private(set) var failure: WorldFailure?
    /// Every line at once, to watch a run.
    var isLoud = false

    init(seed: UInt64, _ agenda: Agenda, checkers: Set<Checker>) {
        self.seed = seed
        self.agenda = agenda
        self.checkers = checkers
    }

    /// One line: the virtual second, who, and what.
    func note(_ who: String, _ what: @autoclosure () -> String) {
        let time = agenda.now
        let line = "\(time / 1_000).\(String(1_000 + time % 1_000).dropFirst()) \(who) \(what())"
        if isLoud { print(line) }
        for byte in line.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3 }
        lines.append(line)
        if lines.count > 2 * Self.linesCountMaximum { lines.removeFirst(Self.linesCountMaximum) }
    }

    /// Objects where something is not as it must be.
    func require(_ condition: Bool, _ checker: Checker, _ what: @autoclosure () -> String) {
        guard !condition, failure == nil, checkers.contains(checker) else { return }
        failure = WorldFailure(
            seed: seed, checker: checker, what: String(what().prefix(Self.whatCharactersMaximum)),
            trace: lines.suffix(Self.linesCountMaximum).joined(separator: "\n"))
    }
}

/// What a checker found, with the seed and the last lines of the journal.
struct WorldFailure: Error, CustomStringConvertible {
    let seed: UInt64
    let checker: Checker
    let what: String
    let trace: String

    var description: String {
        """
        \(trace)

        seed \(seed), checker \(checker.rawValue): \(what)
        ./run simulate --seeds 1 --seed \(seed)
        """
    }
}
