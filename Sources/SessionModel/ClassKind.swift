/// The two kinds of class that the guide on online teacher training names.
public enum ClassKind: String, CaseIterable, Hashable, Sendable, Codable {
    /// 小班: everybody sees who comes and goes; sound leaves packet by packet.
    case smallInteractive
    /// 大规模: presence is a number, joins are not announced, sound leaves in bundles.
    case largeLecture

    /// What follows from the kind.
    public var policy: ClassPolicy {
        switch self {
        case .smallInteractive:
            ClassPolicy(seatsMaximum: 300, announcesPresence: true, batchPacketsMaximum: 1)
        case .largeLecture:
            ClassPolicy(seatsMaximum: 20_000, announcesPresence: false, batchPacketsMaximum: 5)
        }
    }
}

/// What follows from the kind of a class; data, so that a kind is no special case anywhere.
public struct ClassPolicy: Hashable, Sendable {
    /// How many seats a class may have; further people are refused with `classFull`.
    public let seatsMaximum: Int
    /// Whether joins and leaves go to everyone; otherwise only counts do.
    public let announcesPresence: Bool
    /// How many 20 ms packets leave in one message: 1 is 20 ms, 5 is 100 ms.
    public let batchPacketsMaximum: Int
}

/// Where a class stands between being planned and being over.
public enum Phase: String, CaseIterable, Hashable, Sendable, Codable {
    /// 待开始: planned, the door is closed.
    case scheduled
    /// 已开放: the door is open, the lesson has not begun.
    case open
    /// 直播中: the lesson runs.
    case live
    /// 课间休息: the lesson pauses.
    case onBreak = "break"
    /// 已结束: for good.
    case ended
}
