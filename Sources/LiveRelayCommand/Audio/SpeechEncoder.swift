import COpus

/// Makes Opus packets of 20 ms from speech at 48 kHz (RFC 6716). Owns libopus's encoder and frees it.
final class SpeechEncoder {
    /// 20 ms at 48 kHz.
    static let frameSamples = 960
    /// Clear speech, a third of what music asks for.
    static let bitsPerSecond: Int32 = 24_000
    /// Below this mean square, about -50 dB, nobody speaks.
    static let quietMeanSquareMaximum: Float = 1e-5
    /// RFC 6716 §3.2.1: the longest frame, and its TOC byte.
    private static let packetBytesMaximum = 1_276

    private let encoder: OpaquePointer

    init() throws {
        var status: Int32 = 0
        guard let encoder = opus_encoder_create(48_000, 1, OPUS_APPLICATION_VOIP, &status), status == OPUS_OK
        else { throw CommandFailure(.failed, "audio.codec", "\(status)") }
        self.encoder = encoder
        _ = lr_opus_set_bitrate(encoder, Self.bitsPerSecond)
        _ = lr_opus_set_complexity(encoder, 5)
        _ = lr_opus_set_dtx(encoder, 0)
        _ = lr_opus_set_signal_voice(encoder)
    }

    deinit { opus_encoder_destroy(encoder) }

    /// One packet of exactly 960 samples.
    func packet(_ samples: [Float]) throws -> SourcePacket {
        precondition(samples.count == Self.frameSamples, "a packet is 20 ms")
        var bytes = [UInt8](repeating: 0, count: Self.packetBytesMaximum)
        let count = bytes.withUnsafeMutableBufferPointer { out -> Int32 in
            guard let base = out.baseAddress else { return 0 }
            return samples.withUnsafeBufferPointer { input -> Int32 in
                guard let first = input.baseAddress else { return 0 }
                return opus_encode_float(
                    encoder, first, Int32(Self.frameSamples), base, Int32(Self.packetBytesMaximum))
            }
        }
        guard count > 0 else { throw CommandFailure(.failed, "audio.codec", "\(count)") }
        return SourcePacket(bytes: Array(bytes[..<Int(count)]), isQuiet: Self.isQuiet(samples))
    }

    /// Whether nobody speaks.
    static func isQuiet(_ samples: [Float]) -> Bool {
        guard !samples.isEmpty else { return true }
        return samples.reduce(0) { $0 + $1 * $1 } / Float(samples.count) < quietMeanSquareMaximum
    }
}
