public import SessionModel

/// A running class as a supervisor's wall shows it.
public struct InspectionRow: Hashable, Sendable, Codable {
    /// The class.
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
    /// Lecturers in class, or the planned one where none is there.
    public var lecturers: [String]
    /// Participants in class.
    public var present: Int
    /// 应到.
    public var expected: Int
    /// Raised hands.
    public var hands: Int
    /// For how long the first of them has waited.
    public var longestHandMilliseconds: Int64
    /// For how long nothing has been heard; nil where no sound is due.
    public var quietMilliseconds: Int64?
    /// When the lesson began, by the wall clock.
    public var startedAt: WallTime?
    /// What a supervisor should look at.
    public var alarms: [InspectionAlarm]

    /// A row of the wall.
    public init(
        id: SessionID, title: String, kind: ClassKind, phase: Phase, plannedStart: WallTime,
        plannedMinutes: Int, timeZone: String, lecturers: [String], present: Int, expected: Int, hands: Int,
        longestHandMilliseconds: Int64, quietMilliseconds: Int64?, startedAt: WallTime?,
        alarms: [InspectionAlarm]
    ) {
        self.id = id
        self.title = title
        self.kind = kind
        self.phase = phase
        self.plannedStart = plannedStart
        self.plannedMinutes = plannedMinutes
        self.timeZone = timeZone
        self.lecturers = lecturers
        self.present = present
        self.expected = expected
        self.hands = hands
        self.longestHandMilliseconds = longestHandMilliseconds
        self.quietMilliseconds = quietMilliseconds
        self.startedAt = startedAt
        self.alarms = alarms
    }
}

/// What is wrong in a class, as far as the relay can see.
public enum InspectionAlarm: String, CaseIterable, Hashable, Sendable, Codable {
    /// 主讲未到: the lesson should have begun and no lecturer is there.
    case lecturerMissing
    /// 无声音: live, and nothing has been heard for over a minute.
    case noSound
    /// 举手久等: somebody has waited long to speak.
    case handWaiting
    /// 大量掉线: many were interrupted within a short time.
    case massDisconnect
}
