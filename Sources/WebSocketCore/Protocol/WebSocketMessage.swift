/// One whole message of a peer (RFC 6455 §5.6).
public enum WebSocketMessage: Sendable, Equatable {
    /// Text; the bytes are valid UTF-8.
    case text([UInt8])
    /// Any bytes.
    case binary([UInt8])

    /// The bytes of either kind.
    public var bytes: [UInt8] {
        switch self {
        case .text(let bytes), .binary(let bytes): bytes
        }
    }
}
