import SessionModel
import WebSocketCore

/// The last released events as they went onto the wire, so that somebody who comes back gets what was missed
/// and somebody who arrives shares a snapshot with those who arrived just before.
struct RecentEvents {
    /// One released event.
    struct Entry {
        let n: UInt64
        let audience: Audience
        let frame: SharedFrame
    }

    /// Beyond this a snapshot is cheaper; the same number as `WireLimits.resumeEventsCountMaximum`.
    static let countMaximum = 500

    private var entries: [Entry] = []
    /// Everything after this event is in `entries`.
    private(set) var beginsAfter: UInt64

    init(beginsAfter n: UInt64) { beginsAfter = n }

    mutating func add(_ entry: Entry) {
        entries.append(entry)
        // Cut in halves, not one by one, so that adding stays cheap.
        if entries.count > 2 * Self.countMaximum {
            let surplus = entries.count - Self.countMaximum
            beginsAfter = entries[surplus - 1].n
            entries.removeFirst(surplus)
        }
    }

    /// What was added after event `n` did not happen.
    mutating func forget(after n: UInt64) { entries.removeAll { $0.n > n } }

    /// The frames after event `n` that a seat may see, or nil where too many or too old ones are missing.
    func frames(after n: UInt64, upTo last: UInt64, seat: SeatID, role: Role) -> [SharedFrame]? {
        guard n >= beginsAfter, n <= last, last - n <= UInt64(Self.countMaximum) else { return nil }
        return entries.filter { $0.n > n && $0.n <= last && $0.audience.includes(seat, role: role) }
            .map(\.frame)
    }
}
