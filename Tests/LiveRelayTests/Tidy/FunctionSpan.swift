/// Where a function begins and ends, counted in lines.
struct FunctionSpan {
    /// Index of the line with the declaration.
    let first: Int
    /// Index of the line with the closing brace.
    let last: Int

    var lineCount: Int { last - first + 1 }

    /// Every function, initialiser and subscript of a Swift file that has a body.
    static func all(in source: SourceText) throws -> [FunctionSpan] {
        let words = #"(?:(?:@\w+(?:\([^)]*\))?|[a-z]+(?:\([a-z]+\))?)\s+)*"#
        let declaration = try Regex(
            #"^\s*"# + words + #"(?:func\s|init\b[?!]?\s*[<(]|deinit\b|subscript\b)"#)
        return try source.code.indices.compactMap { index in
            guard try declaration.firstMatch(in: source.code[index]) != nil else { return nil }
            return end(of: index, in: source.code).map { FunctionSpan(first: index, last: $0) }
        }
    }

    /// Follows parentheses to the body and braces to its end; nil for a requirement without a body.
    private static func end(of first: Int, in code: [String]) -> Int? {
        var parentheses = 0
        var braces = 0
        for index in first..<code.count {
            if index > first, braces == 0, parentheses == 0, startsAnew(code[index]) { return nil }
            for character in code[index] {
                switch character {
                case "(", "[": parentheses += 1
                case ")", "]": parentheses -= 1
                case "{": braces += 1
                case "}":
                    braces -= 1
                    if braces < 0 { return nil }
                    if braces == 0, parentheses <= 0 { return index }
                default: break
                }
            }
        }
        return nil
    }

    /// Whether a line cannot belong to the head of the function above it.
    private static func startsAnew(_ line: String) -> Bool {
        let words = line.split { !$0.isLetter && $0 != "@" && $0 != "}" }
        guard let word = words.first else { return false }
        let heads: Set<Substring> = ["throws", "async", "where", "rethrows"]
        return !heads.contains(word) && !line.contains("->") && !line.drop { $0 == " " }.hasPrefix("{")
            && !line.drop { $0 == " " }.hasPrefix(")")
    }
}
