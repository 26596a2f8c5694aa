import Foundation

/// What one measurement saw: how long each thing took, and how much of the processor all of them.
struct CommitTally: Sendable {
    /// Nanoseconds of each, in any order.
    var nanoseconds: [UInt64] = []
    var seconds = 0.0
    var processorSeconds = 0.0

    /// How many things a second.
    var rate: Double { seconds > 0 ? Double(nanoseconds.count) / seconds : 0 }
    /// Microseconds of processor for one thing, on all threads together.
    var processorMicroseconds: Double {
        nanoseconds.isEmpty ? 0 : processorSeconds * 1e6 / Double(nanoseconds.count)
    }

    /// Milliseconds that so much of all took at most; `share` from 0 to 1.
    func milliseconds(_ share: Double) -> Double {
        let sorted = nanoseconds.sorted()
        guard !sorted.isEmpty else { return 0 }
        return Double(sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]) / 1e6
    }

    /// The processor time of this process so far.
    static func processorSecondsNow() -> Double {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }
}
