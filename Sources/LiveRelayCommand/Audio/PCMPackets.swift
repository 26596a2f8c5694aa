/// Packets from s16le at 48 kHz, one channel, without a header.
final class PCMPackets: PacketSource {
    let channels = 1
    private let input: ByteInput
    private var cutter: PacketCutter

    init(_ input: ByteInput) throws {
        self.input = input
        cutter = try PacketCutter()
    }

    func next() throws -> SourcePacket? {
        guard let bytes = try input.exactly(SpeechEncoder.frameSamples * 2) else { return nil }
        cutter.append(Self.samples(bytes))
        return try cutter.packet()
    }

    /// Numbers of 16 bits as sound.
    static func samples(_ bytes: [UInt8]) -> [Float] {
        stride(from: 0, to: bytes.count - 1, by: 2).map { index in
            Float(Int16(bitPattern: UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8)) / 32_768
        }
    }

    /// Sound as numbers of 16 bits.
    static func bytes(_ samples: [Float]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(samples.count * 2)
        for sample in samples {
            let clipped = sample.isFinite ? min(max(sample, -1), 1) : 0
            let number = UInt16(bitPattern: Int16((clipped * 32_767).rounded()))
            bytes.append(UInt8(truncatingIfNeeded: number))
            bytes.append(UInt8(truncatingIfNeeded: number >> 8))
        }
        return bytes
    }
}
