import COpenSSL
import Testing

@testable import WebSocketCore

@Suite("TLS as strangers see it") struct TLSSessionTests {
    private static let question = "GET / HTTP/1.1\r\nhost: a\r\n\r\n"

    /// What it takes to resume: the ticket comes with the first answer.
    private func session(_ port: UInt16, _ version: Int32) throws -> OpaquePointer {
        let peer = try TLSPeer(port: port, version: version)
        #expect(peer.handshake() && peer.send(Self.question) && !peer.read().isEmpty)
        #expect(!peer.isResumed)
        return try #require(peer.session())
    }

    private func isResumed(_ port: UInt16, _ version: Int32, _ session: OpaquePointer) throws -> Bool {
        let peer = try TLSPeer(port: port, version: version, resuming: session)
        #expect(peer.handshake() && peer.send(Self.question) && !peer.read().isEmpty)
        return peer.isResumed
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func ticketsLastForTwoPeriodsAndNotForAnotherCertificate(version: Int32) async throws {
        let certificate = try TestCertificate()
        let first = try certificate.serverContext()
        let world = try TestWorld(tls: first)
        let ticket = try session(world.port, version)
        defer { SSL_SESSION_free(ticket) }
        #expect(try isResumed(world.port, version, ticket))

        let second = try first.withFreshTicketKeys()
        world.server.use(second)
        _ = await world.onServer { $0.now }
        #expect(try isResumed(world.port, version, ticket), "the keys of the period before still open")

        world.server.use(try second.withFreshTicketKeys())
        _ = await world.onServer { $0.now }
        #expect(try !isResumed(world.port, version, ticket), "older keys are gone; a full handshake follows")

        let other = try session(world.port, version)
        defer { SSL_SESSION_free(other) }
        world.server.use(try certificate.serverContext())
        _ = await world.onServer { $0.now }
        #expect(
            try !isResumed(world.port, version, other), "a certificate that was read anew is shown to all")
        await world.end()
    }

    @Test func ourOwnProtocolIsChosenAndOthersAreRefused() async throws {
        let world = try TestWorld(tls: try TestCertificate().serverContext())
        let ours = try TLSPeer(port: world.port, protocols: ["h2", "http/1.1"])
        #expect(ours.handshake() && ours.chosenProtocol == "http/1.1")
        let silent = try TLSPeer(port: world.port)
        #expect(silent.handshake() && silent.chosenProtocol.isEmpty)
        let foreign = try TLSPeer(port: world.port, protocols: ["h2", "acme-tls/1"])
        let isDone = foreign.handshake() && !foreign.read().isEmpty
        #expect(!isDone)
        // RFC 7301 §3.2: no_application_protocol.
        #expect(foreign.reason().contains("no application protocol"))
        await world.end()
    }

    @Test func oldVersionsAndRenegotiationAreRefused() async throws {
        let world = try TestWorld(tls: try TestCertificate().serverContext())
        for version in [TLS1_VERSION, TLS1_1_VERSION] {
            #expect(try !TLSPeer(port: world.port, version: version).handshake())
        }
        let peer = try TLSPeer(port: world.port, version: TLS1_2_VERSION)
        #expect(peer.handshake())
        #expect(!peer.renegotiate())
        await world.end()
    }

    /// Key updates hold nothing for the application: OpenSSL would read them for as long as they come.
    @Test func aFloodOfKeyUpdatesDoesNotHoldTheLoop() async throws {
        let world = try TestWorld(
            tls: try TestCertificate().serverContext(),
            { limits in
                limits.readBytesPerTurn = 4_096
                limits.tlsMessagesBurstMaximum = .max
            })
        let peer = try TLSPeer(port: world.port)
        #expect(peer.handshake() && peer.send(Self.question) && !peer.read().isEmpty)
        for _ in 0..<2_000 { guard peer.updateKey() else { break } }
        let answer = await world.fetch(.get, "/", tls: try TestCertificate.anyContext())
        #expect(try answer.get().status == 200)
        await world.end()
    }

    /// Each key costs a derivation: some are granted, a flood of them ends the connection.
    @Test func someKeyUpdatesAreServedAndManyAreNot() async throws {
        let world = try TestWorld(tls: try TestCertificate().serverContext())
        let limits = TransportLimits()
        let peer = try TLSPeer(port: world.port)
        #expect(peer.handshake() && peer.send(Self.question) && !peer.read().isEmpty)
        for _ in 0..<limits.tlsMessagesBurstMaximum / 2 { #expect(peer.updateKey()) }
        #expect(peer.send(Self.question) && !peer.read().isEmpty)
        for _ in 0..<10_000 { guard peer.updateKey() else { break } }
        try await condition { await world.onServer { $0.connectionCount } == 0 }
        await world.end()
    }

    @Test func aConnectionKeepsTheCertificateItBeganWith() async throws {
        let old = try TestCertificate()
        let new = try TestCertificate()
        let world = try TestWorld(tls: try old.serverContext())
        let peer = try TLSPeer(port: world.port)
        #expect(peer.handshake() && peer.send(Self.question) && !peer.read().isEmpty)
        world.server.use(try new.serverContext())
        #expect(try await world.fetch(.get, "/", tls: try new.pinnedContext()).get().status == 200)
        #expect(peer.send(Self.question) && !peer.read().isEmpty)
        await world.end()
    }
}
