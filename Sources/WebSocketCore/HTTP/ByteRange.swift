/// The `Range` field of a request against a thing of known length (RFC 9110 §14). Only single ranges are
/// honoured; a server may ignore the rest (§14.2).
enum ByteRange: Equatable {
    /// Send all of it, 200.
    case whole
    /// Send these bytes, 206.
    case partial(Range<UInt64>)
    /// None of it was asked for, 416.
    case unsatisfiable

    /// Judges the fields of a request for a thing with this tag and, where it is known, this time of its last
    /// change; an `If-Range` that is not exactly one of them asks for the whole (§13.1.5).
    init(_ request: HTTPRequest, etag: EntityTag, modifiedSeconds: Int?, length: UInt64) {
        // Only GET knows ranges (§14.2), and of two fields neither is meant.
        let ranges = request.method == .get ? request.headers.values("range") : []
        let conditions = request.headers.values("if-range")
        let isSame = conditions.allSatisfy {
            EntityTag($0)?.isStronglyEqual(etag)
                ?? (modifiedSeconds != nil && HTTPDate.parse($0, now: 0) == modifiedSeconds)
        }
        self.init(ranges.count == 1 && conditions.count <= 1 && isSame ? ranges[0] : nil, length: length)
    }

    /// Judges the value of the field.
    init(_ range: String?, length: UInt64) {
        self = .whole
        guard let range else { return }
        guard range.lowercasedASCII.utf8.starts(with: "bytes=".utf8), !range.utf8.contains(0x2C) else {
            return
        }
        let ends = Substring(range.utf8.dropFirst(6)).trimmed.split(
            separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2, ends.allSatisfy(Self.isNumberOrEmpty) else { return }
        switch (UInt64(ends[0]), UInt64(ends[1])) {
        case (let first?, nil) where ends[1].isEmpty:
            self = first < length ? .partial(first..<length) : .unsatisfiable
        case (nil, let suffix?) where ends[0].isEmpty:
            self =
                suffix == 0 || length == 0 ? .unsatisfiable : .partial(length - min(suffix, length)..<length)
        case (let first?, let last?) where first <= last:
            self = first < length ? .partial(first..<(last < length ? last + 1 : length)) : .unsatisfiable
        default:
            return
        }
    }

    private static func isNumberOrEmpty(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
