import Foundation
public import SessionModel

/// One text that a person typed, with the salt of its commitment.
public struct TextEntry: Hashable, Sendable {
    /// The key that events refer to.
    public let ref: TextID
    /// 32 random bytes; without them a short text could be guessed from its commitment.
    public let salt: [UInt8]
    /// The text, as it was typed.
    public let text: String

    /// An entry; nil where the salt is not 32 bytes or the text holds NUL.
    public init?(ref: TextID, salt: [UInt8], text: String) {
        guard salt.count == Self.saltBytesCount, !text.utf8.contains(0) else { return nil }
        self.ref = ref
        self.salt = salt
        self.text = text
    }

    /// As long as the digest itself.
    public static let saltBytesCount = 32

    /// SHA-256 of the salt followed by the UTF-8 of the text.
    public var commitment: Commitment {
        let digest = Digest.hex(Digest.sha256(salt + Array(text.utf8)))
        guard let commitment = Commitment(hex: digest) else { preconditionFailure("a digest is 64 digits") }
        return commitment
    }

    /// What an event says of this text.
    public var reference: TextReference { TextReference(ref: ref, commitment: commitment) }
}

extension TextEntry: JSONLine {
    private struct Coded: Codable {
        var v = 1
        let ref: TextID
        let salt: String
        let text: String
    }

    init?(line: [UInt8], decoder: JSONDecoder) {
        guard let coded = try? decoder.decode(Coded.self, from: Foundation.Data(line)),
            let salt = Digest.bytes(hex: coded.salt)
        else { return nil }
        self.init(ref: coded.ref, salt: salt, text: coded.text)
    }

    func line(encoder: JSONEncoder) throws -> [UInt8] {
        [UInt8](try encoder.encode(Coded(ref: ref, salt: Digest.hex(salt), text: text)))
    }
}

/// `texts.jsonl` of a class: what people typed, by reference. Truth, erasable: it may be rewritten or
/// removed.
enum TextStore {
    static let fileName = "texts.jsonl"
}
