/// The `switch` statements of a file, as far as their cases go.
enum SwitchStatement {
    /// The lines with a `default:` that stands beside at least one case of an enum (`case .live`).
    static func defaultsOverEnums(in source: SourceText) -> [Int] {
        source.code.indices.filter { index in
            trimmed(source.code[index]).hasPrefix("default:") && hasEnumCase(beside: index, in: source.code)
        }
    }

    /// Walks up through the lines of the same indentation until the switch begins.
    private static func hasEnumCase(beside index: Int, in code: [String]) -> Bool {
        let indentation = width(code[index])
        for line in code[..<index].reversed() where !trimmed(line).isEmpty {
            guard width(line) <= indentation else { continue }
            let words = trimmed(line)
            guard words.hasPrefix("case ") else { return false }
            let pattern = words.dropFirst(5).drop { $0 == "(" || $0 == " " }
            if [".", "let .", "nil"].contains(where: { pattern.hasPrefix($0) }) { return true }
        }
        return false
    }

    private static func width(_ line: String) -> Int { line.prefix { $0 == " " }.count }

    private static func trimmed(_ line: String) -> Substring { line.drop { $0 == " " } }
}
