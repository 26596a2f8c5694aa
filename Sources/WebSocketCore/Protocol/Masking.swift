/// The mask of RFC 6455 §5.3: every byte from a client is combined with one of four key bytes in turn.
struct MaskKey: Sendable, Equatable {
    /// The four key bytes, the first in the highest byte.
    let rawValue: UInt32

    /// The key byte for a position in the payload.
    func byte(at position: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: rawValue >> (24 - 8 * UInt32(position & 3)))
    }

    /// The key as eight bytes in memory order, beginning at a position in the payload.
    func word(at position: Int) -> UInt64 {
        let turned =
            rawValue << (8 * UInt32(position & 3)) | rawValue >> ((32 - 8 * UInt32(position & 3)) & 31)
        let key = position & 3 == 0 ? rawValue : turned
        return (UInt64(key) << 32 | UInt64(key)).bigEndian
    }
}

/// Applies masks, a machine word at a time.
enum Masking {
    /// Masks or unmasks `bytes[range]` in place; `phase` is the position of the range's first byte in its
    /// payload.
    static func apply(_ key: MaskKey, to bytes: inout [UInt8], in range: Range<Int>, phase: Int) {
        let word = key.word(at: phase)
        bytes.withUnsafeMutableBytes { buffer in
            // Bounds are checked once here; the loop below stays inside them.
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[range])
            var position = 0
            while position &+ 8 <= part.count {
                let masked = part.loadUnaligned(fromByteOffset: position, as: UInt64.self) ^ word
                part.storeBytes(of: masked, toByteOffset: position, as: UInt64.self)
                position &+= 8
            }
            while position < part.count {
                part[position] ^= key.byte(at: phase &+ position)
                position &+= 1
            }
        }
    }
}
