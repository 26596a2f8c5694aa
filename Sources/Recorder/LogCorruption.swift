/// A log that must not be used, and where it is broken. Nothing is ever cut off for it.
public struct LogCorruption: Error, Hashable, Sendable {
    /// The number of the line, from 1; the header is line 1.
    public let line: Int
    /// Where the line begins in the file.
    public let byteOffset: Int
    /// What is wrong with it.
    public let reason: Reason

    /// What may be wrong with a line.
    public enum Reason: String, Hashable, Sendable {
        /// The first line is not a header.
        case headerInvalid
        /// Not JSON, and lines follow, so it is not the torn end of a write.
        case notJSON
        /// JSON, but no event of a version this program knows.
        case unknownForm
        /// `prev` is not the digest of the line before.
        case chainBroken
        /// `n` is not one more than in the line before.
        case numberWrong
        /// Longer than any line of ours.
        case lineTooLong
    }
}

extension LogCorruption: CustomStringConvertible {
    /// `line 17: chainBroken`.
    public var description: String { "line \(line): \(reason.rawValue)" }
}
