/// How long a peer may take for an answer: a while for each piece, and no longer on the average than the
/// slowest rate that is served. Whoever takes a byte now and then does not keep a connection for ever, and
/// whoever took much at first has nothing in hand.
struct ReaderPace {
    private let pauseMilliseconds: UInt64
    private let bytesPerSecondMinimum: UInt64
    private var takenBytes: UInt64
    /// When the peer has been too slow.
    private(set) var deadline: UInt64

    /// From now on, with so many bytes taken before.
    init(_ limits: TransportLimits, takenBytes: UInt64, now: UInt64) {
        pauseMilliseconds = limits.writeMilliseconds
        bytesPerSecondMinimum = UInt64(max(1, limits.answerBytesPerSecondMinimum))
        self.takenBytes = takenBytes
        deadline = now + pauseMilliseconds
    }

    /// The peer has taken so many bytes in all.
    mutating func progressed(takenBytes: UInt64, now: UInt64) {
        let earned = (takenBytes - self.takenBytes) * 1_000 / bytesPerSecondMinimum
        // What a fraction of a millisecond is worth stays until there is more of it.
        guard earned > 0 else { return }
        self.takenBytes = takenBytes
        deadline = min(now + pauseMilliseconds, deadline + earned)
    }
}
