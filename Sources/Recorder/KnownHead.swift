/// The end of a log as somebody wrote it down elsewhere: from a printed report, or from a copy of a signed
/// head. With it a log can be checked against everybody who holds the folder, the key of the heads too.
public struct KnownHead: Hashable, Sendable {
    /// The number of the last event.
    public let n: UInt64
    /// SHA-256 of its line, in hexadecimal digits; through `prev` it speaks of all lines before.
    public let digest: String

    /// Reads `n:digest`, as a report prints the two.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let n = UInt64(parts[0]), n > 0,
            let digest = Digest.bytes(hex: parts[1].lowercased()), digest.count == Digest.bytesCount
        else { return nil }
        self.n = n
        self.digest = Digest.hex(digest)
    }

    /// What a signed head says.
    public init(_ head: SignedHead) {
        n = head.n
        digest = head.digest
    }

    /// The heads in a copy of `heads.jsonl`; nil where a line is none.
    public static func heads(inFile bytes: [UInt8]) -> [SignedHead]? {
        let lines = JSONLines<SignedHead>(bytes.last == LineFeed.byte ? bytes : bytes + [LineFeed.byte])
        return lines.damagedLines.isEmpty && !lines.entries.isEmpty ? lines.entries : nil
    }
}
