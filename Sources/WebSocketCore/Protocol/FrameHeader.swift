/// The part of a frame before its payload (RFC 6455 §5.2).
struct FrameHeader: Equatable, Sendable {
    /// Whether this is the last fragment of its message.
    let isFinal: Bool
    /// What the frame is.
    let opcode: Opcode
    /// The announced payload, in bytes.
    let payloadCount: Int
    /// The key of a client's frame.
    let mask: MaskKey?
    /// Whether it begins a compressed message (RFC 7692 §6).
    var isCompressed = false
}
