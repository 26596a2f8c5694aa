public import SessionModel

/// When the relay was last known to run: a file of wall times, one a line, of which the last whole line
/// counts.
///
/// Neither truth nor index: it is read once, at the next start, so that reports can tell an outage of the
/// relay from an absence of people. Whoever notes is the one writer; all calls block.
public struct AliveMark: Sendable {
    /// Often enough that a report is right within seconds, seldom enough to cost a disk nothing.
    public static let periodMilliseconds: UInt64 = 2_000
    static let path = "alive"
    /// The file begins anew at this size; half a day of lines.
    static let bytesMaximum = 256 * 1_024
    /// Longer than any wall time in milliseconds with its LF.
    private static let lineBytesMaximum = 32

    private let file: StorageFile
    private var bytesCount = 0

    /// Begins a new file; the old mark is forgotten.
    public init(in storage: any Storage) throws(StorageFailure) {
        file = try storage.open(Self.path, .replace)
    }

    /// The last moment that was noted; nil where there is none that can be read.
    public static func read(in storage: any Storage) -> WallTime? {
        guard let size = try? storage.size(path) else { return nil }
        let count = min(size, 2 * lineBytesMaximum)
        guard let end = try? storage.read(path, from: size - count, count: count) else { return nil }
        // What follows the last LF is a torn line.
        let lines = end.split(separator: LineFeed.byte, omittingEmptySubsequences: false).dropLast()
        guard let line = lines.last else { return nil }
        return Int64(String(decoding: line, as: UTF8.self)).map { WallTime(milliseconds: $0) }
    }

    /// Notes that the relay runs.
    public mutating func note(_ wall: WallTime, in storage: any Storage) throws(StorageFailure) {
        let line = Array("\(wall.milliseconds)\n".utf8)
        if bytesCount + line.count > Self.bytesMaximum {
            try storage.truncate(file, to: 0)
            bytesCount = 0
        }
        try storage.append(line, to: file)
        bytesCount += line.count
        try storage.sync(file)
    }
}
