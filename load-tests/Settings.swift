import LiveRelayClient

/// What is loaded, how much and for how long. Counts and seconds must be said, and are bounded: nobody loads
/// a server for an hour by a slip.
struct Settings {
    /// As many as a small class has seats, without those of its staff.
    static let seatsMaximum = 290
    /// An hour of packets would not tell more.
    static let secondsMaximum = 600
    /// Ten entries a second are the limit of a class.
    static let chatsMaximum = 5_000

    let server: ServerAddress
    let keyFile: String
    let fingerprint: String?
    let seats: Int
    let seconds: Int
    let chats: Int
    let votes: Int
    let isJSON: Bool
    /// Whether a line on standard output tells when the first packet leaves; the line `finish` on standard
    /// input then ends the load before its time.
    let saysWhenItBegins: Bool

    static let usage = """
        usage: load-tests --server https://127.0.0.1:PORT --key-file FILE [--pin SHA256] [--json]
                          [--tell-begin]
                          --seats N --seconds N --chats N --votes N
        """

    init(_ arguments: [String]) throws {
        let options = try Options(arguments, flags: ["--json", "--tell-begin"], usage: Self.usage)
        guard let server = options["--server"].flatMap({ ServerAddress($0) }), let key = options["--key-file"]
        else { throw options.misuse }
        guard ["127.0.0.1", "localhost", "::1"].contains(server.host) else {
            throw Options.Failure(description: "--server: 127.0.0.1 | localhost | ::1")
        }
        self.server = server
        keyFile = key
        fingerprint = options["--pin"]
        seats = try options.number("--seats", 1...Self.seatsMaximum)
        seconds = try options.number("--seconds", 5...Self.secondsMaximum)
        chats = try options.number("--chats", 0...Self.chatsMaximum)
        votes = try options.number("--votes", 0...seats)
        isJSON = options.has("--json")
        saysWhenItBegins = options.has("--tell-begin")
        guard chats <= seconds * 45 else {
            throw Options.Failure(description: "--chats: a class takes 50 entries a second at most")
        }
    }
}
