import Foundation

/// One Opus packet of 20 ms on its way into a class.
struct SourcePacket: Hashable, Sendable {
    /// The packet.
    let bytes: [UInt8]
    /// Whether nobody speaks in it.
    let isQuiet: Bool
}

/// Where packets come from. Reading may block; lives on the thread that reads.
protocol PacketSource: AnyObject {
    /// Channels of every packet.
    var channels: Int { get }
    /// The next packet; nil at the end.
    func next() throws -> SourcePacket?
}

/// What a source is made of.
struct SourcePlan: Hashable, Sendable {
    /// A file, `-` for standard input, or `fd:3`.
    let path: String
    /// Whether it is s16le at 48 kHz mono without a header.
    let isPCM: Bool
    /// Whether it begins anew at its end.
    let isLoop: Bool

    /// Whether it flows by itself, as a microphone does: what cannot be heard now is then thrown away, while
    /// a file waits.
    var isLive: Bool {
        if path == "-" || path.hasPrefix("fd:") { return isPCM }
        let kind = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        return isPCM && kind != .typeRegular
    }

    /// Opens it.
    func open() throws -> any PacketSource {
        let input = try ByteInput(path: path)
        return try isPCM ? PCMPackets(input) : SourcePlan.source(input)
    }

    /// The source that the first bytes tell.
    static func source(_ input: ByteInput) throws -> any PacketSource {
        if try input.peek(4).elementsEqual("OggS".utf8) { return try OggPackets(input) }
        return try WavePackets(input)
    }
}

/// Gathers sound at 48 kHz into packets.
struct PacketCutter {
    private let encoder: SpeechEncoder
    private var samples: [Float] = []

    init() throws { encoder = try SpeechEncoder() }

    /// Whether a whole packet is there.
    var hasPacket: Bool { samples.count >= SpeechEncoder.frameSamples }
    /// Whether anything is there.
    var isEmpty: Bool { samples.isEmpty }

    /// Takes more sound.
    mutating func append(_ more: [Float]) { samples += more }

    /// The next packet; the last one is filled with silence.
    mutating func packet() throws -> SourcePacket {
        let count = min(samples.count, SpeechEncoder.frameSamples)
        let frame = samples[..<count] + Array(repeating: 0, count: SpeechEncoder.frameSamples - count)
        samples.removeFirst(count)
        return try encoder.packet(Array(frame))
    }
}
