/// An immutable, encoded, unmasked frame that any number of connections on any number of loops send without
/// copying; and, where some of them agreed on compression, its compressed forms.
public final class SharedFrame: Sendable {
    /// Header and payload as a server sends them.
    let bytes: [UInt8]
    /// Where the payload begins.
    let payloadOffset: Int
    /// What the frame is.
    public let opcode: Opcode
    /// Whether the payload is compressed (RFC 7692 §6).
    let isCompressed: Bool
    /// Whether it may be compressed.
    let isCompressible: Bool
    private let wide = CompressedForm()
    private let narrow = CompressedForm()

    /// Encodes one whole, unfragmented frame around a payload.
    init(opcode: Opcode, payload: [UInt8], isCompressed: Bool = false, isCompressible: Bool = false) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(payload.count + FrameWriter.serverHeaderBytesMaximum)
        FrameWriter.appendHeader(
            opcode: opcode, isCompressed: isCompressed, payloadCount: payload.count, to: &bytes)
        payloadOffset = bytes.count
        bytes.append(contentsOf: payload)
        self.bytes = bytes
        self.opcode = opcode
        self.isCompressed = isCompressed
        self.isCompressible = isCompressible
    }

    /// Bytes that are not a frame of ours, such as an HTTP answer, for the same queue.
    init(raw bytes: [UInt8]) {
        self.bytes = bytes
        payloadOffset = 0
        opcode = .binary
        isCompressed = false
        isCompressible = false
    }

    /// A text message; the bytes must be valid UTF-8. One that holds a secret beside what others may have
    /// written should not be compressed: its length would tell of the secret.
    public static func text(_ payload: [UInt8], isCompressible: Bool = true) -> SharedFrame {
        SharedFrame(opcode: .text, payload: payload, isCompressible: isCompressible)
    }

    /// A binary message.
    public static func binary(_ payload: [UInt8]) -> SharedFrame {
        SharedFrame(opcode: .binary, payload: payload, isCompressible: true)
    }

    /// Size on the wire as a server sends it, in bytes.
    public var count: Int {
        bytes.count
    }

    /// The message inside, in bytes.
    public var payload: ArraySlice<UInt8> {
        bytes[payloadOffset...]
    }

    /// The form for connections of a shape: compressed by whoever asks first, whatever loop that is on, and
    /// never again. The frame itself where that is not smaller, or not ready.
    func form(_ shape: DeflateShape, _ compress: (SharedFrame) -> SharedFrame?) -> SharedFrame {
        switch shape {
        case .wide: wide.frame { compress(self) } ?? self
        case .narrow: narrow.frame { compress(self) } ?? self
        }
    }
}
