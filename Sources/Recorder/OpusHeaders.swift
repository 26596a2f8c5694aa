/// The identification header of an Ogg Opus stream (RFC 7845 §5.1).
public struct OpusHead: Hashable, Sendable {
    /// Output channels, 1 to 255.
    public let channels: Int
    /// Samples at 48 kHz to throw away from the decoder's output before anything is played.
    public let preSkip: Int
    /// The sample rate of the original input, for information.
    public let inputSampleRate: Int
    /// 0 for mono and stereo.
    public let mappingFamily: Int

    /// A header of family 0 for sound that was sampled at 48 kHz.
    public init(channels: Int, preSkip: Int = OpusHead.preSkipDefault) {
        self.channels = channels
        self.preSkip = preSkip
        inputSampleRate = 48_000
        mappingFamily = 0
    }

    /// The look-ahead of libopus and of browsers at 48 kHz, 6.5 ms; skipping it aligns file time and capture
    /// time.
    public static let preSkipDefault = 312

    static let magic = Array("OpusHead".utf8)

    /// Reads the packet; nil where it breaks the section.
    init?(packet: [UInt8]) {
        guard packet.count >= 19, packet.starts(with: Self.magic), packet[8] & 0xF0 == 0, packet[9] > 0 else {
            return nil
        }
        channels = Int(packet[9])
        preSkip = Int(packet[10]) | Int(packet[11]) << 8
        inputSampleRate = LittleEndian.read32(packet, at: 12)
        mappingFamily = Int(packet[18])
        if mappingFamily == 0 {
            guard channels <= 2 else { return nil }
        } else {
            guard packet.count >= 21 + channels else { return nil }
        }
    }

    var packet: [UInt8] {
        Self.magic + [1, UInt8(clamping: channels)] + LittleEndian.bytes16(preSkip)
            + LittleEndian.bytes32(inputSampleRate) + [0, 0, UInt8(clamping: mappingFamily)]
    }
}

/// The comment header of an Ogg Opus stream (RFC 7845 §5.2).
public struct OpusTags: Hashable, Sendable {
    /// Who wrote the stream.
    public var vendor: String
    /// `NAME=value`, in order.
    public var comments: [String]

    /// Tags.
    public init(vendor: String = "LiveRelay", comments: [String]) {
        self.vendor = vendor
        self.comments = comments
    }

    /// More than any file of ours or of a music collection has, cover pictures included.
    static let commentsCountMaximum = 4_096

    static let magic = Array("OpusTags".utf8)

    /// Reads the packet; nil where lengths do not add up or text is not UTF-8.
    init?(packet: [UInt8]) {
        guard packet.count >= 16, packet.starts(with: Self.magic) else { return nil }
        var offset = Self.magic.count
        func string() -> String? {
            guard packet.count - offset >= 4 else { return nil }
            let count = LittleEndian.read32(packet, at: offset)
            offset += 4
            guard count <= packet.count - offset else { return nil }
            defer { offset += count }
            return String(validating: packet[offset..<offset + count], as: UTF8.self)
        }
        guard let vendor = string(), packet.count - offset >= 4 else { return nil }
        let count = LittleEndian.read32(packet, at: offset)
        offset += 4
        guard count <= Self.commentsCountMaximum else { return nil }
        var comments: [String] = []
        for _ in 0..<count {
            guard let comment = string() else { return nil }
            comments.append(comment)
        }
        self.init(vendor: vendor, comments: comments)
    }

    var packet: [UInt8] {
        func counted(_ text: String) -> [UInt8] { LittleEndian.bytes32(text.utf8.count) + Array(text.utf8) }
        return Self.magic + counted(vendor) + LittleEndian.bytes32(comments.count) + comments.flatMap(counted)
    }
}

/// The byte order of Ogg and of its Opus headers.
enum LittleEndian {
    static func bytes16(_ number: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]
    }

    static func bytes32(_ number: Int) -> [UInt8] {
        bytes16(number) + bytes16(number >> 16)
    }

    /// Four bytes that are there.
    static func read32(_ bytes: [UInt8], at offset: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
}
