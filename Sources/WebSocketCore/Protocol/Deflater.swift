import CZlib

/// Compresses messages, one call each (RFC 7692 §7.2.1). A pure calculation; owned by one loop.
final class Deflater {
    /// What a message may grow to where it does not shrink; zlib's own `deflateBound`, and a flush.
    private static func packedBytesMaximum(_ count: Int) -> Int {
        count + count / 8 + count / 64 + 64
    }
    /// zlib's fastest. At its usual level, 6, JSON of ours becomes at most a tenth smaller, in twice the
    /// time; see `docs/decisions/005-compression.md`.
    private static let level: Int32 = 1
    /// Tables of 16 KiB; more gain nothing with a window of 4 KiB.
    private static let memoryLevel: Int32 = 4
    /// zlib has no raw window of 2^8 bytes. With 2^9 it refers back by at most 2^9 − 262 = 250 bytes, which
    /// a window of 2^8 holds as well.
    private static let windowBitsMinimum = 9
    /// Ends every flushed stream, and is not sent (§7.2.1).
    private static let tailBytes = 4

    /// zlib keeps the address of the stream, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private let keepsContext: Bool

    /// Nil where there is no memory.
    init?(windowBits: Int, keepsContext: Bool) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let bits = Int32(max(windowBits, Self.windowBitsMinimum))
        // A negative number asks for raw DEFLATE, without a wrapper.
        guard lr_deflate_init(stream, Self.level, -bits, Self.memoryLevel) == Z_OK else {
            stream.deallocate()
            return nil
        }
        self.stream = stream
        self.keepsContext = keepsContext
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// The payload of the compressed message. Nil when it would not be smaller, or there is no memory: then
    /// the message goes as it is, and the peer's window knows nothing of it.
    func compress(_ message: ArraySlice<UInt8>) -> [UInt8]? {
        // §7.2.3.6: nothing at all is one byte. zlib would say nothing when asked to flush twice.
        guard !message.isEmpty else { return [0] }
        if !keepsContext { deflateReset(stream) }
        let capacity =
            keepsContext ? Self.packedBytesMaximum(message.count) : message.count + Self.tailBytes
        guard let packed = run(message, capacity: capacity) else {
            // What zlib has taken in was not sent, so that nothing later may refer to it.
            deflateReset(stream)
            return nil
        }
        return packed
    }

    /// All of the message in one step; nil when it does not fit.
    private func run(_ message: ArraySlice<UInt8>, capacity: Int) -> [UInt8]? {
        guard capacity < Int32.max else { return nil }
        var isWhole = false
        let packed = [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
            message.withUnsafeBufferPointer { source in
                // zlib reads through a pointer that C does not declare constant.
                stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                stream.pointee.avail_in = UInt32(source.count)
                stream.pointee.next_out = target.baseAddress
                stream.pointee.avail_out = UInt32(capacity)
                // With room left over, everything is out and ends on a whole byte with 00 00 FF FF.
                isWhole = deflate(stream, Z_SYNC_FLUSH) == Z_OK && stream.pointee.avail_out > 0
                count = isWhole ? capacity - Int(stream.pointee.avail_out) - Self.tailBytes : 0
            }
            stream.pointee.next_in = nil
            stream.pointee.next_out = nil
        }
        return isWhole ? packed : nil
    }
}
