import WebSocketCore

/// Runs the echo until its time is over.
struct EchoScenario {
    /// As many as the machines that are measured have processors.
    private static let loopCount = 2

    private struct Listening: Encodable {
        let url: String
        /// SHA-256 of the certificate; nil without TLS.
        let fingerprint: String?
    }

    private let settings: EchoSettings

    init(_ settings: EchoSettings) { self.settings = settings }

    func run() async throws {
        DescriptorLimit.raise()
        let certificate = try settings.certificateFolder.map {
            try SelfSignedCertificate.loadOrCreate(folder: $0)
        }
        let tls = try certificate.map {
            try TLSContext.server(certificatePath: $0.certificatePath, keyPath: $0.keyPath)
        }
        let loops = try (0..<Self.loopCount).map { try EventLoop(index: $0, label: "echo.\($0)") }
        let configuration = HTTPServer.Configuration(
            host: "127.0.0.1", port: settings.port, tls: tls, limits: .echo(settings.compression))
        let server = try HTTPServer(configuration, loops: loops) { _ in EchoService() }
        Orders.say(
            Listening(
                url: "\(tls == nil ? "ws" : "wss")://127.0.0.1:\(server.boundPort)",
                fingerprint: certificate?.fingerprint))
        try await Task.sleep(for: .seconds(settings.seconds))
        await server.stop(closing: .goingAway, reason: "", flushMilliseconds: 1_000)
        for loop in loops { await loop.shutdown() }
    }
}
