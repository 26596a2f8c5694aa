import LiveRelayClient

/// Whom the echo calls.
struct EchoClientSettings {
    let server: ServerAddress
    let fingerprint: String?
    /// How the reports of a conformance suite name this client.
    let agent: String
    /// One connection to this target instead of a suite's cases.
    let target: String?
    let compression: EchoCompression
    let seconds: Int

    static let usage = """
        usage: load-tests echo-client --server ws://127.0.0.1:PORT [--pin SHA256] --seconds N
                                      --agent NAME | --target /PATH [--compression off|fresh|kept]
        Calls and sends every message back. With an agent it asks a fuzzing server of the Autobahn suite how
        many cases it has, lives through each, and lets the reports be written; with a target it calls once.
        """

    init(_ arguments: [String]) throws {
        let options = try Options(arguments, usage: Self.usage)
        guard let server = options["--server"].flatMap({ ServerAddress($0) }),
            ["127.0.0.1", "localhost", "::1"].contains(server.host),
            (options["--agent"] == nil) != (options["--target"] == nil),
            let compression = EchoCompression(said: options["--compression"])
        else { throw options.misuse }
        self.server = server
        self.compression = compression
        fingerprint = options["--pin"]
        agent = options["--agent"] ?? ""
        target = options["--target"]
        seconds = try options.number("--seconds", 1...EchoSettings.secondsMaximum)
    }
}
