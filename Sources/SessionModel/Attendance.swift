/// 考勤 of one class: a fold over its log, to the millisecond, the same today and in years.
///
/// `docs/attendance.md` says the rules in words.
public struct Attendance: Hashable, Sendable, Codable {
    /// The moment up to which time is counted: the end of the class, or the time of the report.
    public let at: SessionTime
    /// The lesson without its breaks: the most that 在线 can be.
    public let lessonMilliseconds: Int64
    /// The numbers of the class.
    public let counts: AttendanceCounts
    /// Everybody who was expected, in the order of the list; then everybody else, in order of arrival.
    public let rows: [AttendanceRow]

    /// Folds a log up to a moment, or up to its last event; what happened later is left out.
    public init(events: [RecordedEvent], at time: SessionTime? = nil) {
        let until = time ?? events.last?.t ?? .zero
        let past = events.prefix { $0.t <= until }
        self.init(ClassTimeline(past), Trails(past), at: until)
    }

    init(_ timeline: ClassTimeline, _ trails: Trails, at time: SessionTime) {
        let at = min(time, timeline.endedAt ?? time)
        let judge = AttendanceJudge(timeline, at: at)
        let people = timeline.expected + trails.people.filter { !timeline.expectedSet.contains($0) }
        let rows = people.map { judge.row(of: $0, trails.trails(of: $0)) }
        self.at = at
        self.rows = rows
        lessonMilliseconds = judge.lessonMilliseconds
        counts = AttendanceCounts(rows, hasList: !timeline.expected.isEmpty)
    }
}

/// The numbers of a class's attendance.
///
/// Where there is a list, 应到 = 实到 + 缺勤, and 迟到 and 早退 are among 实到; people who are not on the list
/// are counted apart. Without a list every participant counts.
public struct AttendanceCounts: Hashable, Sendable, Codable {
    /// 应到; nil where there is no list.
    public let expected: Int?
    /// 实到.
    public let present: Int
    /// 缺勤; nil where there is no list, and before the lesson begins.
    public let absent: Int?
    /// 迟到.
    public let late: Int
    /// 早退.
    public let earlyLeave: Int
    /// Came without being on the list.
    public let unexpected: Int

    init(_ rows: [AttendanceRow], hasList: Bool) {
        let counted = rows.filter { hasList ? $0.isExpected : $0.role == .participant }
        let attended = counted.filter { $0.verdict == .attended }
        let isJudged = counted.contains { $0.verdict != .notJudged }
        expected = hasList ? counted.count : nil
        present = attended.count
        absent = hasList && isJudged ? counted.count - attended.count : nil
        late = attended.count { $0.lateMilliseconds != nil }
        earlyLeave = attended.count { $0.earlyLeaveMilliseconds != nil }
        unexpected = rows.count { $0.isUnexpected && $0.verdict != .absent }
    }
}

/// What every seat did, and whose seats they were.
struct Trails: Sendable {
    private var seats: [SeatTrail] = []
    private var positions: [SeatID: Int] = [:]
    private var seatsOfPerson: [PersonID: [Int]] = [:]
    /// Everybody who takes part, in order of arrival; supervisors only look in and are not among them.
    private(set) var people: [PersonID] = []

    init(_ events: some Sequence<RecordedEvent>) {
        for recorded in events { apply(recorded.event, at: recorded.t) }
    }

    /// The trails of a person: of every seat the person had, or sat at as a member.
    func trails(of person: PersonID) -> [SeatTrail] { (seatsOfPerson[person] ?? []).map { seats[$0] } }

    private mutating func apply(_ event: Event, at time: SessionTime) {
        switch event {
        case .joined(let seat, let person, let role, let members):
            join(seat, person, role, members, at: time)
        case .interrupted(let seat, let cause): change(seat) { $0.interrupt(cause, at: time) }
        case .resumed(let seat): change(seat) { $0.connect(at: time) }
        case .left(let seat, _), .removed(let seat, _): change(seat) { $0.go(at: time) }
        case .playbackChanged(let seat, let playback): change(seat) { $0.report(playback, at: time) }
        case .relayStarted(_, _, .some(let silentSince)):
            for position in seats.indices { seats[position].interruptByRelay(at: silentSince) }
        case .ended: for position in seats.indices { seats[position].go(at: time) }
        case .relayStarted(_, _, .none), .scheduled, .peopleExpected, .opened, .started, .breakStarted,
            .breakEnded,
            .chatPosted, .chatHidden, .handRaised, .handLowered, .calledToSpeak, .turnEnded, .muted, .unmuted,
            .pollOpened, .voteCast, .pollClosed, .trackOpened, .trackClosed, .recordingPaused,
            .recordingResumed, .textsRemoved:
            return
        }
    }

    private mutating func join(
        _ seat: SeatID, _ person: PersonID, _ role: Role, _ members: [PersonID], at time: SessionTime
    ) {
        let known = positions[seat]
        let isSame = known.map { seats[$0].members == members } ?? false
        // Other people at the same screen must not inherit the time of those who sat there before.
        if !isSame, let known { seats[known].go(at: time) }
        let position = isSame ? known ?? seats.count : seats.count
        if position == seats.count {
            positions[seat] = position
            seats.append(SeatTrail(person: person, role: role, members: members))
        }
        seats[position].connect(at: time)
        guard role != .supervisor else { return }
        for sitting in [person] + members { add(position, to: sitting) }
    }

    private mutating func add(_ position: Int, to person: PersonID) {
        if seatsOfPerson[person] == nil { people.append(person) }
        guard seatsOfPerson[person]?.contains(position) != true else { return }
        seatsOfPerson[person, default: []].append(position)
    }

    private mutating func change(_ seat: SeatID, _ change: (inout SeatTrail) -> Void) {
        guard let position = positions[seat] else { return }
        change(&seats[position])
    }
}
