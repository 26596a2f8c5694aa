/// What the connections of one loop share for compression, so that none of them costs memory while it says
/// nothing.
final class SharedCompression {
    /// Inflaters that wait for the next message; more are let go. Messages in many fragments keep theirs
    /// until they end, so that several can be out.
    private static let idleInflatersCountMaximum = 4
    /// Inflated at once, before it is looked at.
    static let pieceBytes = 16_384
    /// Unmasked at once, on the way into an inflater.
    static let unmaskedBytes = 4_096

    private var idleInflaters: [Inflater] = []
    private var deflaters: [DeflateShape: Deflater] = [:]
    /// The shapes that connections here have agreed on so far, and from which size on.
    private var wanted: [DeflateShape: Compression] = [:]
    /// Where pieces come out.
    var piece: [UInt8] = []
    /// Where they are unmasked.
    var unmasked: [UInt8] = []
    /// Bytes inflated since the owner last set this to zero.
    var inflatedBytes = 0
    /// Messages compressed so far.
    private(set) var compressedCount = 0

    /// Something that inflates messages of any window, one at a time. Nil where there is no memory.
    func takeInflater() -> Inflater? {
        if let idle = idleInflaters.popLast() {
            idle.forget()
            return idle
        }
        return Inflater(windowBits: DeflateParameters.windowBitsRange.upperBound)
    }

    /// An inflater is not needed any more.
    func giveBack(_ inflater: Inflater) {
        guard idleInflaters.count < Self.idleInflatersCountMaximum else { return }
        idleInflaters.append(inflater)
    }

    /// A connection has agreed on a shape.
    func wants(_ shape: DeflateShape, _ settings: Compression) {
        wanted[shape] = settings
    }

    /// Makes the forms of a frame that connections here want.
    func prepare(_ frame: SharedFrame) {
        for shape in DeflateShape.allCases {
            guard let settings = wanted[shape], settings.concerns(frame) else { continue }
            _ = form(of: frame, shape)
        }
    }

    /// The form of a frame for a shape, compressed here if nobody has done it.
    func form(of frame: SharedFrame, _ shape: DeflateShape) -> SharedFrame {
        frame.form(shape) { compress($0, shape) }
    }

    /// The frame compressed by itself. Nil when it would not be smaller.
    private func compress(_ frame: SharedFrame, _ shape: DeflateShape) -> SharedFrame? {
        let deflater = deflaters[shape] ?? Deflater(windowBits: shape.windowBits, keepsContext: false)
        deflaters[shape] = deflater
        compressedCount += 1
        guard let packed = deflater?.compress(frame.payload), packed.count < frame.payload.count else {
            return nil
        }
        return SharedFrame(opcode: frame.opcode, payload: packed, isCompressed: true)
    }
}
