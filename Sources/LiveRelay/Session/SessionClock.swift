import SessionModel

/// Session time from the monotonic clock, anchored once at the wall clock: it never jumps and never
/// decreases, not even across restarts.
struct SessionClock: Hashable, Sendable {
    private let anchor: SessionTime
    private let anchorMonotonic: UInt64
    private let createdAt: WallTime

    /// A clock for a log that was created at `createdAt` and whose last event is at `last`.
    init(createdAt: WallTime, last: SessionTime, wall: WallTime, monotonicMilliseconds: UInt64) {
        self.createdAt = createdAt
        let elapsed = wall.milliseconds - createdAt.milliseconds
        anchor = max(last, SessionTime(milliseconds: max(elapsed, 0)))
        anchorMonotonic = monotonicMilliseconds
    }

    /// Session time at a reading of the monotonic clock.
    func time(atMonotonic milliseconds: UInt64) -> SessionTime {
        let elapsed = milliseconds > anchorMonotonic ? milliseconds - anchorMonotonic : 0
        return anchor.advanced(byMilliseconds: Int64(clamping: elapsed))
    }

    /// Session time at a wall time, as far as an earlier run of the relay went by it.
    func time(atWall wall: WallTime) -> SessionTime {
        SessionTime(milliseconds: max(wall.milliseconds - createdAt.milliseconds, 0))
    }

    /// The wall clock that people read at a session time.
    func wall(at time: SessionTime) -> WallTime {
        WallTime(milliseconds: createdAt.milliseconds + time.milliseconds)
    }
}
