@testable import WebSocketCore

/// A service whose answers are closures.
final class TestService: HTTPService {
    private let inbox: Inbox<Observer.Event>
    private let answer: (HTTPRequest, HTTPExchange) -> Void
    private let talk: (WebSocketMessage, Connection) -> Void

    init(
        _ inbox: Inbox<Observer.Event>,
        answer: @escaping (HTTPRequest, HTTPExchange) -> Void = TestService.describe,
        talk: @escaping (WebSocketMessage, Connection) -> Void = Observer.echo
    ) {
        self.inbox = inbox
        self.answer = answer
        self.talk = talk
    }

    func bodyBytesMaximum(method: HTTPMethod, path: String) -> Int {
        1_000
    }

    func respond(to request: HTTPRequest, _ exchange: HTTPExchange) {
        answer(request, exchange)
    }

    func upgrade(_ request: HTTPRequest, _ connection: Connection) -> UpgradeDecision {
        guard request.path != "/refuse" else { return .refuse(.text(403, "refused")) }
        return .accept(
            subprotocol: request.offeredSubprotocols.first, delegate: Observer(inbox, answer: talk))
    }

    /// Says what was asked.
    static func describe(_ request: HTTPRequest, _ exchange: HTTPExchange) {
        exchange.respond(
            .text(
                200,
                "\(request.method.rawValue) \(request.path) \(String(decoding: request.body, as: UTF8.self))")
        )
    }
}
