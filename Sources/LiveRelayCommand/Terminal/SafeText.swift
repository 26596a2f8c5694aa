/// Text that somebody else typed, made safe for a terminal: it cannot move the cursor, change colours, ring,
/// or turn the direction of what follows.
enum SafeText {
    /// The text on one line, with every control or direction character shown as a replacement mark.
    static func line(_ text: String) -> String {
        var safe = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A, 0x0D, 0x09, 0x85, 0x2028, 0x2029: safe.append(" ")
            case 0x00..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x061C:
                safe.append("\u{FFFD}")
            default: safe.append(scalar)
            }
        }
        return String(safe)
    }
}
