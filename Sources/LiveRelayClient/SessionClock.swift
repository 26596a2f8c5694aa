public import SessionModel

/// What the relay's session clock shows now, from the quickest of the last round trips.
public struct SessionClock: Hashable, Sendable {
    /// After this long a quick round trip is old: clocks drift by some parts in a hundred thousand.
    static let sampleMillisecondsMaximum: UInt64 = 60_000

    /// No two answers differ by this much more than their way took: the machine slept, or the relay's clock
    /// was set.
    static let jumpMilliseconds: Int64 = 500

    private var offset: Int64?
    private var sampledAt: UInt64 = 0
    /// The round trip that the clock rests on, in milliseconds.
    public private(set) var roundTripMilliseconds: UInt64?

    /// A clock that knows nothing yet.
    public init() {}

    /// The relay read its clock between our sending and receiving.
    mutating func sample(sentAt: UInt64, session: SessionTime, receivedAt: UInt64) {
        guard receivedAt >= sentAt else { return }
        let roundTrip = receivedAt - sentAt
        let isOld = receivedAt > sampledAt + Self.sampleMillisecondsMaximum
        let middle = Int64(clamping: sentAt) + Int64(clamping: roundTrip / 2)
        let measured = session.milliseconds.subtractingReportingOverflow(middle).partialValue
        let step = measured.subtractingReportingOverflow(offset ?? measured).partialValue
        let hasJumped = step.magnitude > UInt64(Self.jumpMilliseconds) + roundTrip
        if let best = roundTripMilliseconds, roundTrip > best, !isOld, !hasJumped { return }
        roundTripMilliseconds = roundTrip
        sampledAt = receivedAt
        offset = measured
    }

    /// Another log has another clock.
    mutating func reset() { self = SessionClock() }

    /// Session time at a moment of our own monotonic clock; nil before the relay has said anything.
    public func time(at now: UInt64) -> SessionTime? {
        guard let offset else { return nil }
        return SessionTime(milliseconds: Int64(clamping: now).addingReportingOverflow(offset).partialValue)
    }
}
