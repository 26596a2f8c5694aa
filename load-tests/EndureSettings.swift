import LiveRelayClient

/// Who takes part in a class that has to endure faults, and how busy they are.
struct EndureSettings {
    /// As many clients as one loop carries beside the server on two cores.
    static let seatsMaximum = 1_000
    /// Beyond it the clients, not the server, are the bottleneck.
    static let commandsPerSecondMaximum = 1_000

    let lecturer: ClassLink
    let server: ServerAddress
    let code: String
    let fingerprint: String?
    let seats: Int
    let commandsPerSecond: Int
    let seed: UInt64
    /// Where every command and its answer is written at the end.
    let journalFile: String

    static let usage = """
        usage: load-tests endure --lecturer LINK --code CODE [--pin SHA256] --seats N --commands-per-second N
                                 --seed S --journal FILE
        On standard input: `outage ID KILLED ACCEPTED` (monotonic milliseconds) asks who hears again, `finish` ends.
        """

    init(_ arguments: [String]) throws {
        let options = try Options(arguments, usage: Self.usage)
        guard let link = options["--lecturer"].flatMap({ ClassLink($0) }), let server = link.server,
            link.token != nil, let code = options["--code"], let journal = options["--journal"]
        else { throw options.misuse }
        lecturer = link
        self.server = server
        self.code = code
        journalFile = journal
        fingerprint = options["--pin"]
        seats = try options.number("--seats", 1...Self.seatsMaximum)
        commandsPerSecond = try options.number("--commands-per-second", 0...Self.commandsPerSecondMaximum)
        seed = UInt64(try options.number("--seed", 0...Int.max))
    }
}
