/// Where the logs are made and how often each is opened.
struct RecoverySettings {
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
        let options = try Options(arguments, usage: Self.usage)
        guard let folder = options["--folder"], let rounds = Int(options["--rounds"] ?? ""),
            (1...Self.roundsMaximum).contains(rounds)
        else { throw options.misuse }
        self.folder = folder
        self.rounds = rounds
        let name = options["--class"]
        chosen = Self.classes.filter { name == nil || $0.name == name }
        guard !chosen.isEmpty else { throw options.misuse }
    }
}
