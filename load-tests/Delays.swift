import Histogram

/// How long many things took, in nanoseconds, to three digits.
struct Delays {
    /// A minute: whoever waits longer has lost what he waited for.
    private static let nanosecondsMaximum: UInt64 = 60_000_000_000

    private var histogram = Histogram<UInt64>(
        highestTrackableValue: Delays.nanosecondsMaximum, numberOfSignificantValueDigits: .three)
    private(set) var count = 0

    /// One took so long; longer than can be told counts as the longest.
    mutating func take(_ nanoseconds: UInt64) {
        count += 1
        histogram.record(min(nanoseconds, Self.nanosecondsMaximum))
    }

    /// What so many of a hundred did not exceed, in milliseconds.
    func milliseconds(_ percentile: Double) -> Double {
        guard count > 0 else { return 0 }
        return Double(histogram.valueAtPercentile(percentile) / 1_000) / 1_000
    }
}
