/// An entity tag (RFC 9110 §8.8.3): a name for one state of a thing.
public struct EntityTag: Sendable, Hashable {
    /// Whether it only promises the same meaning, not the same bytes.
    public let isWeak: Bool
    /// With its quotes.
    public let quoted: String

    /// A strong tag of this text, which must hold neither quotes nor blanks.
    public init(strong text: String) {
        isWeak = false
        quoted = "\"\(text)\""
    }

    /// Reads one tag; nil for anything else.
    public init?(_ text: some StringProtocol) {
        var bytes = Array(text.utf8)[...]
        guard let tag = Self.next(&bytes), bytes.isEmpty else { return nil }
        self = tag
    }

    private init(isWeak: Bool, quoted: String) {
        self.isWeak = isWeak
        self.quoted = quoted
    }

    /// As it stands in a field.
    public var text: String {
        isWeak ? "W/" + quoted : quoted
    }

    /// Whether both are strong and equal (§8.8.3.2).
    public func isStronglyEqual(_ other: EntityTag) -> Bool {
        !isWeak && !other.isWeak && quoted == other.quoted
    }

    /// Whether both are equal, strong or not (§8.8.3.2).
    public func isWeaklyEqual(_ other: EntityTag) -> Bool {
        quoted == other.quoted
    }

    /// The tags of a list (§5.6.1), commas inside of quotes left alone; nil where the list is malformed.
    static func list(_ values: [String]) -> [EntityTag]? {
        var tags: [EntityTag] = []
        for value in values {
            var bytes = Array(value.utf8)[...]
            var mayHoldTag = true
            while let byte = bytes.first {
                switch byte {
                case 0x20, 0x09:
                    bytes.removeFirst()
                case 0x2C:
                    bytes.removeFirst()
                    mayHoldTag = true
                default:
                    guard mayHoldTag, let tag = next(&bytes) else { return nil }
                    tags.append(tag)
                    mayHoldTag = false
                }
            }
        }
        return tags
    }

    /// Takes a tag off the front.
    private static func next(_ bytes: inout ArraySlice<UInt8>) -> EntityTag? {
        let isWeak = bytes.starts(with: "W/".utf8)
        let start = isWeak ? bytes.dropFirst(2) : bytes
        guard start.first == 0x22, let end = start.dropFirst().firstIndex(of: 0x22) else { return nil }
        let inside = start[(start.startIndex + 1)..<end]
        guard inside.allSatisfy({ $0 >= 0x21 && $0 != 0x7F }) else { return nil }
        bytes = bytes[(end + 1)...]
        return EntityTag(
            isWeak: isWeak, quoted: String(decoding: start[start.startIndex...end], as: UTF8.self))
    }
}
