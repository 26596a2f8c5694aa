import LiveRelayClient

/// How many people come how fast, for a storm of joins.
struct StormSettings {
    /// As many clients as one loop carries beside the server on two cores.
    static let seatsMaximum = 10_000
    /// Faster than any door of a school.
    static let joinsPerSecondMaximum = 2_000
    /// Longer than a lesson nobody stays.
    static let staySecondsMaximum = 3_600

    let server: ServerAddress
    let code: String
    let fingerprint: String?
    let seats: Int
    let joinsPerSecond: Int
    /// After so many seconds in class everybody leaves; 0 means that they stay.
    let staySeconds: Int

    static let usage = """
        usage: load-tests storm --server https://127.0.0.1:PORT --code CODE [--pin SHA256] --seats N
                                --joins-per-second N --stay-seconds N
        Tells how everybody came in. On standard input: `storm` tells how everybody came back from the
        next loss of the line, `finish` ends.
        """

    init(_ arguments: [String]) throws {
        let options = try Options(arguments, usage: Self.usage)
        guard let server = options["--server"].flatMap({ ServerAddress($0) }), let code = options["--code"],
            ["127.0.0.1", "localhost", "::1"].contains(server.host)
        else { throw options.misuse }
        self.server = server
        self.code = code
        fingerprint = options["--pin"]
        seats = try options.number("--seats", 1...Self.seatsMaximum)
        joinsPerSecond = try options.number("--joins-per-second", 1...Self.joinsPerSecondMaximum)
        staySeconds = try options.number("--stay-seconds", 0...Self.staySecondsMaximum)
    }
}
