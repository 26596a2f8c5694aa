import Foundation
import LiveRelayWire

/// Full-width forms as Chinese keyboards type them (U+FF01 to U+FF5E and U+3000) beside the usual ones.
enum FullWidth {
    /// The text with full-width forms made narrow.
    static func narrowed(_ text: String) -> String {
        var narrow = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0xFF01...0xFF5E: narrow.append(Unicode.Scalar(UInt8(scalar.value - 0xFEE0)))
            case 0x3000: narrow.append(" ")
            default: narrow.append(scalar)
            }
        }
        return String(narrow)
    }
}

/// 姓名: what may stand as one, and when two are the same.
public enum PersonName {
    /// 64 characters of four bytes, and room for accents that are written apart.
    private static let bytesMaximum = 512

    /// Whether a text may be a name: 1 to 64 characters, something visible among them, and nothing that
    /// controls the terminal, the line or the direction of the text around it.
    public static func isValid(_ name: String) -> Bool {
        name.utf8.count <= bytesMaximum && name.count <= WireLimits.nameCharactersMaximum
            && name.unicodeScalars.allSatisfy(PlainText.isAllowed)
            && name.unicodeScalars.contains { !$0.properties.isWhitespace && !PlainText.isInvisible($0) }
    }

    /// The name as it is kept: as typed, without blanks at both ends. Nil where it may not be a name.
    public static func kept(_ typed: String) -> String? {
        let name = typed.trimmingCharacters(in: .whitespaces)
        return isValid(name) ? name : nil
    }

    /// What is compared: NFC, narrow forms, and one of the many dots that are typed within names (买买提·艾力).
    public static func comparable(_ name: String) -> String {
        let narrow = FullWidth.narrowed(name.trimmingCharacters(in: .whitespaces))
            .precomposedStringWithCanonicalMapping
        return String(String.UnicodeScalarView(narrow.unicodeScalars.map(dot)))
    }

    private static func dot(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0x2022, 0x2027, 0x2219, 0x22C5, 0x30FB, 0xFF65: "\u{B7}"
        default: scalar
        }
    }
}

/// 工号: text, since leading zeros count and eighteen digits fit no number.
public enum StaffNumber {
    private static let bytesMaximum = 128

    /// Whether a text may be a 工号; the empty text says that there is none.
    public static func isValid(_ number: String) -> Bool {
        number.utf8.count <= bytesMaximum && number.count <= WireLimits.numberCharactersMaximum
            && number.unicodeScalars.allSatisfy(PlainText.isAllowed)
    }

    /// The number as it is kept: as typed, without blanks at both ends. Nil where it may not be a number.
    public static func kept(_ typed: String) -> String? {
        let number = typed.trimmingCharacters(in: .whitespaces)
        return isValid(number) ? number : nil
    }

    /// What is compared: NFC and narrow forms; zeros stay.
    public static func comparable(_ number: String) -> String {
        FullWidth.narrowed(number.trimmingCharacters(in: .whitespaces)).precomposedStringWithCanonicalMapping
    }
}

/// Text of one line that can stand anywhere without changing what stands around it.
public enum PlainText {
    /// No control characters, no line or paragraph separators, nothing that turns the direction of writing
    /// (Unicode TR9 §2), no code points that stand for nothing.
    static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x202A...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x061C, 0xFEFF: return false
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: return false
        default: return !scalar.properties.isNoncharacterCodePoint
        }
    }

    /// Shows nothing: joiners, soft hyphens, variation selectors and their like.
    static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isDefaultIgnorableCodePoint
    }

    /// The text without blanks at both ends, or nil where it is longer or holds what it may not.
    public static func kept(_ typed: String, charactersMaximum: Int) -> String? {
        let text = typed.trimmingCharacters(in: .whitespaces)
        guard text.utf8.count <= charactersMaximum * 8, text.count <= charactersMaximum,
            text.unicodeScalars.allSatisfy(isAllowed)
        else { return nil }
        return text
    }
}
