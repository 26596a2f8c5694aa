/// What may happen to a frame that waits for a full socket, and what it means for its peer meanwhile.
public enum DropClass: Sendable, Equatable {
    /// Never dropped; too much of it waiting closes the connection.
    case control
    /// As control, for what the peer itself has asked for. While too much of it waits nothing more is read
    /// from the peer, which could else make us owe it more for ever. Only a side that is asked may answer
    /// so: two that held each other back would both wait.
    case reply
    /// Dropped, oldest first, when it has waited longer than this.
    case media(ageLimitMilliseconds: UInt64)

    /// Whether it is never dropped.
    public var isKept: Bool {
        switch self {
        case .control, .reply: true
        case .media: false
        }
    }
}
