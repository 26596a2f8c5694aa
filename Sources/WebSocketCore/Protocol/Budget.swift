/// How many things may happen: so many a second on the average, and so many at once after a pause, since a
/// network that stood still delivers what gathered all together.
public struct Budget: Sendable {
    private let perSecond: Int
    private let burst: Int
    private var left: Int
    private var refilledAt: UInt64 = 0

    /// A full budget.
    public init(perSecond: Int, burst: Int) {
        self.perSecond = perSecond
        self.burst = burst
        left = burst
    }

    /// Whether one more may happen now, by the monotonic clock in milliseconds.
    public mutating func spend(now: UInt64) -> Bool {
        let elapsed = Int(clamping: now - min(refilledAt, now))
        let refill = min(elapsed, 60_000) * perSecond / 1_000
        if refill > 0 {
            left += min(refill, burst - left)
            refilledAt = now
        }
        guard left > 0 else { return false }
        left -= 1
        return true
    }
}
