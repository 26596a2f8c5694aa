import Glibc
import Testing

@testable import WebSocketCore

@Suite struct TLSLoopbackTests {
    @Test func plainRequestsAreSentToHTTPS() async throws {
        let certificate = try TestCertificate()
        let world = try TestWorld(tls: try certificate.serverContext())
        let answer = try await world.fetch(.get, "/class?x=%20").get()
        #expect(answer.status == 308)
        #expect(answer.headers["location"] == "https://127.0.0.1:\(world.port)/class?x=%20")
        #expect(try await closed(world.connect()) == .failed(.httpStatus(308)))
        await world.end()
    }

    @Test func onePortServesBothWhenToldTo() async throws {
        let certificate = try TestCertificate()
        let world = try TestWorld(tls: try certificate.serverContext(), plainPolicy: .serve)
        #expect(try await world.fetch(.get, "/").get().status == 200)
        #expect(try await world.fetch(.get, "/", tls: try certificate.pinnedContext()).get().status == 200)
        await world.end()
    }

    @Test func trustIsChecked() async throws {
        let certificate = try TestCertificate()
        let world = try TestWorld(tls: try certificate.serverContext())
        let system = await world.fetch(.get, "/", tls: try .client(verification: .system))
        guard case .failure(.notTrusted) = system else { return #expect(system == .failure(.aborted)) }
        let other = String(repeating: "ab", count: 32)
        let pinned = await world.fetch(.get, "/", tls: try .client(verification: .pinned(sha256: other)))
        #expect(
            pinned
                == .failure(
                    .notTrusted("the certificate's fingerprint is \(certificate.certificate.fingerprint)")))
        let bare = certificate.certificate.fingerprint.lowercased().filter { $0 != ":" }
        #expect(
            try await world.fetch(.get, "/", tls: try .client(verification: .pinned(sha256: bare))).get()
                .status == 200)
        await world.end()
    }

    @Test func theCertificateIsKeptAndItsKeyIsPrivate() throws {
        let first = try TestCertificate()
        let again = try SelfSignedCertificate.loadOrCreate(folder: first.folder)
        #expect(again == first.certificate)
        #expect(again.fingerprint.split(separator: ":").count == 32)
        var status = stat()
        #expect(stat(again.keyPath, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        unlink(again.certificatePath)
        let renewed = try SelfSignedCertificate.loadOrCreate(
            folder: first.folder, hostNames: ["class.example", "bad,DNS:evil"],
            addresses: ["192.0.2.7", "not one"])
        #expect(renewed.fingerprint != again.fingerprint)
    }

    @Test func unusableFilesAreToldApart() throws {
        let one = try TestCertificate()
        let two = try TestCertificate()
        #expect(
            throws: TLSError.keyMismatch(
                certificatePath: one.certificate.certificatePath, keyPath: two.certificate.keyPath)
        ) {
            try TLSContext.server(
                certificatePath: one.certificate.certificatePath, keyPath: two.certificate.keyPath)
        }
        let missing = one.folder + "/missing.pem"
        #expect {
            try TLSContext.server(certificatePath: missing, keyPath: one.certificate.keyPath)
        } throws: {
            if case .certificateUnreadable(missing, _)? = $0 as? TLSError { return true }
            return false
        }
        #expect {
            try TLSContext.server(
                certificatePath: one.certificate.certificatePath, keyPath: one.certificate.certificatePath)
        } throws: {
            if case .keyUnreadable? = $0 as? TLSError { return true }
            return false
        }
        #expect(throws: TLSError.fingerprintMalformed("12:34")) {
            try TLSContext.client(verification: .pinned(sha256: "12:34"))
        }
        #expect(throws: TLSError.self) {
            try SelfSignedCertificate.loadOrCreate(folder: "/proc/nowhere/here")
        }
    }

    @Test func stalledHandshakesGoAwayAndDoNotBlockOthers() async throws {
        let certificate = try TestCertificate()
        let world = try TestWorld(
            tls: try certificate.serverContext(),
            { limits in
                limits.tlsHandshakeMilliseconds = 100
                limits.tlsHandshakesMaximum = 4
                limits.tlsHandshakeStepsPerTurn = 2
            })
        let stalled = try (0..<10).map { _ in try RawPeer(port: world.port) }
        for peer in stalled { peer.send([0x16, 3, 1, 2, 0, 1]) }
        let client = try certificate.pinnedContext()
        let inboxes = (0..<12).map { _ in world.connect(tls: client) }
        for inbox in inboxes { _ = try await opened(inbox) }
        for peer in stalled { #expect(try peer.readToEnd() == "") }
        // A peer sees its end before the turn that ended it is over: the count follows within the turn.
        let deadline = ContinuousClock.now.advanced(by: .seconds(10))
        var active = await world.onServer { $0.handshakes.activeCount }
        while active != 0, ContinuousClock.now < deadline {
            active = await world.onServer { $0.handshakes.activeCount }
        }
        #expect(active == 0)
        await world.end()
    }

    /// Whole hellos, and never an answer: who stands still gives way to those who wait.
    @Test func standingStillWithAWholeHelloKeepsNobodyOut() async throws {
        let certificate = try TestCertificate()
        let world = try TestWorld(
            tls: try certificate.serverContext(),
            { limits in
                limits.tlsHandshakesMaximum = 4
                limits.tlsHandshakePatienceMilliseconds = 50
            })
        let hello = try TLSPeer.hello()
        let stalled = try (0..<40).map { _ in try RawPeer(port: world.port) }
        for peer in stalled { peer.send(hello) }
        let inboxes = [0, 1, 2].map { _ in try? certificate.pinnedContext() }.map { world.connect(tls: $0) }
        for inbox in inboxes { _ = try await opened(inbox) }
        withExtendedLifetime(stalled) {}
        await world.end()
    }

    @Test func garbageInsteadOfTLSEndsOnlyItsOwnConnection() async throws {
        let certificate = try TestCertificate()
        let world = try TestWorld(tls: try certificate.serverContext())
        for seed in UInt64(1)...30 {
            var generator = SeededGenerator(seed: seed)
            let peer = try RawPeer(port: world.port)
            peer.send([0x16] + (0..<200).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
        }
        #expect(try await world.fetch(.get, "/", tls: try certificate.pinnedContext()).get().status == 200)
        await world.end()
    }
}
