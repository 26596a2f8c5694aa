public import LiveRelayWire
public import Recorder
public import SessionModel

/// What a replay shows beside the sound: chat, hands, polls and breaks, all by session time in milliseconds.
///
/// Holds what was for everybody in class: no hidden chat entries, no choices of persons, no supervisors.
public struct ReplayDocument: Hashable, Sendable, Codable {
    /// The class.
    public let `class`: ClassCard
    /// The wall clock at session time 0.
    public let wall: WallTime
    /// Where the replay begins: the start of the lesson, or the opening of the door where it never started.
    public let from: SessionTime
    /// Where it ends: the end of the class, or now.
    public let to: SessionTime
    /// The recorded sound, by the time it begins.
    public let segments: [ReplaySegment]
    /// 课间休息.
    public let breaks: [Span]
    /// Stretches in which nothing could be recorded, and why.
    public let pauses: [RecordingPause]
    /// What was said, in order.
    public let chat: [ReplayChat]
    /// What happened to hands and turns, in order.
    public let hands: [ReplayHand]
    /// The polls, in the order of opening.
    public let polls: [ReplayPoll]
    /// Who was there.
    public let people: [ReplayPerson]

    /// The replay of a class.
    public init(_ recording: ClassRecording, card: ClassCard) {
        let people = ClassPeople(recording)
        let report = SessionReport(
            events: recording.events, at: card.phase == .ended ? nil : recording.now)
        let clock = ReportClock(report, createdAt: recording.header.createdAt)
        var fold = ReplayFold(people)
        for recorded in recording.events { fold.apply(recorded) }
        self.class = card
        wall = clock.wall(.zero)
        from = report.startedAt ?? report.openedAt ?? .zero
        to = report.endedAt ?? max(recording.now, report.at)
        let end = to
        segments = recording.segments.map { ReplaySegment($0, card.id, people, end) }
        breaks = report.breaks
        pauses = report.recordingPauses
        chat = fold.visibleChat
        hands = fold.hands
        polls = report.polls.map { ReplayPoll($0, people) }
        self.people = fold.people
    }
}

/// One file of recorded sound.
public struct ReplaySegment: Hashable, Sendable, Codable {
    /// The name of the file.
    public let file: String
    /// Where it is, below the server's address.
    public let url: String
    /// The track.
    public let track: TrackID
    /// Who is heard.
    public let seat: SeatID
    /// 姓名.
    public let name: String
    /// The session time at which it begins.
    public let startedAt: SessionTime
    /// How long it plays.
    public let milliseconds: Int64
    /// Being written, closed, or erased.
    public let state: AudioSegmentState
    /// Pairs of file time and session time, where the file was joined to the time of the class.
    public let anchors: [AudioAnchor]

    init(_ segment: AudioSegment, _ session: SessionID, _ people: ClassPeople, _ end: SessionTime) {
        file = segment.file
        url = "/api/v1/classes/\(session)/segments/\(segment.file)"
        track = segment.track
        seat = segment.seat
        name = people.name(segment.seat)
        startedAt = segment.start
        // Of an open file only the beginning is listed; it goes on until now.
        milliseconds =
            segment.state == .open
            ? max(segment.durationMilliseconds, max(0, segment.start.milliseconds(to: end)))
            : segment.durationMilliseconds
        state = segment.state
        anchors = segment.anchors
    }
}

/// A chat entry of a replay.
public struct ReplayChat: Hashable, Sendable, Codable {
    /// When.
    public let at: SessionTime
    /// 姓名.
    public let name: String
    /// 单位.
    public let affiliation: String
    /// As what the person wrote.
    public let role: Role
    /// What was written; nil where it was erased.
    public let text: String?
}

/// What happened to a hand or a turn.
public struct ReplayHand: Hashable, Sendable, Codable {
    /// When.
    public let at: SessionTime
    /// 姓名.
    public let name: String
    /// What.
    public let what: ReplayHandChange
}

/// What can happen to a hand or a turn.
public enum ReplayHandChange: String, CaseIterable, Hashable, Sendable, Codable {
    /// 举手.
    case raised
    /// The hand went down without a call.
    case lowered
    /// 请发言.
    case called
    /// 结束发言.
    case ended
}

/// A poll of a replay.
public struct ReplayPoll: Hashable, Sendable, Codable {
    /// When it was opened.
    public let at: SessionTime
    /// When it was closed.
    public let closedAt: SessionTime?
    /// What was asked; nil where it was erased.
    public let question: String?
    /// What could be answered; nil where it was erased.
    public let options: [String?]
    /// Named or anonymous.
    public let secrecy: PollSecrecy
    /// How many voted.
    public let count: Int?
    /// How often each option was chosen, where that may be shown.
    public let sums: [Int]?

    init(_ poll: PollReport, _ people: ClassPeople) {
        at = poll.openedAt
        closedAt = poll.closedAt
        question = people.text(poll.question.question)
        options = poll.question.options.map(people.text)
        secrecy = poll.question.secrecy
        count = poll.count
        sums = poll.sums
    }
}

/// Somebody who was there.
public struct ReplayPerson: Hashable, Sendable, Codable {
    /// The seat.
    public let seat: SeatID
    /// 姓名.
    public let name: String
    /// As what.
    public let role: Role
}
