@testable import WebSocketCore

/// What proxies say of their clients (`Forwarded`, RFC 7239, and the older fields): the same as a second
/// reader finds, and whatever a client has written before it changes nothing in what a trusted proxy says.
enum ForwardedFuzz {
    private struct Seen: Equatable {
        var address: String
        var isSecure: Bool
        var host: String
    }

    private static let proxy = "10.0.0.1"
    /// Who comes to the proxy; not one of those that are trusted.
    private static let client = "203.0.113.7"
    private static let networks = ["10.0.0.0/8", "2001:db8::/32"].compactMap { IPNetwork($0) }

    /// The input is lines of fields.
    static func check(_ input: FuzzInput) throws(FuzzFault) {
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n".utf8) + input.bytes + Array("\r\n\r\n".utf8)
        let outcome = RequestFuzz.read(bytes, [bytes.indices], TransportLimits())
        guard case .head(let head) = outcome.steps.first else { return }
        let kind: ProxyTrust.Fields = input.chooses(0) ? .forwarded : .xForwarded
        var request = head.request
        request.peerAddress = proxy
        let plain = PlainForwarded(request.headers, by: kind, from: proxy, isTrusted: isTrusted)
        let seen = introduce(request, kind)
        let address = seen.flatMap { PlainForwarded.address($0.address) }
        try require(address == plain?.address, "\(seen as Any), plainly \(plain as Any)")
        try require(seen?.isSecure == plain?.isSecure, "\(seen as Any), plainly \(plain as Any)")
        let host = plain.map { $0.host ?? "a" }
        try require(seen?.host == host, "\(seen as Any), plainly \(plain as Any)")
        try checkClientsWord(request, kind, isAppended: input.chooses(1))
    }

    /// Nil when it is refused.
    private static func introduce(_ request: HTTPRequest, _ kind: ProxyTrust.Fields) -> Seen? {
        var request = request
        do throws(HTTPViolation) {
            try ProxyTrust(networks: networks, fields: kind).introduce(&request)
        } catch {
            return nil
        }
        return Seen(
            address: request.peerAddress, isSecure: request.isSecure, host: request.authority?.text ?? "")
    }

    /// 10.0.0.0/8 and 2001:db8::/32.
    private static func isTrusted(_ address: [UInt8]) -> Bool {
        address.count == 4 ? address[0] == 10 : address.starts(with: [0x20, 0x01, 0x0D, 0xB8])
    }

    /// The proxy puts its word behind what came, in the same field or in one of its own.
    private static func checkClientsWord(
        _ request: HTTPRequest, _ kind: ProxyTrust.Fields, isAppended: Bool
    ) throws(FuzzFault) {
        var request = request
        func say(_ name: String, _ word: String) {
            guard isAppended else { return request.headers.add(name, word) }
            let words = request.headers.values(name) + [word]
            request.headers.set(name, words.joined(separator: ", "))
        }
        switch kind {
        case .xForwarded:
            say("x-forwarded-for", client)
            say("x-forwarded-proto", "https")
            say("x-forwarded-host", "relay")
        case .forwarded:
            say("forwarded", "for=\(client);proto=https;host=relay")
        }
        guard let seen = introduce(request, kind) else {
            // A malformed field is refused whole.
            return try require(kind == .forwarded, "refused by what a client has written")
        }
        let right = Seen(address: client, isSecure: true, host: "relay")
        try require(seen == right, "\(seen) by what a client has written: \(request.headers.fields)")
    }
}
