@testable import WebSocketCore

/// A delegate that reports to an inbox and does what it was told with messages.
final class Observer: WebSocketDelegate {
    /// What happened to a connection.
    enum Event: Sendable, Equatable {
        case opened(ConnectionID)
        case received(WebSocketMessage)
        case closed(CloseOutcome)
    }

    private let inbox: Inbox<Event>
    private let answer: (WebSocketMessage, Connection) -> Void

    init(_ inbox: Inbox<Event>, answer: @escaping (WebSocketMessage, Connection) -> Void = { _, _ in }) {
        self.inbox = inbox
        self.answer = answer
    }

    func opened(_ connection: Connection) {
        inbox.put(.opened(connection.id))
    }

    func received(_ message: WebSocketMessage, on connection: Connection) {
        inbox.put(.received(message))
        answer(message, connection)
    }

    func closed(_ connection: Connection, _ outcome: CloseOutcome) {
        inbox.put(.closed(outcome))
    }

    /// Sends everything back.
    static func echo(_ message: WebSocketMessage, _ connection: Connection) {
        say(message, connection, .reply)
    }

    /// Sends a message.
    static func say(_ message: WebSocketMessage, _ connection: Connection, _ dropClass: DropClass = .control)
    {
        switch message {
        case .text(let bytes): connection.send(.text(bytes), dropClass)
        case .binary(let bytes): connection.send(.binary(bytes), dropClass)
        }
    }
}
