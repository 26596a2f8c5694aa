public import SessionModel

/// A binary message: one packet upstream, a batch of consecutive packets downstream, or a probe.
///
/// The layout stands in `docs/protocol.md` §5; all numbers are in network byte order.
public struct AudioMessage: Hashable, Sendable {
    /// Bits of the second byte.
    public struct Flags: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt8
        /// Flags from bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// Nobody speaks.
        public static let quiet = Flags(rawValue: 1)
        /// To be recorded, not to be sent on.
        public static let forTheRecord = Flags(rawValue: 2)
    }

    /// Version 1, kind 1.
    public static let audioMark: UInt8 = 0x11
    /// Version 1, kind 2: comes back unchanged.
    public static let probeMark: UInt8 = 0x12
    /// Bytes before the first packet.
    public static let headerBytesCount = 21
    /// A probe as long as the longest upstream message, and a little more.
    public static let probeBytesMaximum = 1_401
    /// RFC 6716 §3.2.1: the longest frame, and its TOC byte.
    public static let packetBytesMaximum = 1_276
    /// Two seconds of sound in one message are more than any class asks for.
    public static let packetsCountMaximum = 100
    /// 20 ms at 48 kHz.
    public static let samplesPerPacket: UInt64 = 960

    /// What the sender says about the packets.
    public let flags: Flags
    /// The track they belong to.
    public let track: TrackID
    /// The start of the relay in which the sequence counts.
    public let run: UInt32
    /// The sequence of the first packet; each further one is one more.
    public let sequence: UInt32
    /// When the first packet was captured, in samples at 48 kHz since the log was created.
    public let captureSamples: UInt64
    /// The Opus packets.
    public let packets: [[UInt8]]

    /// A message of packets.
    public init(
        flags: Flags, track: TrackID, run: UInt32, sequence: UInt32, captureSamples: UInt64,
        packets: [[UInt8]]
    ) {
        self.flags = flags
        self.track = track
        self.run = run
        self.sequence = sequence
        self.captureSamples = captureSamples
        self.packets = packets
    }

    /// Reads a message, or nil where the bytes break the layout.
    public init?(bytes: some RandomAccessCollection<UInt8>) {
        guard bytes.count >= Self.headerBytesCount, bytes.first == Self.audioMark else { return nil }
        var reader = ByteReader(bytes.dropFirst())
        guard let flags = reader.byte(), let track = reader.number(UInt16.self),
            let run = reader.number(UInt32.self), let sequence = reader.number(UInt32.self),
            let capture = reader.number(UInt64.self), let count = reader.byte(),
            count <= Self.packetsCountMaximum
        else { return nil }
        var packets: [[UInt8]] = []
        packets.reserveCapacity(Int(count))
        for _ in 0..<count {
            guard let length = reader.number(UInt16.self),
                (1...Self.packetBytesMaximum).contains(Int(length)), let packet = reader.bytes(Int(length))
            else { return nil }
            packets.append(packet)
        }
        guard reader.isAtEnd, track > 0 else { return nil }
        self.init(
            flags: Flags(rawValue: flags), track: TrackID(track), run: run, sequence: sequence,
            captureSamples: capture, packets: packets)
    }

    /// The message as it goes onto the wire.
    public var bytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(packets.reduce(Self.headerBytesCount) { $0 + 2 + $1.count })
        out.append(Self.audioMark)
        out.append(flags.rawValue)
        append(track.number, to: &out)
        append(run, to: &out)
        append(sequence, to: &out)
        append(captureSamples, to: &out)
        out.append(UInt8(truncatingIfNeeded: packets.count))
        for packet in packets {
            append(UInt16(truncatingIfNeeded: packet.count), to: &out)
            out.append(contentsOf: packet)
        }
        return out
    }

    /// Whether a publisher may send this packet: 20 ms, code 0, of the announced channels, 1 to 1,275 bytes
    /// after the TOC byte, or a DTX packet of one or two bytes (RFC 6716 §3.1, §3.2.2).
    ///
    /// libopus takes any bytes behind a code-0 TOC byte, so this is all that can be checked without decoding.
    public static func isPublishable(_ packet: some RandomAccessCollection<UInt8>, channels: Int) -> Bool {
        guard let toc = packet.first, packet.count <= packetBytesMaximum else { return false }
        let isCodeZero = toc & 0b11 == 0
        let isStereo = toc & 0b100 != 0
        let configuration = toc >> 3
        // RFC 6716 table 2: SILK and CELT modes have 20 ms at 1, 5, 9 and at 19, 23, 27, 31; hybrid at 13,
        // 15.
        let isTwentyMilliseconds =
            configuration < 12
            ? configuration % 4 == 1 : configuration < 16 ? configuration % 2 == 1 : configuration % 4 == 3
        return isCodeZero && isTwentyMilliseconds && isStereo == (channels == 2)
    }

    private func append(_ number: some FixedWidthInteger, to out: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { out.append(contentsOf: $0) }
    }
}

/// Reads numbers in network byte order, never beyond the end.
struct ByteReader<Bytes: RandomAccessCollection<UInt8>> where Bytes.SubSequence == Bytes {
    private var rest: Bytes

    init(_ bytes: Bytes) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8? { rest.popFirst() }

    mutating func number<Number: FixedWidthInteger & UnsignedInteger>(_ type: Number.Type) -> Number? {
        let width = Number.bitWidth / 8
        guard rest.count >= width else { return nil }
        var value: Number = 0
        for _ in 0..<width {
            guard let byte = rest.popFirst() else { return nil }
            value = value << 8 | Number(byte)
        }
        return value
    }

    mutating func bytes(_ count: Int) -> [UInt8]? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}
