/// Takes the chunked transfer coding off a body (RFC 9112 §7.1). Extensions and trailer fields are read
/// strictly and dropped (§7.1.1, §7.1.2): nobody here knows any.
struct ChunkedReader {
    /// What the next bytes hold.
    enum Step: Equatable {
        /// The input is used up.
        case needsMore
        /// These positions of the input are bytes of the body.
        case bytes(Range<Int>)
        /// The body is complete, its trailer read.
        case end
    }

    private enum State {
        case size(line: [UInt8])
        case chunk(remaining: Int)
        /// The CR LF after a chunk.
        case chunkEnd(taken: Int)
        case trailer(HeadReader)
    }

    /// A chunk-size line with its extensions; real ones are shorter than ten bytes.
    private static let lineBytesMaximum = 256
    /// All extensions of a body together: many chunks of one byte must not bring 256 bytes each.
    private static let extensionBytesMaximum = 16_384
    /// Digits of a size: less than 4 GiB, and no overflow.
    private static let sizeDigitsMaximum = 8

    private let limits: TransportLimits
    private var state = State.size(line: [])
    private var extensionBytes = 0

    init(limits: TransportLimits) {
        self.limits = limits
    }

    /// The next thing in the input from `position` on, which moves past it.
    mutating func step(_ input: Span<UInt8>, _ position: inout Int) throws(HTTPViolation) -> Step {
        while true {
            switch state {
            // The state lets go of what is added to, so that it grows in place.
            case .size(var line):
                state = .size(line: [])
                guard try readSize(input, &position, &line) else { return .needsMore }
            case .chunk(let remaining):
                let end = min(input.count, position + remaining)
                guard end > position else { return .needsMore }
                let taken = position..<end
                position = end
                state =
                    taken.count < remaining ? .chunk(remaining: remaining - taken.count) : .chunkEnd(taken: 0)
                return .bytes(taken)
            case .chunkEnd(let taken):
                guard position < input.count else { return .needsMore }
                guard input[position] == (taken == 0 ? 0x0D : 0x0A) else { throw .bad("malformed chunk") }
                position += 1
                state = taken == 0 ? .chunkEnd(taken: 1) : .size(line: [])
            case .trailer(var reader):
                state = .size(line: [])
                let found = try reader.read(input, &position)
                state = .trailer(reader)
                return found == nil ? .needsMore : .end
            }
        }
    }

    /// Reads a chunk-size line of which so much has come; false when the input is used up.
    private mutating func readSize(
        _ input: Span<UInt8>, _ position: inout Int, _ line: inout [UInt8]
    ) throws(HTTPViolation) -> Bool {
        while position < input.count {
            let byte = input[position]
            position += 1
            guard line.count < Self.lineBytesMaximum else { throw .bad("malformed chunk") }
            if byte != 0x0A {
                line.append(byte)
                continue
            }
            guard line.popLast() == 0x0D else { throw .bad("malformed chunk") }
            let size = try size(of: line)
            state = size > 0 ? .chunk(remaining: size) : .trailer(HeadReader(trailerOf: limits))
            return true
        }
        state = .size(line: line)
        return false
    }

    private mutating func size(of line: [UInt8]) throws(HTTPViolation) -> Int {
        let digits = line.prefix(while: Self.isHexadecimal)
        guard !digits.isEmpty, digits.count <= Self.sizeDigitsMaximum,
            let size = Int(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw .bad("malformed chunk size") }
        let rest = line[digits.endIndex...]
        extensionBytes += rest.count
        // Only blanks may stand before the semicolon, and nothing that another reader could take for the end
        // of the line.
        guard rest.isEmpty || rest.first(where: { $0 != 0x20 && $0 != 0x09 }) == 0x3B,
            rest.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }),
            extensionBytes <= Self.extensionBytesMaximum
        else { throw .bad("malformed chunk extension") }
        return size
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}
