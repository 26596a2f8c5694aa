/// Puts fragments together to messages (RFC 6455 §5.4), inflates those that are compressed (RFC 7692 §6.2),
/// with limits on the sum of bytes and the count of fragments, and collects control frames that stand between
/// them.
struct MessageAssembler {
    /// What a finished frame completes.
    enum Whole: Equatable {
        /// A message.
        case message(WebSocketMessage)
        /// A close, ping or pong with its payload.
        case control(Opcode, [UInt8])
    }

    /// Memory set aside on a header's word alone; more is reserved as bytes arrive.
    private static let reserveBytesMaximum = 65_536

    private let messageBytesMaximum: Int
    private let fragmentCountMaximum: Int
    /// What inflates messages, where compression was agreed on.
    private let inflater: MessageInflater?
    /// Whether the message under way is compressed, and then how long it is so far.
    private var packedCount: Int?
    private var kind: Opcode?
    private var message: [UInt8] = []
    private var fragmentCount = 0
    private var validator = UTF8Validator()
    private var control: [UInt8] = []

    init(messageBytesMaximum: Int, fragmentCountMaximum: Int, inflater: MessageInflater? = nil) {
        self.messageBytesMaximum = messageBytesMaximum
        self.fragmentCountMaximum = fragmentCountMaximum
        self.inflater = inflater
    }

    /// A header has come; everything it can break is checked before its payload.
    mutating func begin(_ header: FrameHeader) throws(ProtocolViolation) {
        guard !header.opcode.isControl else {
            control.removeAll(keepingCapacity: true)
            return
        }
        // §5.4: a message begins with its kind and goes on with continuations; messages are not interleaved.
        guard (header.opcode == .continuation) == (kind != nil) else {
            throw ProtocolViolation(
                code: .protocolError, reason: kind == nil ? "nothing to continue" : "message inside a message"
            )
        }
        if kind == nil {
            kind = header.opcode
            validator = UTF8Validator()
            packedCount = header.isCompressed ? 0 : nil
            if header.isCompressed { try inflater?.begin() }
        }
        fragmentCount += 1
        guard fragmentCount <= fragmentCountMaximum else {
            throw ProtocolViolation(code: .tooBig, reason: "too many fragments")
        }
        if let packedCount {
            let packedMaximum = MessageInflater.packedBytesMaximum(messageBytesMaximum)
            guard header.payloadCount <= packedMaximum - packedCount else { throw Self.tooBig }
            self.packedCount = packedCount + header.payloadCount
            return
        }
        guard header.payloadCount <= messageBytesMaximum - message.count else { throw Self.tooBig }
        if header.isFinal && fragmentCount == 1 {
            message.reserveCapacity(min(header.payloadCount, Self.reserveBytesMaximum))
        }
    }

    private static let tooBig = ProtocolViolation(code: .tooBig, reason: "message too big")

    /// A piece of the frame's payload.
    mutating func append(
        _ input: Span<UInt8>, _ range: Range<Int>, phase: Int, of header: FrameHeader
    ) throws(ProtocolViolation) {
        if header.opcode.isControl {
            Self.append(input, range, phase: phase, mask: header.mask, to: &control)
            return
        }
        if packedCount != nil {
            try inflater?.inflate(input, range, phase: phase, mask: header.mask) {
                piece throws(ProtocolViolation) in
                // What a few bytes swell to is bounded before it takes memory; what fits is judged first, so
                // that the verdict is the same however the input was cut.
                let room = messageBytesMaximum - message.count
                try check(piece.prefix(room))
                guard piece.count <= room else { throw Self.tooBig }
                message.append(contentsOf: piece)
            }
            return
        }
        let start = message.count
        Self.append(input, range, phase: phase, mask: header.mask, to: &message)
        try check(message[start...])
    }

    /// §8.1: text that is not UTF-8 fails the connection, and at once rather than at its end.
    private mutating func check(_ piece: ArraySlice<UInt8>) throws(ProtocolViolation) {
        guard kind != .text || validator.accept(piece) else {
            throw ProtocolViolation(code: .invalidPayload, reason: "text is not UTF-8")
        }
    }

    /// The frame is complete; what it completes, if anything.
    mutating func end(_ header: FrameHeader) throws(ProtocolViolation) -> Whole? {
        if header.opcode.isControl {
            return .control(header.opcode, control)
        }
        guard header.isFinal, let kind else { return nil }
        if packedCount != nil { try inflater?.end() }
        guard kind != .text || validator.isComplete else {
            throw ProtocolViolation(code: .invalidPayload, reason: "text ends inside a character")
        }
        var bytes: [UInt8] = []
        swap(&bytes, &message)
        self.kind = nil
        fragmentCount = 0
        return .message(kind == .text ? .text(bytes) : .binary(bytes))
    }

    private static func append(
        _ input: Span<UInt8>, _ range: Range<Int>, phase: Int, mask: MaskKey?, to bytes: inout [UInt8]
    ) {
        let start = bytes.count
        input.extracting(range).withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        if let mask {
            Masking.apply(mask, to: &bytes, in: start..<bytes.count, phase: phase)
        }
    }
}
