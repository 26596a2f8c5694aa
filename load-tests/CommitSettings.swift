import Recorder

/// Which disk is measured, with how many classes, and for how long.
struct CommitSettings {
    /// Why the command line is wrong.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// As many classes as two cores carry at once.
    static let classesMaximum = 200
    /// Long enough for any disk to show what it does when its own memory is full.
    static let secondsMaximum = 60
    /// More than any disk answers at once.
    static let threadsMaximum = 64
    /// Medians of more tell nothing new.
    static let roundsMaximum = 9

    let folder: String
    let classes: [Int]
    let seconds: Int
    let rounds: Int
    /// File threads; as many as the server has, where nothing else is said.
    let threads: Int

    static let usage = """
               load-tests commit --folder EMPTY-FOLDER --classes 1,16,200 --seconds N --rounds N [--threads N]
        """

    init(_ arguments: [String]) throws {
        var values: [String: String] = [:]
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard name.hasPrefix("--"), let value = rest.popFirst() else {
                throw Failure(description: Self.usage)
            }
            values[name] = value
        }
        func numbers(_ name: String, _ maximum: Int) throws -> [Int] {
            let numbers = (values[name] ?? "").split(separator: ",").map { Int($0) ?? 0 }
            guard !numbers.isEmpty, numbers.allSatisfy((1...maximum).contains) else {
                throw Failure(description: "\(name): 1…\(maximum)\n\(Self.usage)")
            }
            return numbers
        }
        guard let folder = values["--folder"] else { throw Failure(description: Self.usage) }
        self.folder = folder
        classes = try numbers("--classes", Self.classesMaximum)
        seconds = try numbers("--seconds", Self.secondsMaximum)[0]
        rounds = try numbers("--rounds", Self.roundsMaximum)[0]
        threads =
            values["--threads"] == nil
            ? FilePool.threadsCountDefault : try numbers("--threads", Self.threadsMaximum)[0]
    }
}
