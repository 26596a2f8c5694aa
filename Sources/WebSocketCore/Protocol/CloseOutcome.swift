/// How a connection ended.
public enum CloseOutcome: Sendable, Equatable {
    /// By the closing handshake of RFC 6455 §7; the code and reason are those of whoever began it. `noCode`
    /// when the close frame held none.
    case closed(CloseCode, reason: String, byPeer: Bool)
    /// In any other way.
    case failed(ConnectionFailure)
}
