/// What a WAV file holds, read strictly from its chunks.
struct WaveFormat: Hashable, Sendable {
    /// How a sample is written.
    enum Coding: Hashable, Sendable {
        /// Whole numbers; 8 bits are without a sign, wider ones with.
        case integer(bits: Int)
        /// IEEE 754.
        case float(bits: Int)
    }

    /// Why a file cannot be read.
    enum Failure: Error, Hashable {
        /// Not RIFF with WAVE inside.
        case notWave
        /// The file ends within its header, or the header contradicts itself.
        case truncated
        /// A coding, a rate or a number of channels that is not read.
        case unsupported(String)
        /// There is no data chunk, or it is empty.
        case noSound
    }

    /// More than any sound card gives.
    static let rateMaximum = 768_000
    /// Less than a telephone gives.
    static let rateMinimum = 1_000
    /// More than any microphone array that records into one file.
    static let channelsMaximum = 32
    /// Chunks before the sound, each a small note of the program that wrote the file.
    static let chunksCountMaximum = 64
    /// Notes before the sound: pictures and texts of any sane file.
    static let chunkBytesMaximum = 16_777_216

    /// How a sample is written.
    let coding: Coding
    /// Interleaved channels.
    let channels: Int
    /// Samples a second.
    let rate: Int
    /// Bytes of sound; nil where the writer did not know and the sound goes on to the end of the file.
    let soundBytes: Int?

    /// Bytes of one sample of all channels.
    var frameBytes: Int {
        switch coding {
        case .integer(let bits), .float(let bits): bits / 8 * channels
        }
    }

    /// Reads the chunks up to the first byte of sound.
    init(_ input: ByteInput) throws {
        guard let head = try input.exactly(12), head[0..<4].elementsEqual("RIFF".utf8),
            head[8..<12].elementsEqual("WAVE".utf8)
        else { throw Failure.notWave }
        var format: (coding: Coding, channels: Int, rate: Int)?
        for _ in 0..<Self.chunksCountMaximum {
            guard let chunk = try input.exactly(8) else { throw Failure.noSound }
            let size = Self.number(chunk[4..<8])
            if chunk[0..<4].elementsEqual("fmt ".utf8) {
                format = try Self.format(input, size)
            } else if chunk[0..<4].elementsEqual("data".utf8) {
                guard let format else { throw Failure.truncated }
                guard size > 0 else { throw Failure.noSound }
                (coding, channels, rate) = format
                // Programs that write into a pipe do not know the length and leave the largest number.
                soundBytes = size >= 0x7FFF_0000 ? nil : size
                return
            } else {
                guard size <= Self.chunkBytesMaximum, try input.skip(size + size % 2) else {
                    throw Failure.truncated
                }
            }
        }
        throw Failure.noSound
    }

    private static func format(
        _ input: ByteInput, _ size: Int
    ) throws -> (coding: Coding, channels: Int, rate: Int) {
        guard (16...chunkBytesMaximum).contains(size), let body = try input.exactly(size) else {
            throw Failure.truncated
        }
        if size % 2 == 1 { _ = try input.skip(1) }
        var tag = number(body[0..<2])
        let channels = number(body[2..<4])
        let rate = number(body[4..<8])
        let bits = number(body[14..<16])
        // WAVE_FORMAT_EXTENSIBLE: the coding stands in the first two bytes of a GUID.
        if tag == 0xFFFE {
            guard size >= 40 else { throw Failure.truncated }
            tag = number(body[24..<26])
        }
        guard (1...channelsMaximum).contains(channels) else {
            throw Failure.unsupported("\(channels) channels")
        }
        guard (rateMinimum...rateMaximum).contains(rate) else { throw Failure.unsupported("\(rate) Hz") }
        switch (tag, bits) {
        case (1, 8), (1, 16), (1, 24), (1, 32): return (.integer(bits: bits), channels, rate)
        case (3, 32), (3, 64): return (.float(bits: bits), channels, rate)
        default: throw Failure.unsupported("format \(tag), \(bits) bits")
        }
    }

    /// A number in little-endian order.
    private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// Whole frames as one channel, from -1 to 1.
    func mono(_ bytes: [UInt8]) -> [Float] {
        let width = frameBytes / channels
        let frames = bytes.count / frameBytes
        return (0..<frames).map { frame in
            var sum: Float = 0
            for channel in 0..<channels {
                let start = (frame * channels + channel) * width
                sum += sample(bytes[start..<start + width])
            }
            return sum / Float(channels)
        }
    }

    private func sample(_ bytes: ArraySlice<UInt8>) -> Float {
        switch coding {
        case .integer(let bits) where bits == 8: return (Float(bytes.first ?? 128) - 128) / 128
        case .integer(let bits):
            let shift = Int32(32 - bits)
            let value = Int32(truncatingIfNeeded: Self.number(bytes)) << shift
            return Float(value) / 2_147_483_648
        case .float(let bits) where bits == 32:
            return Self.tame(Float(bitPattern: UInt32(truncatingIfNeeded: Self.number(bytes))))
        case .float:
            return Self.tame(Float(Double(bitPattern: UInt64(bitPattern: Int64(Self.number(bytes))))))
        }
    }

    /// Numbers that are none, and those beyond full scale, do not reach the encoder.
    private static func tame(_ value: Float) -> Float { value.isFinite ? min(max(value, -1), 1) : 0 }
}
