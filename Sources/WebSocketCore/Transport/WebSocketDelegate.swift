/// What hears of a WebSocket. Called on the connection's loop only; a connection keeps its delegate until
/// `closed`.
public protocol WebSocketDelegate: AnyObject {
    /// The handshake is done; frames may be sent.
    func opened(_ connection: Connection)
    /// A whole message has come.
    func received(_ message: WebSocketMessage, on connection: Connection)
    /// The connection has ended; called exactly once, never from inside a call made by the delegate. A
    /// client's delegate gets it without `opened` when the connection never came to be.
    func closed(_ connection: Connection, _ outcome: CloseOutcome)
}
