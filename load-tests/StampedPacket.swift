import Dispatch

/// A packet of sound that carries its number and the time it left, so that a listener can judge each one by
/// itself.
///
/// To everybody on the way it is Opus: CELT, 20 ms, one channel, code 0 (RFC 6716 table 2); the bytes behind
/// the first are free. The floor of `load-tests/floor` makes the same ones.
enum StampedPacket {
    private static let toc: UInt8 = 0xF8
    /// The first byte, the number and the time.
    static let bytesMinimum = 1 + 4 + 8

    /// Nanoseconds on the clock that every process of this machine shares.
    static var now: UInt64 { DispatchTime.now().uptimeNanoseconds }

    /// The packet of a number that leaves now.
    static func bytes(number: UInt32, count: Int) -> [UInt8] {
        var bytes = [toc]
        bytes.reserveCapacity(count)
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: now.bigEndian) { bytes.append(contentsOf: $0) }
        for place in bytes.count..<max(count, bytes.count) { bytes.append(filler(number, place)) }
        return bytes
    }

    /// When a packet left; nil where it is not the packet of this number, to the byte.
    static func leftAt(_ packet: UnsafeRawBufferPointer, number: UInt32) -> UInt64? {
        guard packet.count >= bytesMinimum, packet[0] == toc,
            UInt32(bigEndian: packet.loadUnaligned(fromByteOffset: 1, as: UInt32.self)) == number
        else { return nil }
        for place in bytesMinimum..<packet.count where packet[place] != filler(number, place) { return nil }
        return UInt64(bigEndian: packet.loadUnaligned(fromByteOffset: 5, as: UInt64.self))
    }

    private static func filler(_ number: UInt32, _ place: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: number &* 31 &+ UInt32(truncatingIfNeeded: place) &* 7)
    }
}
