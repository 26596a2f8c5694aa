/// What may still be written as a disk fills up. Each level keeps what the one before refused, refused.
public enum DiskLevel: Int, CaseIterable, Comparable, Sendable {
    /// Everything.
    case plenty
    /// No sound any more: it needs the most room, and a class can do without its recording.
    case recordingStops
    /// No chat and no polls either: what people typed is next.
    case textsStop
    /// Only what keeps order: moderation, presence, breaks, the end. Written into the room of the reserve
    /// file.
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
    /// What every class may have under way at once; below it the reserve file gives way.
    public static let reserveGivesWayBelowBytes = 8 * 1_024 * 1_024
    /// Fifty thousand events that keep order: enough to end every class on the machine.
    public static let reserveBytes = 16 * 1_024 * 1_024
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
        if freeBytes < DiskLimits.reserveGivesWayBelowBytes { return .reserveInUse }
        if freeBytes < DiskLimits.textsStopBelowBytes { return .textsStop }
        if freeBytes < DiskLimits.recordingStopsBelowBytes { return .recordingStops }
        return .plenty
    }
}

/// A file that holds room for the end: removed when the disk is full, so that classes can still be kept in
/// order and ended. All calls block.
public enum ReserveFile {
    static let path = "reserve"
    private static let pieceBytes = 1_024 * 1_024

    /// Makes the file where it is not there and there is room for it beside what the levels want; says
    /// whether it is there now.
    public static func prepare(in storage: any Storage) throws(StorageFailure) -> Bool {
        if try storage.exists(path), try storage.size(path) >= DiskLimits.reserveBytes { return true }
        guard try storage.freeBytes() >= DiskLimits.reserveBytes + DiskLimits.textsStopBelowBytes else {
            return false
        }
        // Written, not only sized: a file system may promise room that it does not have.
        let file = try storage.open(path, .replace)
        defer { storage.close(file) }
        do throws(StorageFailure) {
            let zeros = [UInt8](repeating: 0, count: pieceBytes)
            for _ in 0..<DiskLimits.reserveBytes / pieceBytes { try storage.append(zeros, to: file) }
            try storage.sync(file)
        } catch {
            try? storage.remove(path)
            throw error
        }
        return true
    }

    /// Gives the room free.
    public static func giveWay(in storage: any Storage) throws(StorageFailure) {
        try storage.removeIfPresent(path)
    }
}
