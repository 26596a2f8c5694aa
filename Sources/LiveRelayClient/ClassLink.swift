import Foundation

/// What stands in an invitation: a link with a token, a link without one, or the nine digits of a class.
public struct ClassLink: Hashable, Sendable {
    /// How many digits name a class.
    public static let codeDigitsCount = 9
    /// Longer than any token that a relay makes.
    static let tokenBytesMaximum = 8_192

    /// The relay, where the link names one.
    public let server: ServerAddress?
    /// The nine digits, where they are there.
    public let code: String?
    /// The class, where the link names it.
    public let sessionText: String?
    /// The token behind `#t=`, which never reaches the server as part of a URL.
    public let token: String?

    /// Reads a link or a code, with or without dashes and blanks; nil where the text is neither.
    public init?(_ text: String) {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if let code = Self.code(in: text) {
            self.init(server: nil, code: code, sessionText: nil, token: nil)
            return
        }
        guard let server = ServerAddress(text), let parts = URLComponents(string: text) else { return nil }
        let steps = parts.path.split(separator: "/").map(String.init)
        let token = parts.fragment.flatMap { fragment in
            fragment.split(separator: "&").first { $0.hasPrefix("t=") }.map { String($0.dropFirst(2)) }
        }
        guard (token?.utf8.count ?? 0) <= Self.tokenBytesMaximum else { return nil }
        switch steps.first {
        case "j" where steps.count == 2:
            self.init(server: server, code: Self.code(in: steps[1]), sessionText: nil, token: token)
        case "c" where steps.count >= 2:
            self.init(server: server, code: nil, sessionText: steps[1], token: token)
        default:
            guard token != nil else { return nil }
            self.init(server: server, code: nil, sessionText: nil, token: token)
        }
    }

    private init(server: ServerAddress?, code: String?, sessionText: String?, token: String?) {
        self.server = server
        self.code = code
        self.sessionText = sessionText
        self.token = token
    }

    /// The code as people read it: three groups of three.
    public static func readable(_ code: String) -> String {
        guard code.count == codeDigitsCount else { return code }
        let digits = Array(code)
        return stride(from: 0, to: digits.count, by: 3).map { String(digits[$0..<$0 + 3]) }
            .joined(separator: "-")
    }

    private static func code(in text: String) -> String? {
        let digits = text.filter { $0 != "-" && $0 != " " }
        guard digits.utf8.count == codeDigitsCount,
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return digits
    }
}
