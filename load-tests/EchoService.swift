import WebSocketCore

/// Accepts every WebSocket, with the first subprotocol that is offered, and sends everything back.
final class EchoService: HTTPService {
    func respond(to request: HTTPRequest, _ exchange: HTTPExchange) {
        exchange.respond(.text(426, "a WebSocket is spoken here"))
    }

    func upgrade(_ request: HTTPRequest, _ connection: Connection) -> UpgradeDecision {
        let code = request.queryValue("close").flatMap { UInt16($0) }.map { CloseCode(rawValue: $0) }
        if let code, !code.isSendable { return .refuse(.text(400, "close=\(code) may not be sent")) }
        let goodbye = code.map { (code: $0, reason: request.queryValue("reason") ?? "") }
        return .accept(
            subprotocol: request.offeredSubprotocols.first, delegate: EchoCall(goodbye: goodbye))
    }
}
