/// What one seat did, stretch by stretch, from the log.
struct SeatTrail: Sendable {
    private enum State: Hashable, Sendable {
        case away
        case connected(since: SessionTime)
        case interrupted(since: SessionTime, InterruptionCause)
    }

    let person: PersonID
    let role: Role
    let members: [PersonID]
    private var state: State = .away
    private var playback: (state: Playback, since: SessionTime)?
    private(set) var spans: [PresenceSpan] = []
    private(set) var playing: [Span] = []
    private(set) var hidden: [Span] = []
    private(set) var interruptionsCount = 0

    init(person: PersonID, role: Role, members: [PersonID]) {
        self.person = person
        self.role = role
        self.members = members
    }

    /// Whether the seat is held.
    var isPresent: Bool { state != .away }

    /// A short interruption that ended by coming back counts as presence.
    mutating func connect(at time: SessionTime) {
        switch state {
        case .connected: return
        case .away: state = .connected(since: time)
        case .interrupted(let since, _):
            let isForgiven =
                since.milliseconds(to: time) <= SessionLimits.interruptionForgivenMilliseconds
            if isForgiven {
                spans.append(PresenceSpan(from: since, to: time, interruption: nil))
            } else {
                closeState(at: time)
            }
            state = .connected(since: time)
        }
    }

    /// The relay went away, as it says once it is back; the event that follows for the seat says it again.
    mutating func interruptByRelay(at time: SessionTime) {
        guard case .connected = state else { return }
        interrupt(.server, at: time)
    }

    mutating func interrupt(_ cause: InterruptionCause, at time: SessionTime) {
        guard state != .away else { return }
        if cause == .server, case .interrupted(_, .server) = state { return }
        closeState(at: time)
        closePlayback(at: time)
        state = .interrupted(since: time, cause)
        interruptionsCount += 1
    }

    mutating func go(at time: SessionTime) {
        closeState(at: time)
        closePlayback(at: time)
        state = .away
    }

    mutating func report(_ playback: Playback, at time: SessionTime) {
        closePlayback(at: time)
        self.playback = (playback, time)
    }

    /// The same trail with everything that is still going on counted up to a moment.
    func closed(at time: SessionTime) -> SeatTrail {
        var copy = self
        copy.closeState(at: time)
        copy.closePlayback(at: time)
        return copy
    }

    private mutating func closeState(at time: SessionTime) {
        switch state {
        case .away: return
        case .connected(let since): spans.append(PresenceSpan(from: since, to: time, interruption: nil))
        case .interrupted(let since, let cause):
            spans.append(PresenceSpan(from: since, to: time, interruption: cause))
        }
    }

    private mutating func closePlayback(at time: SessionTime) {
        guard let (state, since) = playback else { return }
        playback = nil
        switch state {
        case .playing: playing.append(Span(from: since, to: time))
        case .hidden: hidden.append(Span(from: since, to: time))
        case .notPlaying: return
        }
    }
}
