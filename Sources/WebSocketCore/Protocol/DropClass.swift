/// What may happen to a frame that waits for a full socket.
public enum DropClass: Sendable, Equatable {
    /// Never dropped; too much of it waiting closes the connection.
    case control
    /// Dropped, oldest first, when it has waited longer than this.
    case media(ageLimitMilliseconds: UInt64)
}
