import LiveRelayClient

/// What is loaded, how much and for how long. Counts and seconds must be said, and are bounded: nobody loads
/// a server for an hour by a slip.
struct Settings {
    /// Why the command line is wrong.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

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

    static let usage = """
        usage: load-tests --server https://127.0.0.1:PORT --key-file FILE [--pin SHA256] [--json]
                          --seats N --seconds N --chats N --votes N
        """

    init(_ arguments: [String]) throws {
        var values: [String: String] = [:]
        var rest = arguments[...]
        var isJSON = false
        while let name = rest.popFirst() {
            if name == "--json" {
                isJSON = true
            } else if name.hasPrefix("--"), let value = rest.popFirst() {
                values[name] = value
            } else {
                throw Failure(description: Self.usage)
            }
        }
        func number(_ name: String, _ bounds: ClosedRange<Int>) throws -> Int {
            guard let value = values[name].flatMap(Int.init), bounds.contains(value) else {
                let range = "\(bounds.lowerBound)…\(bounds.upperBound)"
                throw Failure(description: "\(name): \(range)\n\(Self.usage)")
            }
            return value
        }
        guard let server = values["--server"].flatMap({ ServerAddress($0) }), let key = values["--key-file"]
        else { throw Failure(description: Self.usage) }
        guard ["127.0.0.1", "localhost", "::1"].contains(server.host) else {
            throw Failure(description: "--server: 127.0.0.1 | localhost | ::1")
        }
        self.server = server
        keyFile = key
        fingerprint = values["--pin"]
        seats = try number("--seats", 1...Self.seatsMaximum)
        seconds = try number("--seconds", 5...Self.secondsMaximum)
        chats = try number("--chats", 0...Self.chatsMaximum)
        votes = try number("--votes", 0...seats)
        self.isJSON = isJSON
        guard chats <= seconds * 45 else {
            throw Failure(description: "--chats: a class takes 50 entries a second at most")
        }
    }
}
