/// What somebody typed in a class.
enum TypedLine: Hashable {
    case nothing
    case chat(String)
    case hand
    case lower
    case done
    /// The number of an option, from 1.
    case vote(Int)
    case voteUnclear
    case people
    case leave
    case help
    case unknown(String)

    /// Reads a line. A slash begins a command; two slashes begin a chat entry with one.
    init(_ line: String) {
        let text = String(line.drop { $0 == " " })
        guard text.contains(where: { $0 != " " && $0 != "\t" }) else {
            self = .nothing
            return
        }
        guard text.hasPrefix("/"), !text.hasPrefix("//") else {
            self = .chat(text.hasPrefix("//") ? String(text.dropFirst()) : text)
            return
        }
        let parts = text.dropFirst().split(separator: " ").map(String.init)
        switch parts.first {
        case "hand", "举手": self = .hand
        case "lower", "放下": self = .lower
        case "done", "结束": self = .done
        case "people", "成员": self = .people
        case "leave", "离开", "quit": self = .leave
        case "help", "帮助": self = .help
        case "vote", "投票":
            guard parts.count == 2, let number = Int(parts[1]), number > 0 else {
                self = .voteUnclear
                return
            }
            self = .vote(number)
        default: self = .unknown(parts.first.map { "/" + $0 } ?? "/")
        }
    }
}
