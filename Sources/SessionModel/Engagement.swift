/// 互动统计 of one class: a fold over its log.
public struct Engagement: Hashable, Sendable, Codable {
    /// Everybody who took a seat, supervisors aside, in order of arrival.
    public let rows: [EngagementRow]
    /// Ballots in all anonymous polls together; nothing says whose.
    public let anonymousBallotsCount: Int

    /// Folds a log up to a moment, or up to its last event; what happened later is left out.
    public init(events: [RecordedEvent], at time: SessionTime? = nil) {
        let until = time ?? events.last?.t ?? .zero
        let past = events.prefix { $0.t <= until }
        self.init(past, ClassTimeline(past), at: until)
    }

    init(_ events: some Sequence<RecordedEvent>, _ timeline: ClassTimeline, at time: SessionTime) {
        var fold = EngagementFold()
        for recorded in events { fold.apply(recorded.event, at: recorded.t) }
        rows = fold.rows(timeline.lesson(at: time), at: time)
        anonymousBallotsCount = fold.anonymousBallotsCount
    }
}

/// What one person did in class.
public struct EngagementRow: Hashable, Sendable, Codable {
    /// Who.
    public let person: PersonID
    /// Chat entries, hidden ones included.
    public let chatsCount: Int
    /// Chat entries that staff took out of sight.
    public let hiddenChatsCount: Int
    /// 举手.
    public let handsCount: Int
    /// 发言: how often called to speak.
    public let turnsCount: Int
    /// From being called to the end of the turn, breaks not counted.
    public let talkMilliseconds: Int64
    /// Answers to named polls; nothing is known of anonymous ones.
    public let namedVotesCount: Int

    /// Somebody who did nothing but be there.
    init(
        person: PersonID, chatsCount: Int = 0, hiddenChatsCount: Int = 0, handsCount: Int = 0,
        turnsCount: Int = 0, talkMilliseconds: Int64 = 0, namedVotesCount: Int = 0
    ) {
        self.person = person
        self.chatsCount = chatsCount
        self.hiddenChatsCount = hiddenChatsCount
        self.handsCount = handsCount
        self.turnsCount = turnsCount
        self.talkMilliseconds = talkMilliseconds
        self.namedVotesCount = namedVotesCount
    }
}

private struct EngagementFold {
    private struct Tally {
        let person: PersonID
        var chats = 0
        var hiddenChats = 0
        var hands = 0
        var votes = 0
        var turns: [Span] = []
        var turnsCount = 0
    }

    private var tallies: [Tally] = []
    private var positions: [PersonID: Int] = [:]
    private var positionOfSeat: [SeatID: Int] = [:]
    private var positionOfChat: [ChatID: Int] = [:]
    private var openTurns: [(seat: SeatID, since: SessionTime)] = []
    private var anonymousPolls: Set<PollID> = []
    private(set) var anonymousBallotsCount = 0

    mutating func apply(_ event: Event, at time: SessionTime) {
        switch event {
        case .joined(let seat, let person, let role, _): if role != .supervisor { seatTaken(seat, person) }
        case .chatPosted(let chat, let seat, _):
            positionOfChat[chat] = positionOfSeat[seat]
            change(seat) { $0.chats += 1 }
        case .chatHidden(let chat):
            if let position = positionOfChat.removeValue(forKey: chat) { tallies[position].hiddenChats += 1 }
        case .handRaised(let seat): change(seat) { $0.hands += 1 }
        case .calledToSpeak(let seat):
            openTurns.append((seat, time))
            change(seat) { $0.turnsCount += 1 }
        case .turnEnded(let seat, _): endTurn(seat, at: time)
        case .pollOpened(let poll, let question):
            if question.secrecy == .anonymous { anonymousPolls.insert(poll) }
        case .pollClosed(let poll, let count, _):
            if anonymousPolls.contains(poll) { anonymousBallotsCount &+= count }
        case .voteCast(_, let seat, _): change(seat) { $0.votes += 1 }
        case .scheduled, .peopleExpected, .relayStarted, .opened, .started, .breakStarted, .breakEnded,
            .ended,
            .interrupted, .resumed, .left, .removed, .playbackChanged, .handLowered, .muted, .unmuted,
            .trackOpened, .trackClosed, .recordingPaused, .recordingResumed, .textsRemoved:
            return
        }
    }

    func rows(_ lesson: SpanSet, at time: SessionTime) -> [EngagementRow] {
        var done = self
        for turn in openTurns { done.endTurn(turn.seat, at: time) }
        return done.tallies.map { tally in
            EngagementRow(
                person: tally.person, chatsCount: tally.chats, hiddenChatsCount: tally.hiddenChats,
                handsCount: tally.hands, turnsCount: tally.turnsCount,
                talkMilliseconds: SpanSet(tally.turns).intersection(lesson).milliseconds,
                namedVotesCount: tally.votes)
        }
    }

    private mutating func seatTaken(_ seat: SeatID, _ person: PersonID) {
        let position = positions[person] ?? tallies.count
        if position == tallies.count {
            positions[person] = position
            tallies.append(Tally(person: person))
        }
        positionOfSeat[seat] = position
    }

    private mutating func endTurn(_ seat: SeatID, at time: SessionTime) {
        guard let place = openTurns.firstIndex(where: { $0.seat == seat }) else { return }
        let since = openTurns.remove(at: place).since
        change(seat) { $0.turns.append(Span(from: since, to: time)) }
    }

    private mutating func change(_ seat: SeatID, _ change: (inout Tally) -> Void) {
        guard let position = positionOfSeat[seat] else { return }
        change(&tallies[position])
    }
}
