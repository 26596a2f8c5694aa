import CZlib

/// Packs bytes for `Content-Encoding: gzip` (RFC 1952). A pure calculation.
public enum Gzip {
    /// The smallest result at any cost: it is done once for a file that is sent many times.
    private static let level: Int32 = 9
    /// The largest window, with 16 added to ask for the gzip wrapper (zlib's manual, `deflateInit2`).
    private static let windowBits: Int32 = 15 + 16
    private static let memoryLevel: Int32 = 9

    /// The bytes packed; nil where there is no memory or they are more than zlib takes at once.
    public static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count < Int32.max else { return nil }
        var stream = z_stream()
        guard lr_deflate_init(&stream, level, windowBits, memoryLevel) == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        var packed = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
        var source = bytes
        let status = source.withUnsafeMutableBufferPointer { source in
            packed.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                return deflate(&stream, Z_FINISH)
            }
        }
        guard status == Z_STREAM_END else { return nil }
        return Array(packed.prefix(packed.count - Int(stream.avail_out)))
    }
}
