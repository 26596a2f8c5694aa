import Testing

@testable import WebSocketCore

@Suite struct ProxyTrustTests {
    private struct Seen: Equatable {
        var address: String
        var isSecure = false
        var host = "a"
    }

    private func see(
        _ fields: [(String, String)], from peer: String = "10.0.0.1", by kind: ProxyTrust.Fields = .xForwarded
    ) throws -> Seen {
        let networks = try ["10.0.0.0/8", "fd00::/8"].map { try #require(IPNetwork($0)) }
        var request = parsed(fields)
        request.peerAddress = peer
        try ProxyTrust(networks: networks, fields: kind).introduce(&request)
        return Seen(
            address: request.peerAddress, isSecure: request.isSecure, host: request.authority?.text ?? "")
    }

    @Test func onlyTrustedProxiesAreBelieved() throws {
        let fields = [
            ("x-forwarded-for", "203.0.113.7"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "b:1"),
        ]
        #expect(try see(fields) == Seen(address: "203.0.113.7", isSecure: true, host: "b:1"))
        #expect(try see(fields, from: "::ffff:10.0.0.1").address == "203.0.113.7")
        #expect(try see(fields, from: "fd00::1").address == "203.0.113.7")
        #expect(try see(fields, from: "192.0.2.9") == Seen(address: "192.0.2.9"))
        #expect(try see(fields, by: .forwarded) == Seen(address: "10.0.0.1"), "only one kind is read")
        #expect(try see([("forwarded", "for=203.0.113.7")]) == Seen(address: "10.0.0.1"))
    }

    @Test func theRightmostUntrustedAddressIsTheClient() throws {
        func client(_ list: String) throws -> String { try see([("x-forwarded-for", list)]).address }
        #expect(
            try client("198.51.100.1, 203.0.113.7") == "203.0.113.7", "the left one is the client's own word")
        #expect(try client("203.0.113.7, 10.0.0.2, 10.0.0.3") == "203.0.113.7")
        #expect(try client("10.0.0.9") == "10.0.0.9", "a chain of proxies only")
        #expect(try client("203.0.113.7, unknown") == "10.0.0.1", "who is not named is the proxy")
        #expect(try client("rubbish, 203.0.113.7") == "203.0.113.7")
        #expect(try client("203.0.113.7:4711") == "203.0.113.7")
        #expect(try client("2001:db8::7") == "2001:db8::7")
        #expect(try client("[2001:db8::7]:4711") == "2001:db8::7")
        let lines = [("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "203.0.113.7")]
        #expect(try see(lines).address == "203.0.113.7")
        let long = String(repeating: "10.0.0.2, ", count: 40) + "10.0.0.3"
        #expect(try client("203.0.113.7, " + long) == "10.0.0.2", "bounded")
    }

    /// A character that takes the comma behind it into itself (U+0600) must not swallow the proxy's word.
    @Test func nothingAClientWritesHidesWhatItsProxySays() throws {
        for word in [
            "192.0.2.1%\u{600}", "192.0.2.1,\u{301}", "[192.0.2.1]", "192.0.2.1%\u{200D}", "\u{600}",
        ] {
            let fields = [
                ("x-forwarded-for", "\(word), 203.0.113.7"), ("x-forwarded-proto", "\(word), https"),
            ]
            #expect(try see(fields) == Seen(address: "203.0.113.7", isSecure: true), "\(word)")
        }
        #expect(throws: HTTPViolation.self) { try see([("x-forwarded-proto", "http\u{17F}")]) }
    }

    @Test func onlyWholeAddressesCount() throws {
        for node in [
            "[::1", "[::1]x", "[192.0.2.1]:80", "192.0.2.1:", "192.0.2.1:x", "192.0.2.1%eth0", "[::1]:123456",
        ] {
            #expect(try see([("x-forwarded-for", node)]).address == "10.0.0.1", "\(node)")
        }
        #expect(try see([("x-forwarded-for", "192.0.2.1:_hidden")]).address == "192.0.2.1")
    }

    @Test func schemeAndHostBelongToTheSameHop() throws {
        let chain = [
            ("x-forwarded-for", "203.0.113.7, 10.0.0.2"), ("x-forwarded-proto", "https, http"),
            ("x-forwarded-host", "outer, inner"),
        ]
        #expect(try see(chain) == Seen(address: "203.0.113.7", isSecure: true, host: "outer"))
        #expect(throws: HTTPViolation.self) { try see([("x-forwarded-proto", "gopher")]) }
        #expect(throws: HTTPViolation.self) { try see([("x-forwarded-host", "a/b")]) }
    }

    @Test func forwardedIsReadProperly() throws {
        func forwarded(_ values: String...) throws -> Seen {
            try see(values.map { ("forwarded", $0) }, by: .forwarded)
        }
        #expect(
            try forwarded("For=\"[2001:db8:cafe::17]:4711\";Proto=HTTPS;host=\"b:8443\"; by=10.0.0.1")
                == Seen(address: "2001:db8:cafe::17", isSecure: true, host: "b:8443"))
        #expect(try forwarded("for=198.51.100.1, for=203.0.113.7;proto=http").address == "203.0.113.7")
        #expect(try forwarded("for=\"a,b;c\"", "for=203.0.113.7").address == "203.0.113.7")
        #expect(
            try forwarded("for=203.0.113.7;proto=https;host=outer, for=10.0.0.2;proto=http;host=inner")
                == Seen(address: "203.0.113.7", isSecure: true, host: "outer"))
        #expect(try forwarded("for=203.0.113.7, for=_hidden").address == "10.0.0.1")
        #expect(try forwarded(";for=203.0.113.7 ; ").address == "203.0.113.7", "pairs may be missing")
        #expect(
            try forwarded("for=203.0.113.7, for=unknown;proto=https")
                == Seen(address: "10.0.0.1", isSecure: true))
        #expect(try forwarded("for=\"203.0.113.7\\:1\"").address == "203.0.113.7")
        for bad in [
            "for=\"abc, for=203.0.113.7", "for", "for=", "=1", "for=1.2.3.4;for=1.2.3.5", "for=1.2.3.4 x",
            "for = 1",
            "for=\"a\\",
        ] {
            #expect(throws: HTTPViolation.self, "\(bad)") { try forwarded(bad) }
        }
    }
}
