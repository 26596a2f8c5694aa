/// Takes whole-line comments out of scripts, which are a quarter of what a phone would have to load. What
/// stands behind code on a line stays, since telling it from a string would take a parser.
enum Comments {
    /// The script without lines that hold nothing but a comment.
    static func removed(from script: String) -> String {
        var kept: [Substring] = []
        var isInBlock = false
        for line in script.split(separator: "\n", omittingEmptySubsequences: false) {
            let words = line.drop { $0 == " " }
            if isInBlock {
                isInBlock = !words.contains("*/")
            } else if words.hasPrefix("/*") {
                isInBlock = !words.contains("*/")
                if !isInBlock, !words.hasSuffix("*/") { kept.append(line) }
            } else if !words.hasPrefix("//") {
                kept.append(line)
            }
        }
        return kept.joined(separator: "\n")
    }
}
