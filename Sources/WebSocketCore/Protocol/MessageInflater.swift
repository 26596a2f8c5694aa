/// Inflates the messages of one connection.
final class MessageInflater {
    private let shared: SharedCompression
    /// The window of a peer whose messages refer to earlier ones.
    private let contextWindowBits: Int?
    /// At work on a message, or kept with its window.
    private var inflater: Inflater?

    /// With a window the peer keeps a context, and so do we. zlib writes for a window of 2^8 as for 2^9.
    init(shared: SharedCompression, contextWindowBits: Int?) {
        self.shared = shared
        self.contextWindowBits = contextWindowBits
    }

    /// How long a message of this size can be when it is compressed: what does not shrink grows by as much as
    /// zlib's `deflateBound` allows for an encoder with little memory.
    static func packedBytesMaximum(_ messageBytes: Int) -> Int {
        let (sum, overflow) = messageBytes.addingReportingOverflow(messageBytes / 8 + messageBytes / 64 + 64)
        return overflow ? .max : sum
    }

    /// A compressed message begins.
    func begin() throws(ProtocolViolation) {
        guard inflater == nil else { return }
        inflater = contextWindowBits.map { Inflater(windowBits: $0) } ?? shared.takeInflater()
        guard inflater != nil else {
            throw ProtocolViolation(code: .serverFailure, reason: "no memory to inflate with")
        }
    }

    /// Inflates a part of a frame's payload that begins at `phase`, and hands over what comes of it in
    /// pieces: each is looked at before the next is made.
    func inflate(
        _ input: Span<UInt8>, _ range: Range<Int>, phase: Int, mask: MaskKey?,
        _ take: (ArraySlice<UInt8>) throws(ProtocolViolation) -> Void
    ) throws(ProtocolViolation) {
        if shared.piece.isEmpty { shared.piece = Array(repeating: 0, count: SharedCompression.pieceBytes) }
        var start = range.lowerBound
        while start < range.upperBound {
            let end = min(start + SharedCompression.unmaskedBytes, range.upperBound)
            shared.unmasked.removeAll(keepingCapacity: true)
            input.extracting(start..<end).withUnsafeBufferPointer { shared.unmasked.append(contentsOf: $0) }
            if let mask {
                Masking.apply(
                    mask, to: &shared.unmasked, in: 0..<end - start, phase: phase + start - range.lowerBound)
            }
            try inflateUnmasked(take)
            start = end
        }
    }

    /// The message is complete.
    func end() throws(ProtocolViolation) {
        guard let inflater, inflater.endMessage() else { throw Self.broken }
        guard contextWindowBits == nil else { return }
        self.inflater = nil
        shared.giveBack(inflater)
    }

    private static let broken = ProtocolViolation(code: .invalidPayload, reason: "broken compressed data")

    private func inflateUnmasked(
        _ take: (ArraySlice<UInt8>) throws(ProtocolViolation) -> Void
    ) throws(ProtocolViolation) {
        guard let inflater else { throw Self.broken }
        var position = 0
        var mayHoldMore = true
        while mayHoldMore {
            let count = shared.unmasked.withUnsafeBufferPointer {
                inflater.inflate($0, &position, &shared.piece)
            }
            guard let count else { throw Self.broken }
            shared.inflatedBytes += count
            try take(shared.piece[..<count])
            mayHoldMore = count == shared.piece.count || inflater.isBroken
        }
    }
}
