import Testing

@testable import WebSocketCore

@Suite struct ProxyHeaderTests {
    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]

    /// A header of this version and command, family, and rest.
    static func header(_ command: UInt8, _ family: UInt8, _ rest: [UInt8]) -> [UInt8] {
        signature + [command, family, UInt8(rest.count >> 8), UInt8(rest.count & 0xFF)] + rest
    }

    static let ipv4 = header(0x21, 0x11, [203, 0, 113, 7, 10, 0, 0, 1, 0x12, 0x34, 0x20, 0xFB])

    /// What a reader that takes just what it asks for makes of bytes, and how many it took.
    private func read(_ bytes: [UInt8], most: Int) -> (ProxyHeaderReader.Step, Int) {
        var reader = ProxyHeaderReader()
        var taken = 0
        while case .needs(let count) = reader.next {
            let piece = bytes[taken...].prefix(min(count, most))
            guard !piece.isEmpty else { break }
            reader.take(piece)
            taken += piece.count
        }
        return (reader.next, taken)
    }

    private func read(_ bytes: [UInt8]) -> ProxyHeaderReader.Step {
        let (whole, taken) = read(bytes + [0x16, 0x47], most: .max)
        if case .done = whole { #expect(taken == bytes.count, "not a byte beyond the header") }
        #expect(read(bytes, most: 1).0 == whole)
        return whole
    }

    @Test func clientsAreIntroduced() throws {
        #expect(read(Self.ipv4) == .done(.client(try #require(IPAddress("203.0.113.7")))))
        let ipv6 = [UInt8](repeating: 0, count: 15) + [9] + [UInt8](repeating: 1, count: 16) + [0, 1, 0, 2]
        #expect(read(Self.header(0x21, 0x21, ipv6)) == .done(.client(try #require(IPAddress("::9")))))
        let extended: [UInt8] = [203, 0, 113, 7, 10, 0, 0, 1, 0, 1, 0, 2] + [0x04, 0, 2, 1, 2]
        #expect(
            read(Self.header(0x21, 0x11, extended)) == .done(.client(try #require(IPAddress("203.0.113.7")))))
        #expect(read(Self.header(0x20, 0x00, [])) == .done(.peer), "LOCAL")
        #expect(read(Self.header(0x20, 0x11, [1, 2, 3])) == .done(.peer), "LOCAL, whatever follows")
        #expect(read(Self.header(0x21, 0x00, [1, 2, 3])) == .done(.peer), "UNSPEC")
    }

    @Test func whatIsNoHeaderIsRefused() {
        for bytes in [
            utf8("PROXY TCP4 203.0.113.7 10.0.0.1 1 2\r\n"), utf8("GET / HTTP/1.1\r\n\r\n"),
            [0x16, 0x03, 0x01], Array(Self.signature.dropLast()) + [0x0D, 0x21],
            Self.header(0x11, 0x11, [UInt8](repeating: 0, count: 12)),
            Self.header(0x22, 0x11, [UInt8](repeating: 0, count: 12)),
            Self.header(0x21, 0x12, [UInt8](repeating: 0, count: 12)),
            Self.header(0x21, 0x31, [UInt8](repeating: 0, count: 216)),
            Self.header(0x21, 0x11, [UInt8](repeating: 0, count: 11)),
            Self.header(0x21, 0x21, [UInt8](repeating: 0, count: 35)),
            Self.signature + [0x21, 0x11, 0x10, 0x01],
        ] {
            #expect(read(bytes) == .malformed, "\(bytes)")
        }
    }

    @Test func theClientOfAProxyIsSeenBeforeAnythingElse() async throws {
        let network = try #require(IPNetwork("127.0.0.0/8"))
        let world = try TestWorld(
            proxies: ProxyTrust(networks: [network], usesProxyHeader: true),
            answer: { request, exchange in exchange.respond(.text(200, request.peerAddress)) })
        let peer = try RawPeer(port: world.port)
        for byte in Self.ipv4 { peer.send([byte]) }
        peer.send("GET / HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 198.51.100.1\r\nconnection: close\r\n\r\n")
        #expect(try peer.readToEnd().hasSuffix("\r\n\r\n203.0.113.7"))
        let bare = try RawPeer(port: world.port)
        bare.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        #expect(try bare.readToEnd() == "")
        await world.end()
    }

    @Test func nobodyElseMayBeginWithAHeader() async throws {
        let network = try #require(IPNetwork("192.0.2.0/24"))
        let world = try TestWorld(proxies: ProxyTrust(networks: [network], usesProxyHeader: true))
        let stranger = try RawPeer(port: world.port)
        stranger.send(Self.ipv4)
        #expect(try stranger.readToEnd().hasPrefix("HTTP/1.1 400 "))
        await world.end()
    }
}
