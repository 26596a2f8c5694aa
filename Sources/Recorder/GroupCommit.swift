/// How much may wait behind a slow disk before a class is told that its log is unavailable.
public enum GroupCommitLimits {
    /// At 1,000 commits a second, far above what a class makes, four seconds of a disk that does not answer.
    public static let waitingCountMaximum = 4_096
}

/// Group commit for one class: at most one write with its sync in flight; what gathers meanwhile is the next
/// batch.
///
///     idle ──append──▶ writing ──completed──▶ idle, or writing what waited
///                         └──failed, outcome known──▶ idle, or writing what waited: nothing is on disk,
///                         │                           so what waited, which builds on it, is refused with it
///                         └──failed, outcome unknown──▶ poisoned ──readBack──▶ idle
///
/// Pure: inputs return effects, and a driver carries them out.
struct GroupCommit<Entry: Sendable> {
    typealias Ticket = Int

    /// What the driver has to do.
    enum Effect {
        /// Write these and sync once; then call `completed` or `failed`.
        case write([Entry])
        /// These are durable.
        case acknowledge([Ticket])
        /// These are refused.
        case refuse([Ticket], EventLogFailure)
    }

    private enum State {
        case idle
        case writing([Ticket])
        case poisoned
        case closed
    }

    private var state = State.idle
    private var waiting: [(ticket: Ticket, entry: Entry)] = []

    /// Whether nothing is in flight.
    var isIdle: Bool {
        switch state {
        case .idle, .poisoned, .closed: true
        case .writing: false
        }
    }

    /// Takes one entry.
    mutating func append(_ entry: Entry, ticket: Ticket) -> [Effect] {
        switch state {
        case .idle:
            state = .writing([ticket])
            return [.write([entry])]
        case .writing:
            guard waiting.count < GroupCommitLimits.waitingCountMaximum else {
                return [.refuse([ticket], .unavailable(.overloaded))]
            }
            waiting.append((ticket, entry))
            return []
        case .poisoned: return [.refuse([ticket], .unavailable(.poisoned))]
        case .closed: return [.refuse([ticket], .unavailable(.closed))]
        }
    }

    /// Takes the files for something else than a write where nothing is in flight; `completed` gives them
    /// back. Says whether it did.
    mutating func hold() -> Bool {
        guard case .idle = state else { return false }
        state = .writing([])
        return true
    }

    /// What was in flight is durable.
    mutating func completed() -> [Effect] {
        guard case .writing(let tickets) = state else { return [] }
        guard !waiting.isEmpty else {
            state = .idle
            return [.acknowledge(tickets)]
        }
        let next = waiting
        waiting = []
        state = .writing(next.map(\.ticket))
        return [.acknowledge(tickets), .write(next.map(\.entry))]
    }

    /// What was in flight failed. What waited was decided on top of it, so it goes down with it.
    mutating func failed(_ failure: EventLogFailure) -> [Effect] {
        guard case .writing(let tickets) = state else { return [] }
        let followers = waiting.map(\.ticket)
        waiting = []
        switch failure {
        case .unknownOutcome: state = .poisoned
        case .conflict, .unavailable: state = .idle
        }
        guard !followers.isEmpty else { return [.refuse(tickets, failure)] }
        return [.refuse(tickets, failure), .refuse(followers, .conflict)]
    }

    /// The log was read back from disk and is known again.
    mutating func readBack() {
        if case .poisoned = state { state = .idle }
    }

    /// Nothing more is taken; to be called when nothing is in flight.
    mutating func close() {
        if isIdle { state = .closed }
    }
}
