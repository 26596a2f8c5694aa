public import SessionModel

/// The state of a class as one audience sees it: all that somebody who arrives now needs.
public struct Snapshot: Hashable, Sendable, Codable {
    /// Identity of the log.
    public var epoch: String
    /// The last event that is in it.
    public var n: UInt64
    /// Session time.
    public var t: SessionTime
    /// The wall clock of the relay.
    public var wall: WallTime
    /// The class.
    public var `class`: ClassCard
    /// How many are there.
    public var presence: PresenceCount
    /// Who is there, as far as the audience may know.
    public var people: [SnapshotPerson]
    /// Who waits to speak.
    public var hands: HandsCard
    /// The last chat entries.
    public var chat: [ChatCard]
    /// The polls.
    public var polls: [PollCard]
    /// The open audio tracks.
    public var tracks: [TrackCard]

    /// A snapshot of all its parts.
    public init(
        epoch: String, n: UInt64, t: SessionTime, wall: WallTime, class: ClassCard, presence: PresenceCount,
        people: [SnapshotPerson], hands: HandsCard, chat: [ChatCard], polls: [PollCard], tracks: [TrackCard]
    ) {
        self.epoch = epoch
        self.n = n
        self.t = t
        self.wall = wall
        self.class = `class`
        self.presence = presence
        self.people = people
        self.hands = hands
        self.chat = chat
        self.polls = polls
        self.tracks = tracks
    }
}

/// A class as its pages show it.
public struct ClassCard: Hashable, Sendable, Codable {
    /// The identifier.
    public var id: SessionID
    /// 题目.
    public var title: String
    /// 小班 or 大规模.
    public var kind: ClassKind
    /// Where it stands.
    public var phase: Phase
    /// When it should start.
    public var plannedStart: WallTime
    /// How long it should last.
    public var plannedMinutes: Int
    /// The time zone of its times.
    public var timeZone: String
    /// The organisation path.
    public var organisation: [NamedPart]
    /// 培训项目.
    public var project: NamedPart?
    /// 班级.
    public var cohort: NamedPart?
    /// 课次.
    public var lesson: Lesson?
    /// Whether it is kept for replay.
    public var isRecorded: Bool
    /// `on`, `off`, or the cause of a pause.
    public var recording: String
    /// When the door was opened.
    public var openedAt: SessionTime?
    /// When the lesson began.
    public var startedAt: SessionTime?
    /// When the break began.
    public var breakStartedAt: SessionTime?
    /// How long the break should be.
    public var breakMinutes: Int?
    /// When it ended.
    public var endedAt: SessionTime?

    /// The class with its plan and its state; nil before it was planned.
    public init?(_ session: Session) {
        guard let plan = session.plan else { return nil }
        self.init(
            id: session.id, plan: plan, phase: session.phase, recordingPause: session.isRecordingPaused,
            openedAt: session.openedAt, startedAt: session.startedAt, breakStartedAt: session.breakStartedAt,
            breakMinutes: session.breakMinutes, endedAt: session.endedAt)
    }

    /// A class from its plan and how it stands.
    public init(
        id: SessionID, plan: SessionPlan, phase: Phase, recordingPause: RecordingPauseCause?,
        openedAt: SessionTime?, startedAt: SessionTime?, breakStartedAt: SessionTime?, breakMinutes: Int?,
        endedAt: SessionTime?
    ) {
        self.id = id
        title = plan.title
        kind = plan.kind
        self.phase = phase
        plannedStart = plan.plannedStart
        plannedMinutes = plan.plannedMinutes
        timeZone = plan.timeZone
        organisation = plan.organisation
        project = plan.project
        cohort = plan.cohort
        lesson = plan.lesson
        isRecorded = plan.isRecorded
        recording = plan.isRecorded ? recordingPause?.rawValue ?? "on" : "off"
        self.openedAt = openedAt
        self.startedAt = startedAt
        self.breakStartedAt = breakStartedAt
        self.breakMinutes = breakMinutes
        self.endedAt = endedAt
    }
}

/// How many are there, of how many who should be.
public struct PresenceCount: Hashable, Sendable, Codable {
    /// Participants in class.
    public var present: Int
    /// 应到.
    public var expected: Int

    /// Counts of participants.
    public init(present: Int, expected: Int) {
        self.present = present
        self.expected = expected
    }
}

