/// What the log says of one person's attendance. All times count once, however many devices the person used.
public struct AttendanceRow: Hashable, Sendable, Codable {
    /// Who.
    public let person: PersonID
    /// What the person was in class; of several roles the first of lecturer, assistant, participant.
    public let role: Role
    /// 应到: on the list of those who should come.
    public let isExpected: Bool
    /// Came as a participant though there is a list and the person is not on it.
    public let isUnexpected: Bool
    /// 到课 or 缺勤.
    public let verdict: AttendanceVerdict
    /// 迟到: how long after the start of the lesson; nil where not late.
    public let lateMilliseconds: Int64?
    /// 早退: how long before the end of the class; nil where not early.
    public let earlyLeaveMilliseconds: Int64?
    /// First seen, before the lesson too; nil where never.
    public let firstJoin: SessionTime?
    /// Last seen; nil where never, and while the person is in class.
    public let lastLeave: SessionTime?
    /// In class at the time of the report: connected, or interrupted within the grace.
    public let isPresent: Bool
    /// 在线: present in the lesson, breaks not counted.
    public let onlineMilliseconds: Int64
    /// 在线 as a share of the lesson, in whole percent, rounded down.
    public let onlinePercent: Int
    /// 有效收听: the part of 在线 in which the class was heard.
    public let listeningMilliseconds: Int64
    /// The part of 有效收听 in which the page was out of sight.
    public let hiddenMilliseconds: Int64
    /// 断线: absent from the lesson because of the network; not a part of 在线.
    public let interruptedMilliseconds: Int64
    /// Absent from the lesson because the relay was away; a part of 在线.
    public let outageMilliseconds: Int64
    /// Present during breaks; not a part of 在线.
    public let breakMilliseconds: Int64
    /// How often the connection went away, forgiven interruptions included.
    public let interruptionsCount: Int
    /// When the person was here or interrupted, in order, without overlap.
    public let spans: [PresenceSpan]
}

/// Whether somebody took part, by the rule of the class.
public enum AttendanceVerdict: String, CaseIterable, Hashable, Sendable, Codable {
    /// 到课.
    case attended
    /// 缺勤; in a running class: so far.
    case absent
    /// The lesson has not begun, or never did.
    case notJudged
}

/// A stretch in which somebody was connected, or interrupted for a cause.
public struct PresenceSpan: Hashable, Sendable, Codable {
    /// The first moment.
    public let from: SessionTime
    /// The moment after the last.
    public let to: SessionTime
    /// Why the connection was away; nil where it was there.
    public let interruption: InterruptionCause?
}
