@testable import WebSocketCore

/// Chunked bodies (RFC 9112 §7.1): the same however they are cut, no more than was sent, and the same as a
/// second reader finds.
enum ChunksFuzz {
    struct Outcome: Equatable {
        var body: [UInt8] = []
        var isEnded = false
        /// What stands behind the end and is not the body's.
        var bytesLeft = 0
        var violation: HTTPViolation?
    }

    /// Small, so that short inputs reach all of them.
    static let limits = {
        var limits = TransportLimits()
        limits.headBytesMaximum = 200
        limits.fieldCountMaximum = 4
        return limits
    }()

    /// So often a short input is repeated to reach what is bounded for a whole body.
    private static let repetitions = 70
    /// Longer ones are not repeated.
    private static let repeatedBytesMaximum = 300

    static func check(_ given: FuzzInput) throws(FuzzFault) {
        var input = given
        let outcome: Outcome
        if given.chooses(5), given.chooses(6), given.chooses(7), given.bytes.count <= repeatedBytesMaximum {
            let bytes = Array(repeatElement(given.bytes, count: repetitions).joined())
            input = FuzzInput(given, bytes: bytes)
            outcome = read(bytes, [bytes.indices])
        } else {
            outcome = try given.read(read)
        }
        try require(outcome.body.count + outcome.bytesLeft <= input.bytes.count, "more than was sent")
        let plain = PlainChunks(input.bytes, limits: limits)
        try require(outcome.body == plain.body, "\(outcome), plainly \(plain)")
        try require(outcome.isEnded == plain.isEnded, "\(outcome), plainly \(plain)")
        try require(outcome.violation?.status == plain.refusal, "\(outcome), plainly \(plain)")
        try require(!outcome.isEnded || outcome.bytesLeft == plain.bytesLeft, "\(outcome), plainly \(plain)")
        try checkWritten(outcome.body, input)
    }

    private static func read(_ bytes: [UInt8], _ pieces: [Range<Int>]) -> Outcome {
        var reader = ChunkedReader(limits: limits)
        var outcome = Outcome()
        do throws(HTTPViolation) {
            for piece in pieces {
                let span = bytes.span.extracting(piece)
                var position = 0
                var step = try reader.step(span, &position)
                while case .bytes(let part) = step {
                    outcome.body += bytes[piece][(piece.lowerBound + part.lowerBound)...].prefix(part.count)
                    step = try reader.step(span, &position)
                }
                guard step == .end else { continue }
                outcome.isEnded = true
                outcome.bytesLeft = bytes.count - piece.lowerBound - position
                break
            }
        } catch {
            outcome.violation = error
        }
        return outcome
    }

    /// What was read, written as one chunk, is read as the same, and what follows is left alone.
    private static func checkWritten(_ body: [UInt8], _ input: FuzzInput) throws(FuzzFault) {
        guard !body.isEmpty else { return }
        let end = Array("\r\n0\r\n\r\n".utf8)
        let bytes = Array((String(body.count, radix: 16) + "\r\n").utf8) + body + end + [0x47]
        let again = try FuzzInput(input, bytes: bytes).read(read)
        try require(again == Outcome(body: body, isEnded: true, bytesLeft: 1), "\(bytes) is read as \(again)")
    }
}
