/// Splits bytes into frames.
struct FrameParser {
    /// Payload of a control frame (RFC 6455 §5.5).
    static let controlPayloadBytesMaximum = 125
}
