/// How long packets took, in all and second by second, so that what happens in one second can be compared
/// with the seconds before it.
struct DelayCount {
    /// One second of a run.
    struct Second: Encodable {
        /// Packets that arrived, at all seats.
        let packets: Int
        /// From the publisher's send to the listener's receipt, in milliseconds.
        let median: UInt64
        let delay99th: UInt64
    }

    /// Longer delays count as this.
    private static let millisecondsMaximum = 2_000

    private var seconds: [[UInt32]]

    /// A count for a run of so many seconds.
    init(seconds: Int) {
        let none = [UInt32](repeating: 0, count: Self.millisecondsMaximum + 1)
        self.seconds = Array(repeating: none, count: seconds + 1)
    }

    /// A packet that left so long after the beginning took so long.
    mutating func take(_ milliseconds: UInt64, sentAfter offset: UInt64) {
        let second = min(Int(clamping: offset / 1_000), seconds.count - 1)
        seconds[second][min(Int(clamping: milliseconds), Self.millisecondsMaximum)] += 1
    }

    /// The delay that so many of a hundred packets do not exceed, over the whole run.
    func part(_ percent: Int) -> UInt64 {
        let whole = (0...Self.millisecondsMaximum).map { delay in
            seconds.reduce(0) { $0 + Int($1[delay]) }
        }
        return Self.part(percent, of: whole)
    }

    /// Each second of the run.
    var bySecond: [Second] {
        seconds.dropLast().map { counts in
            let counts = counts.map(Int.init)
            return Second(
                packets: counts.reduce(0, +), median: Self.part(50, of: counts),
                delay99th: Self.part(99, of: counts))
        }
    }

    private static func part(_ percent: Int, of counts: [Int]) -> UInt64 {
        let total = counts.reduce(0, +)
        var seen = 0
        for (milliseconds, count) in counts.enumerated() {
            seen += count
            if seen * 100 >= total * percent { return UInt64(milliseconds) }
        }
        return UInt64(counts.count)
    }
}
