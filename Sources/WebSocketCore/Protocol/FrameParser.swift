/// Splits a byte stream into frame headers and pieces of payload (RFC 6455 §5.2).
///
/// All rules that a header alone can break are checked at the byte that breaks them, before anything is
/// buffered. Nothing is copied: pieces of payload are ranges of the input.
struct FrameParser {
    /// Payload of a control frame (RFC 6455 §5.5).
    static let controlPayloadBytesMaximum = 125

    /// What the next bytes hold.
    enum Step: Equatable {
        /// The input is used up.
        case needsMore
        /// A header is complete.
        case header(FrameHeader)
        /// These bytes of the input belong to the frame; the first stands at `phase` in its payload.
        case payload(FrameHeader, Range<Int>, phase: Int)
        /// The frame is complete.
        case end(FrameHeader)
    }

    /// The first byte of a frame.
    private struct Start {
        let isFinal: Bool
        let isCompressed: Bool
        let opcode: Opcode

        func header(payloadCount: Int, mask: MaskKey?) -> FrameHeader {
            FrameHeader(
                isFinal: isFinal, opcode: opcode, payloadCount: payloadCount, mask: mask,
                isCompressed: isCompressed)
        }
    }

    private enum State {
        /// Before the first byte of a frame.
        case start
        /// Flags and opcode are known; the length byte is next.
        case length(Start)
        /// Collecting an extended length of `size` bytes.
        case extendedLength(Start, size: Int, taken: Int, value: UInt64)
        /// Collecting the mask key.
        case mask(Start, payloadCount: Int, taken: Int, key: UInt32)
        /// Inside the payload.
        case payload(FrameHeader, taken: Int)
    }

    private let expectsMask: Bool
    private let payloadBytesMaximum: Int
    private let allowsCompression: Bool
    private var state = State.start

    /// A parser for the frames of the other role. `payloadBytesMaximum` bounds one frame; with compression
    /// agreed on, messages may be marked as compressed.
    init(peer: ConnectionMachine.Role, payloadBytesMaximum: Int, allowsCompression: Bool = false) {
        expectsMask = peer == .client
        self.payloadBytesMaximum = payloadBytesMaximum
        self.allowsCompression = allowsCompression
    }

    /// The next thing in the input from `position` on, which moves past it.
    mutating func step(_ input: Span<UInt8>, _ position: inout Int) throws(ProtocolViolation) -> Step {
        while true {
            if case .payload(let header, let taken) = state {
                if taken == header.payloadCount {
                    state = .start
                    return .end(header)
                }
                guard position < input.count else { return .needsMore }
                let end = min(input.count, position + (header.payloadCount - taken))
                let piece = position..<end
                state = .payload(header, taken: taken + piece.count)
                position = end
                return .payload(header, piece, phase: taken)
            }
            guard position < input.count else { return .needsMore }
            let byte = input[position]
            position += 1
            if let header = try headerByte(byte) {
                state = .payload(header, taken: 0)
                return .header(header)
            }
        }
    }

    private mutating func headerByte(_ byte: UInt8) throws(ProtocolViolation) -> FrameHeader? {
        switch state {
        case .start:
            try startByte(byte)
            return nil
        case .length(let start):
            return try lengthByte(byte, start)
        case .extendedLength(let start, let size, let taken, let value):
            let value = value << 8 | UInt64(byte)
            guard taken + 1 == size else {
                state = .extendedLength(start, size: size, taken: taken + 1, value: value)
                return nil
            }
            return try lengthKnown(start, try checked(value, size: size))
        case .mask(let start, let payloadCount, let taken, let key):
            let key = key << 8 | UInt32(byte)
            guard taken + 1 == 4 else {
                state = .mask(start, payloadCount: payloadCount, taken: taken + 1, key: key)
                return nil
            }
            return start.header(payloadCount: payloadCount, mask: MaskKey(rawValue: key))
        case .payload:
            return nil
        }
    }

    private mutating func startByte(_ byte: UInt8) throws(ProtocolViolation) {
        guard let opcode = Opcode(rawValue: byte & 0x0F) else {
            throw ProtocolViolation(code: .protocolError, reason: "reserved opcode")
        }
        // §5.2: reserved bits are zero unless an extension defines them. RFC 7692 §6 defines the first one,
        // and that only for the first frame of a message.
        let isCompressed = byte & 0x40 != 0
        let mayBeCompressed = allowsCompression && (opcode == .text || opcode == .binary)
        guard byte & 0x30 == 0, !isCompressed || mayBeCompressed else {
            throw ProtocolViolation(code: .protocolError, reason: "reserved bit set")
        }
        let isFinal = byte & 0x80 != 0
        // §5.5: control frames are not fragmented.
        guard isFinal || !opcode.isControl else {
            throw ProtocolViolation(code: .protocolError, reason: "fragmented control frame")
        }
        state = .length(Start(isFinal: isFinal, isCompressed: isCompressed, opcode: opcode))
    }

    private mutating func lengthByte(_ byte: UInt8, _ start: Start) throws(ProtocolViolation) -> FrameHeader?
    {
        // §5.1: a client masks every frame, a server none.
        guard (byte & 0x80 != 0) == expectsMask else {
            throw ProtocolViolation(
                code: .protocolError, reason: expectsMask ? "unmasked client frame" : "masked server frame")
        }
        let length = byte & 0x7F
        // §5.5: control frames carry at most 125 bytes.
        guard !start.opcode.isControl || length <= Self.controlPayloadBytesMaximum else {
            throw ProtocolViolation(code: .protocolError, reason: "control frame too long")
        }
        if length < 126 {
            return try lengthKnown(start, try checked(UInt64(length), size: 0))
        }
        state = .extendedLength(start, size: length == 126 ? 2 : 8, taken: 0, value: 0)
        return nil
    }

    private func checked(_ value: UInt64, size: Int) throws(ProtocolViolation) -> Int {
        // §5.2: the most significant bit of a 64-bit length is zero, and the shortest form is used.
        let smallest: UInt64 = size == 0 ? 0 : size == 2 ? 126 : 0x1_0000
        guard value >> 63 == 0, value >= smallest else {
            throw ProtocolViolation(code: .protocolError, reason: "malformed length")
        }
        guard value <= UInt64(payloadBytesMaximum) else {
            throw ProtocolViolation(code: .tooBig, reason: "frame too big")
        }
        return Int(value)
    }

    private mutating func lengthKnown(
        _ start: Start, _ payloadCount: Int
    ) throws(ProtocolViolation) -> FrameHeader? {
        guard expectsMask else {
            return start.header(payloadCount: payloadCount, mask: nil)
        }
        state = .mask(start, payloadCount: payloadCount, taken: 0, key: 0)
        return nil
    }
}
