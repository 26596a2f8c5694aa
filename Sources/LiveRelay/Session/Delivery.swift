import LiveRelayWire
import SessionModel
import WebSocketCore

/// Something that leaves the host for connections, once the log position it depends on is durable.
enum Delivery: Sendable {
    /// To all members of an audience; with a panel only to those who show it.
    case broadcast(SharedFrame, audience: Audience, panel: Panel?)
    /// Counters: one frame for staff, one for everybody else.
    case digest(staff: SharedFrame, others: SharedFrame)
    /// To one connection.
    case send(SharedFrame, to: ConnectionID)
    /// A connection becomes a member, after its greeting.
    case admit(Member, greeting: [SharedFrame])
    /// A member shows other panels now.
    case panels(ConnectionID, Set<Panel>)
    /// A connection is closed.
    case dismiss(ConnectionID, DisconnectCode)
    /// A command was answered, so that another may be in flight.
    case settle(ConnectionID, CommandID)
    /// Somebody outside the class waits to hear that everything so far is durable.
    case conclude(Int)

    /// What goes to more than one loop.
    var frames: [SharedFrame] {
        switch self {
        case .broadcast(let frame, _, _): [frame]
        case .digest(let staff, let others): [staff, others]
        case .send, .admit, .panels, .dismiss, .settle, .conclude: []
        }
    }
}

/// A connection that takes part in a class.
struct Member: Hashable, Sendable {
    /// The socket.
    let connection: ConnectionID
    /// The seat that it speaks for.
    let seat: SeatID
    /// What the seat may see.
    let role: Role
    /// What the page shows.
    var panels: Set<Panel>
}

/// What waits for the disk: nothing leaves before the commit it depends on is durable, and nothing overtakes.
///
/// Commits are counted rather than events, since an anonymous ballot is a commit without an event.
struct Outbox {
    private struct Entry {
        let commit: Int
        let delivery: Delivery
    }

    private var entries: [Entry] = []

    /// Whether nothing waits.
    var isEmpty: Bool { entries.isEmpty }

    /// Adds what may leave once this commit is durable. Numbers of commits never decrease.
    mutating func add(_ delivery: Delivery, after commit: Int) {
        entries.append(Entry(commit: commit, delivery: delivery))
    }

    /// What may leave now that everything up to this commit is durable.
    mutating func release(upTo commit: Int) -> [Delivery] {
        let count = entries.firstIndex { $0.commit > commit } ?? entries.count
        let released = entries[..<count].map(\.delivery)
        entries.removeFirst(count)
        return released
    }

    /// Everything that waited, when the state it speaks of was discarded.
    mutating func discard() -> [Delivery] {
        defer { entries = [] }
        return entries.map(\.delivery)
    }
}
