import LiveRelayClient
import LiveRelayWire

/// How everybody came in, or came back: counted from the outside, so that TLS, the upgrade and the wait for a
/// turn are in every figure.
struct StormTally {
    /// One line of JSON.
    struct Result: Encodable {
        let event: String
        let seats: Int
        let back: Int
        /// From the beginning of the try that succeeded to the greeting, in milliseconds.
        let answerMedian: UInt64
        let answer99th: UInt64
        let answerMax: UInt64
        /// From the open line to the greeting: the same without the connection, TLS and the upgrade.
        let greetingMedian: UInt64
        let greeting99th: UInt64
        let greetingMax: UInt64
        /// From the first loss of a line (or the first try) until the last was in class, in milliseconds.
        let allInMilliseconds: UInt64
        /// Tries that the relay refused, by what it said.
        let refused: [String: Int]
        /// Tries that found nobody, by what the system said.
        let unreachable: [String: Int]
    }

    let name: String
    let seats: Int
    private var answers: [UInt64] = []
    private var greetings: [UInt64] = []
    private var beganAt: UInt64?
    private var lastAt: UInt64 = 0
    private var refused: [String: Int] = [:]
    private var unreachable: [String: Int] = [:]

    init(_ name: String, seats: Int) {
        self.name = name
        self.seats = seats
    }

    /// Whether everybody is in class.
    var isComplete: Bool { answers.count == seats }

    /// The first of them has begun.
    mutating func began(at now: UInt64) { if beganAt == nil { beganAt = now } }

    /// A try failed; the loss of a good line is none.
    mutating func failed(_ loss: LineLoss) {
        switch loss {
        case .code(let code): refused[code.name, default: 0] += 1
        case .silence: refused["silence", default: 0] += 1
        case .failed(let reason) where reason.hasPrefix("HTTP"): refused[reason, default: 0] += 1
        case .failed(let reason): unreachable[reason, default: 0] += 1
        }
    }

    /// Somebody is in class.
    mutating func joined(at now: UInt64, after milliseconds: UInt64, greetedAfter greeting: UInt64) {
        answers.append(milliseconds)
        greetings.append(greeting)
        lastAt = now
    }

    /// The result so far.
    var result: Result {
        let (answers, greetings) = (answers.sorted(), greetings.sorted())
        func part(_ percent: Int, of sorted: [UInt64]) -> UInt64 {
            sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, sorted.count * percent / 100)]
        }
        return Result(
            event: name, seats: seats, back: answers.count, answerMedian: part(50, of: answers),
            answer99th: part(99, of: answers), answerMax: answers.last ?? 0,
            greetingMedian: part(50, of: greetings), greeting99th: part(99, of: greetings),
            greetingMax: greetings.last ?? 0,
            allInMilliseconds: lastAt - min(lastAt, beganAt ?? lastAt), refused: refused,
            unreachable: unreachable)
    }
}
