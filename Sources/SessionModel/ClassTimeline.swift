/// What happened to a class as a whole, and when: the frame in which attendance and engagement are measured.
struct ClassTimeline: Hashable, Sendable {
    private(set) var plan: SessionPlan?
    private(set) var phase: Phase = .scheduled
    private(set) var openedAt: SessionTime?
    private(set) var startedAt: SessionTime?
    private(set) var endedAt: SessionTime?
    private(set) var endCause: EndCause?
    private(set) var expected: [PersonID] = []
    private(set) var expectedSet: Set<PersonID> = []
    private(set) var relayStarts: [RelayStart] = []
    private var endedBreaks: [Span] = []
    private var breakStartedAt: SessionTime?

    init(_ events: some Sequence<RecordedEvent>) {
        for recorded in events { apply(recorded.event, at: recorded.t) }
    }

    private mutating func apply(_ event: Event, at time: SessionTime) {
        switch event {
        case .scheduled(let plan): self.plan = plan
        case .peopleExpected(let people):
            for person in people where expectedSet.insert(person).inserted { expected.append(person) }
        case .relayStarted(let run, let wall, let silentSince):
            relayStarts.append(RelayStart(at: time, run: run, wall: wall, silentSince: silentSince))
        case .opened: (phase, openedAt) = (.open, time)
        case .started: (phase, startedAt) = (.live, time)
        case .breakStarted: (phase, breakStartedAt) = (.onBreak, time)
        case .breakEnded:
            phase = .live
            endBreak(at: time)
        case .ended(let cause):
            endBreak(at: time)
            (phase, endedAt, endCause) = (.ended, time, cause)
        case .joined, .interrupted, .resumed, .left, .removed, .playbackChanged, .chatPosted, .chatHidden,
            .handRaised, .handLowered, .calledToSpeak, .turnEnded, .muted, .unmuted, .pollOpened, .voteCast,
            .pollClosed, .trackOpened, .trackClosed, .recordingPaused, .recordingResumed, .textsRemoved:
            return
        }
    }

    private mutating func endBreak(at time: SessionTime) {
        guard let from = breakStartedAt else { return }
        endedBreaks.append(Span(from: from, to: time))
        breakStartedAt = nil
    }

    /// The breaks, the present one as far as it has come.
    func breaks(at time: SessionTime) -> SpanSet {
        SpanSet(endedBreaks + (breakStartedAt.map { [Span(from: $0, to: time)] } ?? []))
    }

    /// From the start of the lesson to its end, or to now; breaks included.
    func frame(at time: SessionTime) -> SpanSet {
        SpanSet(startedAt.map { [Span(from: $0, to: endedAt ?? time)] } ?? [])
    }

    /// 平台中断: when the relay was away, as far as it is known.
    var outages: SpanSet {
        SpanSet(relayStarts.compactMap { start in start.silentSince.map { Span(from: $0, to: start.at) } })
    }

    /// 授课: the lesson without its breaks, and without what the relay missed.
    func lesson(at time: SessionTime) -> SpanSet {
        frame(at: time).subtracting(breaks(at: time)).subtracting(outages)
    }
}

/// One start of the relay; joins session time to the wall clock.
public struct RelayStart: Hashable, Sendable, Codable {
    /// When, in session time.
    public let at: SessionTime
    /// The number of the start.
    public let run: UInt32
    /// When, by the wall clock.
    public let wall: WallTime
    /// Since when the relay had been away; nil where that is not known.
    public let silentSince: SessionTime?
}
