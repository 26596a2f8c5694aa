import Recorder
public import SessionModel

/// One person in the report of a class.
public struct ReportPerson: Hashable, Sendable, Codable {
    /// Who; stays when the name is erased.
    public let person: PersonID
    /// 姓名; empty where it was erased.
    public let name: String
    /// 工号; text.
    public let number: String
    /// 单位.
    public let affiliation: String
    /// False for somebody whom no roster and no token vouches for: 待核对.
    public let isVerified: Bool
    /// When the person was first seen; nil where never.
    public let firstJoin: WallTime?
    /// When the person was last seen; nil where never, and while the person is in class.
    public let lastLeave: WallTime?
    /// When the person was here or interrupted, in order, without overlap.
    public let spans: [ReportPresence]
    /// What attendance says; its own times count from the creation of the log.
    public let attendance: AttendanceRow
    /// What the person did.
    public let engagement: EngagementRow

    init(_ row: ReportRow, _ people: ClassPeople, _ clock: ReportClock) {
        let entry = people.entries[row.person]
        person = row.person
        name = entry?.name ?? ""
        number = entry?.number ?? ""
        affiliation = entry?.affiliation ?? ""
        isVerified = entry?.source != .guest
        firstJoin = row.attendance.firstJoin.map(clock.wall)
        lastLeave = row.attendance.lastLeave.map(clock.wall)
        spans = row.attendance.spans.map {
            ReportPresence(from: clock.wall($0.from), to: clock.wall($0.to), interruption: $0.interruption)
        }
        attendance = row.attendance
        engagement = row.engagement
    }
}

/// A stretch of wall time.
public struct ReportSpan: Hashable, Sendable, Codable {
    /// From when.
    public let from: WallTime
    /// Until when.
    public let to: WallTime
}

/// A stretch in which somebody was here, or interrupted for a cause.
public struct ReportPresence: Hashable, Sendable, Codable {
    /// From when.
    public let from: WallTime
    /// Until when.
    public let to: WallTime
    /// Why the connection was away; nil where it was there.
    public let interruption: InterruptionCause?
}

/// One poll in the report of a class.
public struct ReportPoll: Hashable, Sendable, Codable {
    /// Its name in the class.
    public let poll: PollID
    /// What was asked; nil where it was erased.
    public let question: String?
    /// What could be answered; nil where it was erased.
    public let options: [String?]
    /// Named or anonymous.
    public let secrecy: PollSecrecy
    /// When it was opened.
    public let openedAt: WallTime
    /// When it was closed.
    public let closedAt: WallTime?
    /// How many voted; nil while an anonymous poll is open.
    public let count: Int?
    /// How often each option was chosen, where that may be shown.
    public let sums: [Int]?
    /// Who chose what, in the order of voting; nil for an anonymous poll and where it is not for the reader.
    public let answers: [ReportAnswer]?

    init(_ poll: PollReport, _ people: ClassPeople, _ clock: ReportClock, _ audience: ReportAudience) {
        self.poll = poll.poll
        question = people.text(poll.question.question)
        options = poll.question.options.map(people.text)
        secrecy = poll.question.secrecy
        openedAt = clock.wall(poll.openedAt)
        closedAt = poll.closedAt.map(clock.wall)
        count = poll.count
        sums = poll.sums
        answers = poll.answers?.filter { audience.admits($0.person) }.map {
            ReportAnswer(person: $0.person, name: people.name($0.person), option: $0.option)
        }
    }
}

/// What a person answered in a named poll.
public struct ReportAnswer: Hashable, Sendable, Codable {
    /// Who.
    public let person: PersonID
    /// 姓名.
    public let name: String
    /// The number of the chosen option, from 0.
    public let option: Int
}

/// Something staff did to keep order.
public struct ReportAct: Hashable, Sendable, Codable {
    /// When.
    public let at: WallTime
    /// Who; empty for an administrator or the relay.
    public let by: String
    /// What: the type of the event, such as `muted`.
    public let act: String
    /// Whom it was about; nil where it was about a chat entry.
    public let name: String?
    /// Which chat entry was taken out of sight.
    public let chat: ChatID?
    /// Whether for good, of `removed`.
    public let isBanned: Bool?

    init(_ recorded: RecordedEvent, _ people: ClassPeople, _ clock: ReportClock) {
        let fields = recorded.event.fields
        at = clock.wall(recorded.t)
        by = people.person(recorded.by).map(people.name) ?? ""
        act = fields.type
        name = fields.seat.map(people.name)
        chat = fields.chat
        isBanned = fields.isBanned
    }
}

/// One visit of a supervisor (巡课).
public struct ReportVisit: Hashable, Sendable, Codable {
    /// 姓名.
    public let name: String
    /// From when.
    public let from: WallTime
    /// Until when; nil while the visit lasts.
    public let to: WallTime?
}

/// A stretch in which recording stood still.
public struct ReportPause: Hashable, Sendable, Codable {
    /// From when.
    public let from: WallTime
    /// Until when; nil while it lasts.
    public let to: WallTime?
    /// Why.
    public let cause: RecordingPauseCause
}
