public import LiveRelayWire
import Recorder
public import SessionModel

/// The report of one class, ready to be read: what the log says (`SessionReport`) joined with names and
/// texts.
///
/// The page, the JSON and the CSV of the HTTP interface and the command line all show this one value, so
/// their figures cannot differ. It holds no time of making: the same log gives the same bytes, today and in
/// years; only `cost` comes from beside the log.
public struct ReportDocument: Hashable, Sendable, Codable {
    /// The class.
    public let `class`: ClassCard
    /// Whether the class is over, so that nothing in here changes any more.
    public let isFinal: Bool
    /// The moment up to which the report counts.
    public let at: WallTime
    /// Who gave the class, in order of arrival.
    public let lecturers: [String]
    /// When the door was opened.
    public let openedAt: WallTime?
    /// When the lesson began.
    public let startedAt: WallTime?
    /// When the class ended.
    public let endedAt: WallTime?
    /// 课间休息.
    public let breaks: [ReportSpan]
    /// 平台中断: when the relay itself was away during the lesson; nil where it never was.
    public let outages: [ReportSpan]?
    /// 授课时长: from the start to the end, without the breaks and the outages.
    public let lessonMilliseconds: Int64
    /// 应到, 实到, 缺勤, 迟到, 早退.
    public let counts: AttendanceCounts
    /// 平均在线 of the participants who attended.
    public let averageOnlineMilliseconds: Int64
    /// 互动 of all people together.
    public let totals: EngagementTotals
    /// By which rule attendance was judged.
    public let rule: AttendanceRule
    /// Everybody who was expected, in the order of the list; then everybody else, in order of arrival.
    public let rows: [ReportPerson]
    /// The polls, in the order of opening.
    public let polls: [ReportPoll]
    /// What staff did to keep order; nil where it is not for the reader.
    public let moderation: [ReportAct]?
    /// Visits of supervisors; nil where they are not for the reader.
    public let visits: [ReportVisit]?
    /// When recording stood still.
    public let recordingPauses: [ReportPause]
    /// The end of the log that this was made from.
    public let log: LogHead?
    /// What the class has cost; nil where it is not for the reader.
    public let cost: ClassCost?

    /// The report of a class for an audience.
    public init(_ recording: ClassRecording, card: ClassCard, audience: ReportAudience = .supervision) {
        let report = recording.report
        let people = ClassPeople(recording)
        let clock = ReportClock(report, createdAt: recording.header.createdAt)
        self.class = card
        isFinal = report.isFinal
        at = clock.wall(report.at)
        lecturers = report.rows.filter { $0.attendance.role == .lecturer && $0.attendance.firstJoin != nil }
            .map { people.name($0.person) }
        openedAt = report.openedAt.map(clock.wall)
        startedAt = report.startedAt.map(clock.wall)
        endedAt = report.endedAt.map(clock.wall)
        breaks = report.breaks.map { ReportSpan(from: clock.wall($0.from), to: clock.wall($0.to)) }
        outages = report.outages.map { spans in
            spans.map { ReportSpan(from: clock.wall($0.from), to: clock.wall($0.to)) }
        }
        lessonMilliseconds = report.lessonMilliseconds
        counts = report.counts
        averageOnlineMilliseconds = report.averageOnlineMilliseconds
        totals = report.totals
        rule = report.plan?.attendance ?? AttendanceRule()
        rows = report.rows.filter { audience.admits($0.person) }.map { ReportPerson($0, people, clock) }
        polls = report.polls.map { ReportPoll($0, people, clock, audience) }
        moderation =
            audience.isStaff ? report.moderation.compactMap { ReportAct($0, people, clock) } : nil
        visits =
            audience == .supervision
            ? report.visits.map {
                ReportVisit(
                    name: people.name($0.person), from: clock.wall($0.from), to: $0.to.map(clock.wall))
            } : nil
        recordingPauses = report.recordingPauses.map {
            ReportPause(from: clock.wall($0.from), to: $0.to.map(clock.wall), cause: $0.cause)
        }
        log = recording.head
        cost = audience.isStaff ? ClassCost(recording, report) : nil
    }
}

/// Who reads a report.
public enum ReportAudience: Hashable, Sendable {
    /// Administrators and supervisors: everything.
    case supervision
    /// Lecturers and assistants: everything but the visits of supervisors.
    case classroom
    /// One person: the figures of the class and that person's own row.
    case person(PersonID)

    var isStaff: Bool {
        switch self {
        case .supervision, .classroom: true
        case .person: false
        }
    }

    func admits(_ person: PersonID) -> Bool {
        switch self {
        case .supervision, .classroom: true
        case .person(let own): own == person
        }
    }
}

/// Turns session time into wall time: by the starts of the relay, or by the creation of the log before the
/// first.
struct ReportClock {
    private let report: SessionReport
    private let createdAt: WallTime

    init(_ report: SessionReport, createdAt: WallTime) {
        self.report = report
        self.createdAt = createdAt
    }

    func wall(_ time: SessionTime) -> WallTime {
        report.wall(of: time)
            ?? WallTime(
                milliseconds: createdAt.milliseconds.addingReportingOverflow(time.milliseconds).partialValue)
    }
}
