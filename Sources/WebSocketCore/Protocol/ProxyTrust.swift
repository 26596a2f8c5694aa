/// Which proxies stand in front of a server, and what they are believed. Nobody else is believed anything:
/// whoever could write these fields himself would choose his own address.
public struct ProxyTrust: Sendable, Equatable {
    /// The fields in which the proxies say whom they speak for. Only these are read: the others may have come
    /// from anybody and been passed on.
    public enum Fields: String, Sendable, CaseIterable {
        /// `X-Forwarded-For`, `-Proto` and `-Host`.
        case xForwarded = "x-forwarded"
        /// `Forwarded` (RFC 7239).
        case forwarded
    }

    /// Where the proxies are.
    public var networks: [IPNetwork]
    /// What they write.
    public var fields: Fields
    /// Whether their connections begin with a PROXY header of version 2.
    public var usesProxyHeader: Bool

    /// Nobody.
    public static let nobody = ProxyTrust()

    /// More hops than this has no way to a class; what lies beyond is not looked at.
    private static let hopsMaximum = 16

    /// These networks.
    public init(
        networks: [IPNetwork] = [], fields: Fields = .xForwarded, usesProxyHeader: Bool = false
    ) {
        self.networks = networks
        self.fields = fields
        self.usesProxyHeader = usesProxyHeader
    }

    /// Whether a proxy has this address.
    public func trusts(_ address: String) -> Bool {
        guard !networks.isEmpty, let address = IPAddress(address) else { return false }
        return trusts(address)
    }

    /// Puts in what trusted proxies say of the client: address, TLS, and the host that was asked. From the
    /// peer backwards each proxy names who came to it, as far as those are trusted too.
    func introduce(_ request: inout HTTPRequest) throws(HTTPViolation) {
        guard trusts(request.peerAddress) else { return }
        switch fields {
        case .xForwarded: try readXForwarded(&request)
        case .forwarded: try readForwarded(&request)
        }
    }

    private func trusts(_ address: IPAddress) -> Bool {
        networks.contains { $0.contains(address) }
    }

    private func readXForwarded(_ request: inout HTTPRequest) throws(HTTPViolation) {
        var hops = 0
        // What stands left of the first address that is not trusted is that client's own word.
        for text in request.headers.elements("x-forwarded-for").suffix(Self.hopsMaximum).reversed() {
            guard let address = ForwardedElement.Node(text).address else { break }
            hops += 1
            request.peerAddress = address.text
            guard trusts(address) else { break }
        }
        if let scheme = element("x-forwarded-proto", hops, request) {
            request.isSecure = try Self.isSecure(scheme)
        }
        if let host = element("x-forwarded-host", hops, request) { try Self.setHost(host, &request) }
    }

    /// The element that belongs to a hop. Most proxies overwrite the field, so that there is but one.
    private func element(_ name: String, _ hops: Int, _ request: HTTPRequest) -> String? {
        let elements = request.headers.elements(name)
        return elements.isEmpty ? nil : elements[max(0, elements.count - max(hops, 1))]
    }

    private func readForwarded(_ request: inout HTTPRequest) throws(HTTPViolation) {
        // A malformed field is refused whole: half of it could come from the client and hide the rest.
        let elements = try ForwardedElement.list(request.headers.values("forwarded"))
        for element in elements.suffix(Self.hopsMaximum).reversed() {
            if let scheme = element.scheme { request.isSecure = try Self.isSecure(scheme) }
            if let host = element.host { try Self.setHost(host, &request) }
            guard let address = element.client?.address else { return }
            request.peerAddress = address.text
            guard trusts(address) else { return }
        }
    }

    private static func isSecure(_ scheme: String) throws(HTTPViolation) -> Bool {
        switch scheme.lowercasedASCII {
        case "https", "wss": true
        case "http", "ws": false
        default: throw .bad("the proxy names an unknown scheme")
        }
    }

    private static func setHost(_ text: String, _ request: inout HTTPRequest) throws(HTTPViolation) {
        guard let authority = Authority(text) else { throw .bad("the proxy names a malformed host") }
        request.authority = authority
        request.headers.set("host", authority.text)
    }
}
