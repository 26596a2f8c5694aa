/// A name of something, made of letters, digits, `_` and `-`, 1 to 64 characters long.
///
/// The same rule holds on the wire, in the log, in file names and in URLs, so that no layer has to escape.
public protocol Identifier: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// The identifier as it stands on the wire.
    var text: String { get }
    /// Takes text that was checked already; use `init?(_:)` for anything that comes from outside.
    init(unchecked text: String)
}

extension Identifier {
    /// The identifier, or nil where the text breaks the rule.
    public init?(_ text: some StringProtocol) {
        guard Self.isValid(text) else { return nil }
        self.init(unchecked: String(text))
    }

    /// Whether a text may be an identifier.
    public static func isValid(_ text: some StringProtocol) -> Bool {
        let bytes = text.utf8
        guard !bytes.isEmpty, bytes.count <= identifierBytesMaximum else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default:
                false
            }
        }
    }

    /// Orders by text, so that lists made from dictionaries come out the same every time.
    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }

    /// The identifier as it stands on the wire.
    public var description: String { text }

    /// Reads one string and refuses what breaks the rule.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let identifier = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an identifier")
        }
        self = identifier
    }

    /// Writes one string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// Long enough for 256 random bits in base64url, short enough for a file name.
public let identifierBytesMaximum = 64

/// Names one scheduled class from opening to end; unguessable, since it stands in links.
public struct SessionID: Identifier {
    /// The identifier as it stands on the wire.
    public let text: String
    /// Takes text that was checked already.
    public init(unchecked text: String) { self.text = text }
}

/// Names one person across classes; the name behind it lives in an erasable store.
public struct PersonID: Identifier {
    /// The identifier as it stands on the wire.
    public let text: String
    /// Takes text that was checked already.
    public init(unchecked text: String) { self.text = text }
}

/// Names one participation of one person in one session: `s1`, `s2`, … in order of arrival.
public struct SeatID: Identifier {
    /// The identifier as it stands on the wire.
    public let text: String
    /// Takes text that was checked already.
    public init(unchecked text: String) { self.text = text }
}

/// Names one poll of a session: `p1`, `p2`, …
public struct PollID: Identifier {
    /// The identifier as it stands on the wire.
    public let text: String
    /// Takes text that was checked already.
    public init(unchecked text: String) { self.text = text }
}

/// Names one chat entry of a session: `c1`, `c2`, …
public struct ChatID: Identifier {
    /// The identifier as it stands on the wire.
    public let text: String
    /// Takes text that was checked already.
    public init(unchecked text: String) { self.text = text }
}

/// Names a command; made by the client, so that sending it twice takes effect once.
public struct CommandID: Identifier {
    /// The identifier as it stands on the wire.
    public let text: String
    /// Takes text that was checked already.
    public init(unchecked text: String) { self.text = text }
}

/// Names one typed text in the class's erasable store.
public struct TextID: Identifier {
    /// The identifier as it stands on the wire.
    public let text: String
    /// Takes text that was checked already.
    public init(unchecked text: String) { self.text = text }
}

/// Numbers one audio stream of a session; stands in the header of every audio message.
public struct TrackID: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// The number on the wire, from 1.
    public let number: UInt16

    /// The track with this number.
    public init(_ number: UInt16) { self.number = number }

    /// Orders by number, which is the order of opening.
    public static func < (left: TrackID, right: TrackID) -> Bool { left.number < right.number }

    /// The number in decimal.
    public var description: String { String(number) }

    /// Reads one number.
    public init(from decoder: any Decoder) throws {
        number = try decoder.singleValueContainer().decode(UInt16.self)
    }

    /// Writes one number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(number)
    }
}

/// SHA-256 of a random salt and a typed text, as 64 lower-case hexadecimal digits.
///
/// The log holds only this; text and salt live in a store that may be rewritten, so one sentence can be
/// erased and the hash chain of the log still verifies.
public struct Commitment: Hashable, Sendable, Codable {
    /// 64 lower-case hexadecimal digits.
    public let hex: String

    /// The commitment, or nil where the text is not 64 lower-case hexadecimal digits.
    public init?(hex: String) {
        let bytes = hex.utf8
        let isHexadecimal = bytes.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
        guard bytes.count == 64, isHexadecimal else { return nil }
        self.hex = hex
    }

    /// Reads one string of hexadecimal digits.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let commitment = Commitment(hex: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a commitment")
        }
        self = commitment
    }

    /// Writes one string of hexadecimal digits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }
}

/// Points from an event to a text that a person typed.
public struct TextReference: Hashable, Sendable, Codable {
    /// The key in the class's store of texts.
    public let ref: TextID
    /// What proves that the stored text is the one that was typed.
    public let commitment: Commitment

    /// A reference to a stored text.
    public init(ref: TextID, commitment: Commitment) {
        self.ref = ref
        self.commitment = commitment
    }
}
