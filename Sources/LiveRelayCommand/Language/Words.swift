/// What the program says to people, in their language. Every key stands once in `table`, with both languages.
struct Words: Sendable {
    /// The words for one thing.
    struct Entry: Hashable, Sendable {
        let chinese: String
        let english: String
    }

    /// The language.
    let language: Language

    /// The words for a key, with `%1`, `%2`, … replaced.
    func callAsFunction(_ key: String, _ values: String...) -> String {
        guard let entry = Self.table[key] else { return key }
        var text = language == .chinese ? entry.chinese : entry.english
        for (index, value) in values.enumerated() {
            text = text.replacing("%\(index + 1)", with: value)
        }
        return text
    }

    /// The words for a key, or nil where there are none.
    func ifKnown(_ key: String) -> String? { Self.table[key] == nil ? nil : self(key) }

    /// All words by key.
    static let table: [String: Entry] = read(lines + "\n" + codeLines)

    /// Reads lines of the form `key | 中文 | English`.
    static func read(_ lines: String) -> [String: Entry] {
        var table: [String: Entry] = [:]
        for line in lines.split(separator: "\n") {
            let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(trimmed)
            guard parts.count == 3 else { continue }
            table[parts[0]] = Entry(chinese: parts[1], english: parts[2])
        }
        return table
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
