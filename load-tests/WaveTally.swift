import Histogram

/// How a wave went: who was answered when, and what the sound did meanwhile.
final class WaveTally {
    /// One object of JSON.
    struct Result: Encodable, Sendable {
        let kind: Wave.Kind
        let count: Int
        let withinSeconds: Int
        let accepted: Int
        /// By what the relay said.
        let refused: [String: Int]
        let unanswered: Int
        /// Milliseconds from asking to the answer, which comes once it is on disk; of a join to the first
        /// sound.
        let answerMedian: Double
        let answer99th: Double
        let answerMax: Double
        /// From the first who asked to the last answer.
        let allMilliseconds: Double
        /// Delays of the sound meanwhile, of everybody who was there before.
        let soundPackets: Int
        let soundMedian: Double
        let sound99th: Double
        let soundMax: Double
    }

    let wave: Wave
    /// When it began.
    let start = StampedPacket.now
    /// Of the sound meanwhile.
    var sound = Delays()
    private var answers = Delays()
    private var refused: [String: Int] = [:]
    private var last: UInt64
    private(set) var answered = 0

    init(_ wave: Wave) {
        self.wave = wave
        last = start
    }

    /// Whether nobody waits any more.
    var isComplete: Bool { answered == wave.count }

    /// Somebody got what was asked for.
    func accepted(since asked: UInt64) {
        answered += 1
        last = StampedPacket.now
        answers.take(last - min(last, asked))
    }

    /// Somebody did not.
    func refused(_ code: String) {
        answered += 1
        last = StampedPacket.now
        refused[code, default: 0] += 1
    }

    var result: Result {
        let refusals = refused.values.reduce(0, +)
        return Result(
            kind: wave.kind, count: wave.count, withinSeconds: wave.withinSeconds,
            accepted: answered - refusals, refused: refused, unanswered: wave.count - answered,
            answerMedian: answers.milliseconds(50), answer99th: answers.milliseconds(99),
            answerMax: answers.milliseconds(100),
            allMilliseconds: Double((last - start) / 1_000) / 1_000, soundPackets: sound.count,
            soundMedian: sound.milliseconds(50), sound99th: sound.milliseconds(99),
            soundMax: sound.milliseconds(100))
    }
}
