/// When one seat heard, and when it did not.
struct EndureHearing {
    /// Sound comes every 20 to 100 ms; what is longer than this is a gap and not jitter.
    private static let gapMillisecondsMinimum: UInt64 = 300

    /// The seat's client was started at this time.
    private(set) var startedAt: UInt64
    private(set) var lastAt: UInt64?
    private var gaps: [(from: UInt64, to: UInt64)] = []

    init(startedAt: UInt64) { self.startedAt = startedAt }

    mutating func take(at now: UInt64) {
        let before = lastAt ?? startedAt
        if now - before >= Self.gapMillisecondsMinimum { gaps.append((before, now)) }
        lastAt = now
    }

    /// When sound was first heard at or after a time; nil where it was not heard yet.
    func heardAgain(after time: UInt64) -> UInt64? {
        guard let lastAt, lastAt >= time else { return nil }
        return gaps.last { $0.from < time && time <= $0.to }?.to ?? time
    }
}
