/// An immutable, encoded, unmasked frame that any number of connections on any number of loops send without
/// copying.
public final class SharedFrame: Sendable {
    /// Header and payload as a server sends them.
    let bytes: [UInt8]
    /// Where the payload begins.
    let payloadOffset: Int
    /// What the frame is.
    public let opcode: Opcode

    /// Encodes one whole, unfragmented frame around a payload.
    init(opcode: Opcode, payload: [UInt8]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(payload.count + FrameWriter.serverHeaderBytesMaximum)
        FrameWriter.appendHeader(opcode: opcode, payloadCount: payload.count, to: &bytes)
        payloadOffset = bytes.count
        bytes.append(contentsOf: payload)
        self.bytes = bytes
        self.opcode = opcode
    }

    /// Bytes that are not a frame of ours, such as an HTTP answer, for the same queue.
    init(raw bytes: [UInt8]) {
        self.bytes = bytes
        payloadOffset = 0
        opcode = .binary
    }

    /// A text message; the bytes must be valid UTF-8.
    public static func text(_ payload: [UInt8]) -> SharedFrame {
        SharedFrame(opcode: .text, payload: payload)
    }

    /// A binary message.
    public static func binary(_ payload: [UInt8]) -> SharedFrame {
        SharedFrame(opcode: .binary, payload: payload)
    }

    /// Size on the wire as a server sends it, in bytes.
    public var count: Int {
        bytes.count
    }

    /// The message inside, in bytes.
    public var payload: ArraySlice<UInt8> {
        bytes[payloadOffset...]
    }
}
