import COpus

/// Makes sound at 48 kHz from Opus packets. Owns libopus's decoder and frees it.
final class SpeechDecoder {
    /// 120 ms at 48 kHz, the longest packet.
    private static let samplesMaximum = 5_760

    private let decoder: OpaquePointer
    private let channels: Int

    init(channels: Int = 1) throws {
        var status: Int32 = 0
        guard let decoder = opus_decoder_create(48_000, Int32(channels), &status), status == OPUS_OK else {
            throw CommandFailure(.failed, "audio.codec", "\(status)")
        }
        self.decoder = decoder
        self.channels = channels
    }

    deinit { opus_decoder_destroy(decoder) }

    /// The sound of a packet, interleaved; nil where libopus finds it broken.
    func samples(_ packet: [UInt8]) -> [Float]? { decode(packet, samples: Self.samplesMaximum) }

    /// What libopus puts in the place of a lost packet of 20 ms.
    func concealed() -> [Float] {
        decode(nil, samples: SpeechEncoder.frameSamples)
            ?? Array(repeating: 0, count: SpeechEncoder.frameSamples * channels)
    }

    private func decode(_ packet: [UInt8]?, samples: Int) -> [Float]? {
        var out = [Float](repeating: 0, count: samples * channels)
        let count = out.withUnsafeMutableBufferPointer { buffer -> Int32 in
            guard let base = buffer.baseAddress else { return -1 }
            guard let packet else { return opus_decode_float(decoder, nil, 0, base, Int32(samples), 0) }
            return packet.withUnsafeBufferPointer {
                opus_decode_float(decoder, $0.baseAddress, Int32($0.count), base, Int32(samples), 0)
            }
        }
        guard count > 0 else { return nil }
        return Array(out[..<(Int(count) * channels)])
    }
}
