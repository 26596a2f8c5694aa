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
        var values: [String: String] = [:]
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard name.hasPrefix("--"), let value = rest.popFirst() else {
                throw Settings.Failure(description: Self.usage)
            }
            values[name] = value
        }
        func number(_ name: String, _ bounds: ClosedRange<Int>) throws -> Int {
            guard let value = values[name].flatMap(Int.init), bounds.contains(value) else {
                let range = "\(bounds.lowerBound)…\(bounds.upperBound)"
                throw Settings.Failure(description: "\(name): \(range)\n\(Self.usage)")
            }
            return value
        }
        guard let link = values["--lecturer"].flatMap({ ClassLink($0) }), let server = link.server,
            link.token != nil, let code = values["--code"], let journal = values["--journal"]
        else { throw Settings.Failure(description: Self.usage) }
        lecturer = link
        self.server = server
        self.code = code
        journalFile = journal
        fingerprint = values["--pin"]
        seats = try number("--seats", 1...Self.seatsMaximum)
        commandsPerSecond = try number("--commands-per-second", 0...Self.commandsPerSecondMaximum)
        seed = UInt64(try number("--seed", 0...Int.max))
    }
}
