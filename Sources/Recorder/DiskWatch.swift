/// What may still be written as a disk fills up. Each level keeps what the one before refused, refused.
public enum DiskLevel: Int, CaseIterable, Comparable, Sendable {
    /// Everything.
    case plenty
    /// No sound any more: it needs the most room, and a class can do without its recording.
    case recordingStops
    /// No chat and no polls either: what people typed is next.
    case textsStop
    /// The disk may be full at any moment: what keeps order (moderation, presence, breaks, the end) takes the
    /// room of the reserve file where it finds no other.
    case reserveInUse

    /// A level further on is fuller.
    public static func < (left: DiskLevel, right: DiskLevel) -> Bool { left.rawValue < right.rawValue }
}

/// Where the levels begin.
public enum DiskLimits {
    /// An hour of ten speakers in many classes at once still fits when recording stops.
    public static let recordingStopsBelowBytes = 256 * 1_024 * 1_024
    /// A hundred thousand chat entries.
    public static let textsStopBelowBytes = 64 * 1_024 * 1_024
    /// What every class may have under way at once.
    public static let reserveInUseBelowBytes = 8 * 1_024 * 1_024
    /// Fifty thousand events that keep order: enough to end every class on the machine.
    public static let reserveBytes = 16 * 1_024 * 1_024
    /// The reserve is given away in pieces of at least so much, so that whatever else fills the disk does not
    /// get it all at once; one holds fifty events that keep order.
    public static let reservePieceBytes = 16 * 1_024
    /// What the databases need to be opened at all, with room to spare.
    public static let startNeedsBytes = 1_024 * 1_024
}

/// Watches the room on a disk. Pure: how much is free comes in, the level goes out. A level is left only when
/// a quarter more than its bound is free, so that it does not flap.
public struct DiskWatch: Sendable {
    /// What may still be written.
    public private(set) var level = DiskLevel.plenty

    /// A watch that has seen nothing yet.
    public init() {}

    /// Takes how many bytes are free; returns the new level where it changed.
    public mutating func observe(freeBytes: Int) -> DiskLevel? {
        let entered = Self.level(freeBytes)
        let kept = Self.level(freeBytes / 5 * 4)
        let next = entered > level ? entered : min(level, kept)
        guard next != level else { return nil }
        level = next
        return next
    }

    private static func level(_ freeBytes: Int) -> DiskLevel {
        if freeBytes < DiskLimits.reserveInUseBelowBytes { return .reserveInUse }
        if freeBytes < DiskLimits.textsStopBelowBytes { return .textsStop }
        if freeBytes < DiskLimits.recordingStopsBelowBytes { return .recordingStops }
        return .plenty
    }
}
