import COpus

/// What can be said of an Opus packet without decoding it (RFC 6716 §3).
public enum OpusPacket {
    /// The longest a packet may last: 120 ms at 48 kHz.
    public static let samplesMaximum = 5_760
    /// The largest packet RFC 6716 §3.4 allows: 48 frames of 1,275 bytes with their lengths.
    public static let bytesMaximum = 61_440

    /// How many samples at 48 kHz a packet lasts; nil where it is no packet.
    public static func samples(_ packet: [UInt8]) -> Int? {
        guard !packet.isEmpty, packet.count <= bytesMaximum else { return nil }
        let samples = packet.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { opus_packet_get_nb_samples($0, Int32(buffer.count), 48_000) } ?? 0
        }
        return samples > 0 && samples <= samplesMaximum ? Int(samples) : nil
    }

    /// A packet without sound that lasts one frame of the configuration of another: what RFC 7845 §4.1 fills
    /// gaps with, and what a decoder conceals.
    static func filler(like packet: [UInt8]) -> (packet: [UInt8], samples: Int) {
        let filler = [(packet.first ?? 0) & 0xFC]
        return (filler, samples(filler) ?? 960)
    }
}
