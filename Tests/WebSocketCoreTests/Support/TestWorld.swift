import Glibc

@testable import WebSocketCore

/// A server on 127.0.0.1 and a loop for clients, for one test.
final class TestWorld: Sendable {
    let loops: [EventLoop]
    let clientLoop: EventLoop
    let server: HTTPServer
    /// What the server's delegates saw.
    let inbox = Inbox<Observer.Event>()

    var port: UInt16 {
        server.boundPort
    }

    init(
        tls: TLSContext? = nil, plainPolicy: PlainPolicy = .redirectToTLS, proxies: ProxyTrust = .nobody,
        loopCount: Int = 1,
        _ change: (inout TransportLimits) -> Void = { _ in },
        answer: @escaping @Sendable (HTTPRequest, HTTPExchange) -> Void = TestService.describe,
        talk: @escaping @Sendable (WebSocketMessage, Connection) -> Void = Observer.echo
    ) throws {
        var limits = TransportLimits()
        change(&limits)
        loops = try (0..<loopCount).map { try EventLoop(index: $0, label: "test.server.\($0)") }
        clientLoop = try EventLoop(index: 9, label: "test.client")
        let inbox = inbox
        let configuration = HTTPServer.Configuration(
            host: "127.0.0.1", port: 0, tls: tls, plainPolicy: plainPolicy, proxies: proxies,
            limits: limits)
        server = try HTTPServer(configuration, loops: loops) { _ in
            TestService(inbox, answer: answer, talk: talk)
        }
    }

    /// A WebSocket client; what it sees arrives in the inbox.
    func connect(
        path: String = "/", port: UInt16? = nil, host: String = "127.0.0.1", tls: TLSContext? = nil,
        subprotocols: [String] = [], limits: TransportLimits = TransportLimits(),
        answer: @escaping @Sendable (WebSocketMessage, Connection) -> Void = { _, _ in }
    ) -> Inbox<Observer.Event> {
        let inbox = Inbox<Observer.Event>()
        let port = port ?? self.port
        clientLoop.execute { core in
            ClientConnector.connect(
                to: host, port: port, tls: tls, path: path, subprotocols: subprotocols, on: core,
                limits: limits,
                delegate: Observer(inbox, answer: answer))
        }
        return inbox
    }

    /// One request by our own client.
    func fetch(
        _ method: HTTPMethod = .get, _ target: String, host: String = "127.0.0.1", tls: TLSContext? = nil,
        headers: HTTPHeaders = [:], body: [UInt8] = []
    ) async -> Result<HTTPClient.Answer, ConnectionFailure> {
        let port = port
        return await withCheckedContinuation { continuation in
            clientLoop.execute { core in
                HTTPClient.request(
                    method, host: host, port: port, tls: tls, target: target, headers: headers, body: body,
                    on: core
                ) { continuation.resume(returning: $0) }
            }
        }
    }

    /// Runs on the loop of a server's connection and gives what comes of it.
    func onServer<Value: Sendable>(_ loop: Int = 0, _ work: @escaping @Sendable (LoopCore) -> Value) async
        -> Value
    {
        await withCheckedContinuation { continuation in
            loops[loop].execute { continuation.resume(returning: work($0)) }
        }
    }

    /// Stops everything.
    func end() async {
        await server.stop(closing: .goingAway, reason: "end of test", flushMilliseconds: 1_000)
        for loop in loops + [clientLoop] { await loop.shutdown() }
    }
}

/// Waits for the opening of a connection and gives its name.
func opened(_ inbox: Inbox<Observer.Event>) async throws -> ConnectionID {
    guard case .opened(let id) = try await inbox.next() else { throw UnexpectedEvent() }
    return id
}

/// Waits for the end of a connection, past messages.
func closed(_ inbox: Inbox<Observer.Event>) async throws -> CloseOutcome {
    while true {
        if case .closed(let outcome) = try await inbox.next() { return outcome }
    }
}

/// Something else than what a test waits for.
struct UnexpectedEvent: Error {}