/// Somebody in class.
public struct SnapshotPerson: Hashable, Sendable, Codable {
    /// The seat.
    public var seat: SeatID
    /// 姓名.
    public var name: String
    /// 单位.
    public var affiliation: String
    /// What the person is in class.
    public var role: Role
    /// `connected` or `interrupted`.
    public var presence: String
    /// Whether the person's sound is stopped.
    public var isMuted: Bool
    /// Whether the person was called to speak.
    public var isSpeaking: Bool

    /// Somebody in class.
    public init(seat: Seat, card: PersonCard, presence: String, isSpeaking: Bool) {
        self.seat = seat.id
        name = card.name
        affiliation = card.affiliation
        role = seat.role
        self.presence = presence
        isMuted = seat.isMuted
        self.isSpeaking = isSpeaking
    }
}

/// Who waits to speak.
public struct HandsCard: Hashable, Sendable, Codable {
    /// Raised hands.
    public var total: Int
    /// The queue, for staff.
    public var queue: [HandCard]?

    /// Raised hands.
    public init(total: Int, queue: [HandCard]?) {
        self.total = total
        self.queue = queue
    }
}

/// A raised hand.
public struct HandCard: Hashable, Sendable, Codable {
    /// Whose.
    public var seat: SeatID
    /// 姓名.
    public var name: String
    /// 单位.
    public var affiliation: String
    /// Since when.
    public var raisedAt: SessionTime

    /// A raised hand.
    public init(seat: SeatID, name: String, affiliation: String, raisedAt: SessionTime) {
        self.seat = seat
        self.name = name
        self.affiliation = affiliation
        self.raisedAt = raisedAt
    }
}

/// A chat entry.
public struct ChatCard: Hashable, Sendable, Codable {
    /// The entry.
    public var chat: ChatID
    /// Whose.
    public var seat: SeatID
    /// 姓名.
    public var name: String
    /// 单位.
    public var affiliation: String
    /// As what the person wrote.
    public var role: Role
    /// When.
    public var at: SessionTime
    /// What was written; nil where it was taken out of sight or erased.
    public var text: String?
    /// Whether it was taken out of sight.
    public var isHidden: Bool

    /// A chat entry.
    public init(
        chat: ChatID, seat: SeatID, card: PersonCard, at: SessionTime, text: String?, isHidden: Bool
    ) {
        self.chat = chat
        self.seat = seat
        name = card.name
        affiliation = card.affiliation
        role = card.role
        self.at = at
        self.text = text
        self.isHidden = isHidden
    }
}

/// A poll.
public struct PollCard: Hashable, Sendable, Codable {
    /// The poll.
    public var poll: PollID
    /// What is asked.
    public var question: String
    /// What can be answered.
    public var options: [String]
    /// Named or anonymous.
    public var secrecy: PollSecrecy
    /// Since when.
    public var openedAt: SessionTime
    /// Until when.
    public var closedAt: SessionTime?
    /// Votes.
    public var count: Int
    /// Votes for each option, after closing and where they may be shown.
    public var sums: [Int]?
    /// Who chose what, for staff of a named poll.
    public var votes: [VoteCard]?

    /// A poll.
    public init(
        poll: PollID, question: String, options: [String], secrecy: PollSecrecy, openedAt: SessionTime,
        closedAt: SessionTime?, count: Int, sums: [Int]?, votes: [VoteCard]?
    ) {
        self.poll = poll
        self.question = question
        self.options = options
        self.secrecy = secrecy
        self.openedAt = openedAt
        self.closedAt = closedAt
        self.count = count
        self.sums = sums
        self.votes = votes
    }
}

/// A vote in a named poll.
public struct VoteCard: Hashable, Sendable, Codable {
    /// Who.
    public var seat: SeatID
    /// 姓名.
    public var name: String
    /// The chosen option.
    public var option: Int

    /// A vote.
    public init(seat: SeatID, name: String, option: Int) {
        self.seat = seat
        self.name = name
        self.option = option
    }
}

/// An audio track.
public struct TrackCard: Hashable, Sendable, Codable {
    /// The track.
    public var track: TrackID
    /// Whose.
    public var seat: SeatID
    /// Its coding.
    public var codec: AudioCodec
    /// Its channels.
    public var channels: Int

    /// An audio track.
    public init(track: TrackID, seat: SeatID, codec: AudioCodec, channels: Int) {
        self.track = track
        self.seat = seat
        self.codec = codec
        self.channels = channels
    }
}
