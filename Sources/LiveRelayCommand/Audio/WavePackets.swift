/// Packets from a WAV file of any rate, width and number of channels.
final class WavePackets: PacketSource {
    let channels = 1
    private let input: ByteInput
    private let format: WaveFormat
    private var resampler: Resampler
    private var cutter: PacketCutter
    private var leftBytes: Int?
    private var isAtEnd = false
    private var hasSound = false

    init(_ input: ByteInput) throws {
        self.input = input
        do {
            format = try WaveFormat(input)
        } catch let failure as WaveFormat.Failure {
            switch failure {
            case .notWave: throw CommandFailure(.failed, "audio.notWave")
            case .truncated: throw CommandFailure(.failed, "audio.truncated")
            case .noSound: throw CommandFailure(.failed, "audio.noSound")
            case .unsupported(let what): throw CommandFailure(.failed, "audio.formatUnsupported", what)
            }
        }
        resampler = Resampler(from: format.rate)
        cutter = try PacketCutter()
        leftBytes = format.soundBytes
    }

    func next() throws -> SourcePacket? {
        while !cutter.hasPacket, !isAtEnd { try read() }
        return cutter.isEmpty ? nil : try cutter.packet()
    }

    /// Reads 20 ms, or what is left.
    private func read() throws {
        let wanted = max(1, format.rate / 50) * format.frameBytes
        var bytes: [UInt8] = []
        while bytes.count < min(wanted, leftBytes ?? wanted) {
            let part = try input.some(min(wanted, leftBytes ?? wanted) - bytes.count)
            if part.isEmpty { break }
            bytes += part
        }
        if let left = leftBytes { leftBytes = left - bytes.count }
        guard bytes.count >= format.frameBytes else {
            isAtEnd = true
            guard hasSound else { throw CommandFailure(.failed, "audio.noSound") }
            cutter.append(resampler.flush())
            return
        }
        hasSound = true
        cutter.append(resampler.process(format.mono(bytes)))
    }
}
