/// What a fuzzer gives, taken apart: a byte of choices, two that say where to cut, then the bytes of a peer.
struct FuzzInput {
    /// Bytes before the peer's own.
    private static let preambleBytes = 3
    /// Pieces of up to this many bytes; longer ones cut short inputs nowhere.
    private static let pieceBytesMaximum = 48

    private let choices: UInt8
    private let cuts: (UInt8, UInt8)
    /// What the peer sends.
    let bytes: [UInt8]

    /// Shorter inputs say nothing.
    init?(_ raw: [UInt8]) {
        guard raw.count >= Self.preambleBytes else { return nil }
        choices = raw[0]
        cuts = (raw[1], raw[2])
        bytes = Array(raw[Self.preambleBytes...])
    }

    /// The same choices and cuts for what was made of the input.
    init(_ input: FuzzInput, bytes: [UInt8]) {
        choices = input.choices
        cuts = input.cuts
        self.bytes = bytes
    }

    /// One of the eight choices that the first byte makes.
    func chooses(_ bit: Int) -> Bool {
        choices >> bit & 1 == 1
    }

    /// What a reader makes of the bytes when they come whole. It must make the same of them byte by byte and
    /// cut where the input says.
    func read<Outcome: Equatable>(
        _ run: (_ bytes: [UInt8], _ pieces: [Range<Int>]) -> Outcome
    ) throws(FuzzFault) -> Outcome {
        let whole = run(bytes, [bytes.indices])
        let single = run(bytes, bytes.indices.map { $0..<$0 + 1 })
        try require(single == whole, "byte by byte: \(single)\nwhole: \(whole)")
        let pieces = pieces
        let cut = run(bytes, pieces)
        try require(cut == whole, "cut into \(pieces.map(\.count)): \(cut)\nwhole: \(whole)")
        return whole
    }

    /// Two lengths in turn, one of which may be nothing at all, as a socket sometimes gives.
    private var pieces: [Range<Int>] {
        let first = Int(cuts.0) % (Self.pieceBytesMaximum + 1)
        let second = Int(cuts.1) % (Self.pieceBytesMaximum + 1)
        let lengths = first + second > 0 ? [first, second] : [1, 0]
        var pieces: [Range<Int>] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + lengths[pieces.count & 1])
            pieces.append(start..<end)
            start = end
        }
        return pieces
    }
}
