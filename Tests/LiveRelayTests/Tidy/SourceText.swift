/// One file of the repository as text, as lines, and as code without comments and strings.
struct SourceText: Sendable {
    /// Path from the root of the repository.
    let path: String
    let text: String
    let lines: [String]
    /// As `lines`, with the inside of comments and string literals turned into blanks.
    let code: [String]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        lines = Self.split(text)
        code = Self.split(Self.blanked(text))
    }

    private static func split(_ text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    /// A line number as people count, for a report.
    func place(_ index: Int) -> String { "\(path):\(index + 1)" }

    // MARK: - Blanking

    private enum Place {
        case code
        case lineComment
        case blockComment(depth: Int)
        case string(quote: UInt8, isMultiline: Bool, hashes: Int)
    }

    /// A small reader of Swift and JavaScript that knows where code ends and words begin. Everything
    /// inside an interpolation counts as string; a one-line string ends with its line at the latest.
    private static func blanked(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var place = Place.code
        var index = 0
        while index < bytes.count {
            let step = advance(bytes, index, &place)
            for offset in index..<min(index + step.length, bytes.count) {
                result.append(bytes[offset] == newline || step.isCode ? bytes[offset] : space)
            }
            index += step.length
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static let newline = UInt8(ascii: "\n")
    private static let space = UInt8(ascii: " ")
    private static let slash = UInt8(ascii: "/")
    private static let star = UInt8(ascii: "*")
    private static let backslash = UInt8(ascii: "\\")
    private static let hash = UInt8(ascii: "#")
    private static let quotes: [UInt8] = [UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`")]

    private static func advance(
        _ bytes: [UInt8], _ index: Int, _ place: inout Place
    ) -> (length: Int, isCode: Bool) {
        let byte = bytes[index]
        let next = index + 1 < bytes.count ? bytes[index + 1] : 0
        switch place {
        case .code:
            if byte == slash, next == slash {
                place = .lineComment
                return (2, false)
            }
            if byte == slash, next == star {
                place = .blockComment(depth: 1)
                return (2, false)
            }
            return opening(bytes, index, &place)
        case .lineComment:
            if byte == newline { place = .code }
            return (1, false)
        case .blockComment(let depth):
            if byte == star, next == slash {
                place = depth == 1 ? .code : .blockComment(depth: depth - 1)
                return (2, false)
            }
            if byte == slash, next == star {
                place = .blockComment(depth: depth + 1)
                return (2, false)
            }
            return (1, false)
        case .string(let quote, let isMultiline, let hashes):
            return inside(bytes, index, quote, isMultiline, hashes, &place)
        }
    }

    /// In code: the beginning of a string, or one more byte of code. Swift's backquoted names are
    /// no strings; JavaScript's templates are, and both end at the next backquote.
    private static func opening(
        _ bytes: [UInt8], _ index: Int, _ place: inout Place
    ) -> (length: Int, isCode: Bool) {
        var hashes = 0
        while index + hashes < bytes.count, bytes[index + hashes] == hash { hashes += 1 }
        let start = index + hashes
        guard start < bytes.count, quotes.contains(bytes[start]), hashes == 0 || bytes[start] == quotes[0]
        else { return (max(1, hashes), true) }
        let quote = bytes[start]
        let isTriple =
            quote == quotes[0] && start + 2 < bytes.count && bytes[start + 1] == quote
            && bytes[start + 2] == quote
        place = .string(quote: quote, isMultiline: isTriple, hashes: hashes)
        return (hashes + (isTriple ? 3 : 1), false)
    }

    private static func inside(
        _ bytes: [UInt8], _ index: Int, _ quote: UInt8, _ isMultiline: Bool, _ hashes: Int,
        _ place: inout Place
    ) -> (length: Int, isCode: Bool) {
        let byte = bytes[index]
        if byte == backslash, hashes == 0 { return (2, false) }
        if byte == newline, !isMultiline, quote != quotes[2] {
            place = .code
            return (1, false)
        }
        let length = (isMultiline ? 3 : 1) + hashes
        guard byte == quote, index + length <= bytes.count else { return (1, false) }
        let closing = Array(repeating: quote, count: length - hashes) + Array(repeating: hash, count: hashes)
        guard Array(bytes[index..<index + length]) == closing else { return (1, false) }
        place = .code
        return (length, false)
    }
}
