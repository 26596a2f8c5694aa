import WebSocketCore

/// One WebSocket of either role that sends every message back, only listens, or says goodbye to
/// the first message.
final class EchoCall: WebSocketDelegate {
    private let echoes: Bool
    private let goodbye: (code: CloseCode, reason: String)?
    private let ended: (_ first: [UInt8], CloseOutcome) -> Void
    private var first: [UInt8]?

    init(
        echoes: Bool = true, goodbye: (code: CloseCode, reason: String)? = nil,
        ended: @escaping (_ first: [UInt8], CloseOutcome) -> Void = { _, _ in }
    ) {
        self.echoes = echoes
        self.goodbye = goodbye
        self.ended = ended
    }

    func opened(_ connection: Connection) {}

    func received(_ message: WebSocketMessage, on connection: Connection) {
        first = first ?? message.bytes
        if let goodbye { return connection.close(goodbye.code, reason: goodbye.reason) }
        guard echoes else { return }
        switch message {
        case .text(let bytes): connection.send(.text(bytes), .reply)
        case .binary(let bytes): connection.send(.binary(bytes), .reply)
        }
    }

    func closed(_ connection: Connection, _ outcome: CloseOutcome) {
        ended(first ?? [], outcome)
    }
}
