/// Which commands of a seat led to which events, so that a command sent twice takes effect once.
struct CommandOutcomes: Hashable, Sendable {
    private struct Outcome: Hashable, Sendable {
        let command: CommandID
        var n: UInt64
    }

    /// Oldest first, at most `commandsRememberedCountMaximum`.
    private var outcomes: [Outcome] = []

    mutating func remember(_ command: CommandID, n: UInt64) {
        if let last = outcomes.lastIndex(where: { $0.command == command }) {
            outcomes[last].n = n
            return
        }
        if outcomes.count >= SessionLimits.commandsRememberedCountMaximum { outcomes.removeFirst() }
        outcomes.append(Outcome(command: command, n: n))
    }

    func n(of command: CommandID) -> UInt64? {
        outcomes.last { $0.command == command }?.n
    }

    func write(to image: inout ImageWriter) {
        image.put(list: outcomes) { image, outcome in
            image.put(outcome.command)
            image.put(outcome.n)
        }
    }

    init() {}

    init(image: inout ImageReader) throws(ImageFailure) {
        outcomes = try image.list { image throws(ImageFailure) in
            Outcome(command: try image.identifier(), n: try image.number())
        }
    }
}
