/// The origin of a page (RFC 6454 §4): scheme, host and port.
public struct WebOrigin: Sendable, Hashable {
    /// `http` or `https`.
    public let scheme: String
    /// Lower case; an IPv6 address in its brackets.
    public let host: String
    /// The port, the scheme's own where none is named.
    public let port: UInt16

    /// Reads `https://host` or `http://host:port`; nil for `null`, other schemes, and anything with a path.
    public init?(_ text: some StringProtocol) {
        guard let end = text.range(ofFirst: "://") else { return nil }
        let scheme = text[..<end.lowerBound].lowercasedASCII
        guard let usual = Self.standardPort(scheme), let authority = Authority(text[end.upperBound...]) else {
            return nil
        }
        self.scheme = scheme
        host = authority.host
        port = authority.port ?? usual
    }

    /// The port that need not be named.
    static func standardPort(_ scheme: String) -> UInt16? {
        switch scheme {
        case "http": 80
        case "https": 443
        default: nil
        }
    }
}
