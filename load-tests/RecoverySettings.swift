/// Where the logs are made and how often each is opened.
struct RecoverySettings {
    /// Why the command line is wrong.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// One class to be opened.
    struct Class {
        let name: String
        let people: Int
        let hours: Int
        /// The lesson goes on until the log is so long; 0 for one of its hours.
        var logBytesMinimum = 0
    }

    /// The lengths that are promised, and one log that is far longer than any.
    static let classes = [
        Class(name: "h1p300", people: 300, hours: 1), Class(name: "h3p300", people: 300, hours: 3),
        Class(name: "h1p5000", people: 5_000, hours: 1), Class(name: "h3p5000", people: 5_000, hours: 3),
        Class(name: "gibibyte", people: 5_000, hours: 1, logBytesMinimum: 1_024 * 1_024 * 1_024),
    ]
    /// Medians of more tell nothing new.
    static let roundsMaximum = 9

    static let usage = """
               load-tests recovery --folder EMPTY-FOLDER --rounds N [--class NAME]
        """

    let folder: String
    let rounds: Int
    let chosen: [Class]

    init(_ arguments: [String]) throws {
        var values: [String: String] = [:]
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard name.hasPrefix("--"), let value = rest.popFirst() else {
                throw Failure(description: Self.usage)
            }
            values[name] = value
        }
        guard let folder = values["--folder"], let rounds = Int(values["--rounds"] ?? ""),
            (1...Self.roundsMaximum).contains(rounds)
        else { throw Failure(description: Self.usage) }
        self.folder = folder
        self.rounds = rounds
        let name = values["--class"]
        chosen = Self.classes.filter { name == nil || $0.name == name }
        guard !chosen.isEmpty else { throw Failure(description: Self.usage) }
    }
}
