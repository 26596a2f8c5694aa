/// What is fixed about a class when it is planned; stands in the first event of its log.
///
/// Names of institutions, projects and lessons are institutional records and stay in the log; anything that a
/// person types during class, and people's names, are kept in erasable stores instead.
public struct SessionPlan: Hashable, Sendable, Codable {
    /// 题目 of the class.
    public var title: String
    /// 小班 or 大规模.
    public var kind: ClassKind
    /// When the class should start.
    public var plannedStart: WallTime
    /// How long it should last, breaks included, in minutes.
    public var plannedMinutes: Int
    /// IANA name of the time zone in which people read the class's times.
    public var timeZone: String
    /// Organisation path from the root down: province, prefecture, school or provider.
    public var organisation: [NamedPart]
    /// 培训项目.
    public var project: NamedPart?
    /// 班级.
    public var cohort: NamedPart?
    /// 课次: which lesson of the project this is.
    public var lesson: Lesson?
    /// The lecturer who is expected, where known.
    public var lecturer: PersonID?
    /// Whether sound and texts are kept for replay.
    public var isRecorded: Bool
    /// How attendance is judged.
    public var attendance: AttendanceRule
    /// What happens when somebody joins a second time.
    public var duplicateLogin: DuplicateLogin

    /// A plan with every field.
    public init(
        title: String, kind: ClassKind, plannedStart: WallTime, plannedMinutes: Int,
        timeZone: String = "Asia/Shanghai", organisation: [NamedPart] = [], project: NamedPart? = nil,
        cohort: NamedPart? = nil, lesson: Lesson? = nil, lecturer: PersonID? = nil, isRecorded: Bool = true,
        attendance: AttendanceRule = AttendanceRule(), duplicateLogin: DuplicateLogin = .newestWins
    ) {
        self.title = title
        self.kind = kind
        self.plannedStart = plannedStart
        self.plannedMinutes = plannedMinutes
        self.timeZone = timeZone
        self.organisation = organisation
        self.project = project
        self.cohort = cohort
        self.lesson = lesson
        self.lecturer = lecturer
        self.isRecorded = isRecorded
        self.attendance = attendance
        self.duplicateLogin = duplicateLogin
    }
}

/// One step of an organisation path, a project or a 班级: an identifier and the name people read.
public struct NamedPart: Hashable, Sendable, Codable {
    /// The identifier, unique among its siblings.
    public var id: String
    /// The name people read.
    public var name: String

    /// A part with identifier and name.
    public init(id: String, name: String) {
        self.id = id
        self.name = name
    }
}

/// 课次: the number of a lesson within its project.
public struct Lesson: Hashable, Sendable, Codable {
    /// The identifier of the lesson.
    public var id: String
    /// Its number, from 1.
    public var number: Int
    /// The name people read.
    public var name: String

    /// A lesson with identifier, number and name.
    public init(id: String, number: Int, name: String) {
        self.id = id
        self.number = number
        self.name = name
    }
}

/// How attendance is judged; data of the class, since authorities differ.
public struct AttendanceRule: Hashable, Sendable, Codable {
    /// 迟到: first seen more than so many minutes after the class started.
    public var lateAfterMinutes: Int
    /// 早退: last seen more than so many minutes before the class ended.
    public var earlyLeaveBeforeMinutes: Int
    /// 到课: present for at least this share of the lesson, in percent; less counts as absent, and so does
    /// never having been there.
    public var presentShareMinimumPercent: Int

    /// A rule; the defaults forgive five minutes at either end and ask only for being there at all.
    public init(
        lateAfterMinutes: Int = 5, earlyLeaveBeforeMinutes: Int = 5, presentShareMinimumPercent: Int = 0
    ) {
        self.lateAfterMinutes = lateAfterMinutes
        self.earlyLeaveBeforeMinutes = earlyLeaveBeforeMinutes
        self.presentShareMinimumPercent = presentShareMinimumPercent
    }
}

/// What happens when a person who is in class joins again from elsewhere.
public enum DuplicateLogin: String, CaseIterable, Hashable, Sendable, Codable {
    /// The newer connection takes the seat; the older one is told that it was replaced.
    case newestWins
    /// The newer connection is refused.
    case refuse
    /// Both connections share the seat; time counts once.
    case allowBoth
}
