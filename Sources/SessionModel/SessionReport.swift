/// 简报 of one class: everything that its log says of it, at its end or at any moment before.
///
/// A fold: the same log gives the same report, today and in years. Hours (应计学时) are not judged here.
public struct SessionReport: Hashable, Sendable, Codable {
    /// The moment up to which the report counts.
    public let at: SessionTime
    /// Whether the class is over, so that nothing in here changes any more.
    public let isFinal: Bool
    /// What was planned.
    public let plan: SessionPlan?
    /// Where the class stood.
    public let phase: Phase
    /// When the door was opened.
    public let openedAt: SessionTime?
    /// When the lesson began.
    public let startedAt: SessionTime?
    /// When the class ended.
    public let endedAt: SessionTime?
    /// Why the class ended.
    public let endCause: EndCause?
    /// 课间休息, in order.
    public let breaks: [Span]
    /// 平台中断 while the lesson went on, in order; nil where there was none.
    public let outages: [Span]?
    /// 授课时长: from the start to the end, without the breaks and the outages.
    public let lessonMilliseconds: Int64
    /// 应到, 实到, 缺勤, 迟到, 早退.
    public let counts: AttendanceCounts
    /// 平均在线 of the participants who attended.
    public let averageOnlineMilliseconds: Int64
    /// 互动 of all people together.
    public let totals: EngagementTotals
    /// Everybody who was expected, in the order of the list; then everybody else, in order of arrival.
    public let rows: [ReportRow]
    /// Every poll, in the order of opening.
    public let polls: [PollReport]
    /// What staff did to keep order.
    public let moderation: [RecordedEvent]
    /// Every visit of a supervisor; not for the eyes of lecturers unless policy releases it.
    public let visits: [Visit]
    /// When and why recording stood still.
    public let recordingPauses: [RecordingPause]
    /// Every start of the relay with this class.
    public let relayStarts: [RelayStart]

    /// Folds a log up to a moment, or up to its last event; what happened later is left out.
    public init(events: [RecordedEvent], at time: SessionTime? = nil) {
        let until = time ?? events.last?.t ?? .zero
        let past = events.prefix { $0.t <= until }
        let timeline = ClassTimeline(past)
        let attendance = Attendance(timeline, Trails(past), at: until)
        let engagement = Engagement(past, timeline, at: attendance.at)
        let course = CourseFold(past)
        at = attendance.at
        isFinal = timeline.phase == .ended
        plan = timeline.plan
        phase = timeline.phase
        openedAt = timeline.openedAt
        startedAt = timeline.startedAt
        endedAt = timeline.endedAt
        endCause = timeline.endCause
        breaks = timeline.breaks(at: attendance.at).spans
        let missed = timeline.outages.intersection(timeline.frame(at: attendance.at)).spans
        outages = missed.isEmpty ? nil : missed
        lessonMilliseconds = attendance.lessonMilliseconds
        counts = attendance.counts
        averageOnlineMilliseconds = SessionReport.averageOnline(attendance.rows)
        polls = course.polls
        totals = EngagementTotals(engagement, course.polls)
        rows = SessionReport.join(attendance.rows, engagement.rows)
        moderation = course.moderation
        visits = course.visits
        recordingPauses = course.recordingPauses
        relayStarts = timeline.relayStarts
    }

    /// How long people were in class, all of them together: from the first to the last moment, not in the
    /// lesson alone; supervisors too.
    public var personMilliseconds: Int64 {
        let present = rows.flatMap(\.attendance.spans).filter { $0.interruption == nil }
        let looked = visits.map { Span(from: $0.from, to: $0.to ?? at) }
        return present.reduce(0) { $0 &+ $1.from.milliseconds(to: $1.to) }
            &+ looked.reduce(0) { $0 &+ $1.from.milliseconds(to: $1.to) }
    }

    /// A moment of the class by the wall clock, as of the last start of the relay before it.
    public func wall(of time: SessionTime) -> WallTime? {
        guard let anchor = relayStarts.last(where: { $0.at <= time }) ?? relayStarts.first else { return nil }
        let wall = anchor.wall.milliseconds.addingReportingOverflow(anchor.at.milliseconds(to: time))
        return WallTime(milliseconds: wall.partialValue)
    }

    private static func averageOnline(_ rows: [AttendanceRow]) -> Int64 {
        let attended = rows.filter { $0.role == .participant && $0.verdict == .attended }
        guard !attended.isEmpty else { return 0 }
        return attended.reduce(0) { $0 &+ $1.onlineMilliseconds } / Int64(attended.count)
    }

    private static func join(_ rows: [AttendanceRow], _ engagement: [EngagementRow]) -> [ReportRow] {
        let byPerson = Dictionary(engagement.map { ($0.person, $0) }) { first, _ in first }
        return rows.map {
            ReportRow(
                attendance: $0, engagement: byPerson[$0.person] ?? EngagementRow(person: $0.person))
        }
    }
}
