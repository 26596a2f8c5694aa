import Dispatch
import Glibc
import Testing

@testable import WebSocketCore

@Suite struct WebSocketLoopbackTests {
    @Test(arguments: [false, true]) func messagesOfEverySizeComeBack(overTLS: Bool) async throws {
        let certificate = try TestCertificate()
        let world = try TestWorld(tls: overTLS ? certificate.serverContext() : nil, loopCount: 2)
        let inbox = world.connect(
            tls: overTLS ? try certificate.pinnedContext() : nil, subprotocols: ["liverelay.v1"])
        let id = try await opened(inbox)
        let messages: [WebSocketMessage] =
            [.text(utf8("林 𬭎·"))]
            + [0, 1, 125, 126, 65_535, 65_536, 900_000].map { count in
                .binary((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) })
            }
        world.clientLoop.execute { core in
            for message in messages { core.connection(id).map { Observer.say(message, $0) } }
        }
        for message in messages {
            #expect(try await inbox.next() == .received(message))
        }
        world.clientLoop.execute { $0.connection(id)?.close(CloseCode(rawValue: 4_001), reason: "done") }
        #expect(try await closed(inbox) == .closed(CloseCode(rawValue: 4_001), reason: "done", byPeer: false))
        #expect(
            try await closed(world.inbox) == .closed(CloseCode(rawValue: 4_001), reason: "done", byPeer: true)
        )
        await world.end()
    }

    @Test(arguments: [false, true]) func aFanOutReachesFiftyConnectionsInOrder(overTLS: Bool) async throws {
        let certificate = try TestCertificate()
        let world = try TestWorld(tls: overTLS ? certificate.serverContext() : nil)
        let client = overTLS ? try certificate.pinnedContext() : nil
        let inboxes = (0..<50).map { _ in world.connect(tls: client) }
        for inbox in inboxes { _ = try await opened(inbox) }
        await world.onServer { core in
            let all = ContiguousArray(core.allConnections.filter(\.isOpen))
            for number in UInt8(0)..<20 {
                core.send(.binary([number]), to: all, .media(ageLimitMilliseconds: 5_000))
            }
        }
        for inbox in inboxes {
            for number in UInt8(0)..<20 {
                #expect(try await inbox.next() == .received(.binary([number])))
            }
        }
        await world.end()
    }

    @Test(arguments: [false, true]) func aSlowReaderLosesOldMediaAndNoControl(overTLS: Bool) async throws {
        let certificate = try TestCertificate()
        let world = try TestWorld(
            tls: overTLS ? certificate.serverContext() : nil,
            { limits in
                limits.sendBufferBytes = 4_096
                limits.mediaQueueBytesMaximum = 20_000
            })
        let inbox = world.connect(tls: overTLS ? try certificate.pinnedContext() : nil)
        let clientID = try await opened(inbox)
        let serverID = try await opened(world.inbox)
        await onClient(world) { $0.connection(clientID)?.pauseReading() }
        let count = 3_000
        let dropped = await world.onServer { core -> Int in
            guard let connection = core.connection(serverID) else { return -1 }
            for number in 0..<count {
                let payload = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 1_000)
                connection.send(.binary(payload), .media(ageLimitMilliseconds: 60_000))
                if number.isMultiple(of: 100) { connection.send(.text(utf8("\(number)")), .control) }
            }
            return connection.droppedMediaCount
        }
        #expect(dropped > 0)
        await onClient(world) { $0.connection(clientID)?.resumeReading() }
        var control: [String] = []
        var mediaCount = 0
        while control.count < 30 {
            switch try await inbox.next() {
            case .received(.text(let bytes)): control.append(String(decoding: bytes, as: UTF8.self))
            case .received(.binary(let bytes)):
                mediaCount += 1
                #expect(Set(bytes).count == 1, "no frame is torn")
            case .opened, .closed: throw UnexpectedEvent()
            }
        }
        #expect(control == stride(from: 0, to: count, by: 100).map { "\($0)" })
        #expect(mediaCount < count)
        await world.end()
    }

    @Test func aReaderTooSlowForControlIsToldToComeBack() async throws {
        let world = try TestWorld({ limits in
            limits.sendBufferBytes = 4_096
            limits.queueBytesMaximum = 50_000
            limits.slowConsumerCode = CloseCode(rawValue: 4_008)
        })
        let inbox = world.connect()
        let clientID = try await opened(inbox)
        let serverID = try await opened(world.inbox)
        await onClient(world) { $0.connection(clientID)?.pauseReading() }
        await world.onServer { core in
            guard let connection = core.connection(serverID) else { return }
            for _ in 0..<10_000 { connection.send(.text([UInt8](repeating: 0x41, count: 1_000)), .control) }
            #expect(!connection.isOpen)
            #expect(connection.queuedBytes < 60_000)
        }
        #expect(try await closed(world.inbox) == .failed(.slowConsumer))
        await onClient(world) { $0.connection(clientID)?.resumeReading() }
        #expect(
            try await closed(inbox)
                == .closed(CloseCode(rawValue: 4_008), reason: "slow consumer", byPeer: true))
        await world.end()
    }

    @Test func aFloodOfPingsFromAPeerThatDoesNotReadStaysBounded() async throws {
        let world = try TestWorld({ limits in
            limits.sendBufferBytes = 4_096
            limits.controlFramesBurstMaximum = 20_000
        })
        let peer = try RawPeer(port: world.port, receiveBufferBytes: 4_096)
        try peer.upgrade()
        let id = try await opened(world.inbox)
        let ping = clientFrame(.ping, [UInt8](repeating: 7, count: 125))
        for _ in 0..<200 { peer.send(Array(repeatElement(ping, count: 50).joined())) }
        peer.send(clientFrame(.text, utf8("still here")))
        #expect(try await world.inbox.next() == .received(.text(utf8("still here"))))
        let queued = await world.onServer { $0.connection(id)?.queuedBytes ?? -1 }
        #expect((0...20_000).contains(queued), "queued \(queued)")
        await world.end()
    }

    @Test func aHalfOpenPeerIsCutByThePongDeadline() async throws {
        let world = try TestWorld({ limits in
            limits.pingIntervalMilliseconds = 30
            limits.pongMilliseconds = 30
        })
        let peer = try RawPeer(port: world.port)
        try peer.upgrade()
        _ = try await opened(world.inbox)
        #expect(try await closed(world.inbox) == .failed(.timedOut(.pong)))
        #expect(try Array(peer.read(exactly: 2)) == [0x89, 8], "it was pinged")
        await world.end()
    }

    /// What comes after our last word is thrown away, but not for as long as it comes.
    @Test(arguments: [false, true]) func whoTalksOnAfterTheEndIsReset(overTLS: Bool) async throws {
        let certificate = try TestCertificate()
        let world = try TestWorld(
            tls: overTLS ? certificate.serverContext() : nil, plainPolicy: .redirectToTLS,
            { limits in
                limits.closeHandshakeMilliseconds = 3_600_000
                limits.discardedBytesMaximum = 100_000
            }, talk: { _, connection in connection.close(.normal, reason: "") })
        var limits = TransportLimits()
        limits.queueBytesMaximum = .max
        let inbox = world.connect(tls: overTLS ? try certificate.pinnedContext() : nil, limits: limits)
        let id = try await opened(inbox)
        world.clientLoop.execute { core in
            guard let connection = core.connection(id) else { return }
            // A close frame ends what is read; the rest is what nobody wants.
            connection.transmit(raw: clientFrame(.close, [3, 232]))
            connection.transmit(raw: [UInt8](repeating: 0, count: 10_000_000))
        }
        try await condition { await world.onServer { $0.connectionCount } == 0 }
        await world.end()
    }

    @Test func aLivingPeerHasARoundTrip() async throws {
        let world = try TestWorld({ $0.pingIntervalMilliseconds = 10 })
        let inbox = world.connect()
        _ = try await opened(inbox)
        let id = try await opened(world.inbox)
        try await condition { await world.onServer { $0.connection(id)?.roundTripMilliseconds } != nil }
        await world.end()
    }

    @Test func aViolationIsAnsweredAndEndsTheStream() async throws {
        let world = try TestWorld()
        let peer = try RawPeer(port: world.port)
        try peer.upgrade()
        _ = try await opened(world.inbox)
        peer.send(serverFrame(.text, utf8("unmasked")))
        #expect(try peer.read(exactly: 2)[0] == 0x88)
        #expect(try peer.readToEnd().hasSuffix("unmasked client frame"))
        #expect(try await closed(world.inbox) == .failed(.protocolViolation(.protocolError)))
        await world.end()
    }

    @Test func framesBehindTheHandshakeInOnePacketAreReadAndNeverAnsweredBeforeIt() async throws {
        let world = try TestWorld()
        let peer = try RawPeer(port: world.port)
        let handshake = utf8(
            "GET / HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
                + "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        peer.send(handshake + clientFrame(.ping, [1, 2]) + clientFrame(.text, utf8("林")))
        #expect(try peer.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 101 "))
        #expect(try peer.read(exactly: 4) == [0x8A, 2, 1, 2])
        #expect(try peer.read(exactly: 5) == [0x81, 3] + utf8("林"))
        await world.end()
    }

    @Test func aVanishedPeerIsNoticedWhileSending() async throws {
        let world = try TestWorld()
        do {
            let peer = try RawPeer(port: world.port)
            try peer.upgrade()
            _ = try await opened(world.inbox)
        }
        #expect(try await closed(world.inbox) == .failed(.endOfStream))
        await world.end()
    }

    @Test func aPausedConnectionReadsOnWhereItStopped() async throws {
        let world = try TestWorld(talk: { message, connection in
            // Stop after every message; the test resumes.
            connection.pauseReading()
        })
        let inbox = world.connect()
        let clientID = try await opened(inbox)
        let serverID = try await opened(world.inbox)
        await onClient(world) { core in
            for number in UInt8(0)..<20 { core.connection(clientID)?.send(.binary([number]), .control) }
        }
        for number in UInt8(0)..<20 {
            #expect(try await world.inbox.next() == .received(.binary([number])))
            await world.onServer { $0.connection(serverID)?.resumeReading() }
        }
        await world.end()
    }

    @Test func aDelegateMayAbortFromInsideACall() async throws {
        let world = try TestWorld(talk: { _, connection in
            connection.send(.text(utf8("x")), .control)
            connection.abort()
            connection.abort()
            connection.close(.normal, reason: "")
            connection.send(.text(utf8("y")), .control)
        })
        let inbox = world.connect()
        let id = try await opened(inbox)
        await onClient(world) { $0.connection(id)?.send(.text(utf8("go")), .control) }
        #expect(try await closed(world.inbox) == .failed(.aborted))
        _ = try await closed(inbox)
        await world.end()
    }

    @Test func aStopClosesEverybodyWithTheCode() async throws {
        let world = try TestWorld(loopCount: 2)
        let inboxes = (0..<6).map { _ in world.connect() }
        for inbox in inboxes { _ = try await opened(inbox) }
        let code = CloseCode(rawValue: 4_002)
        await world.server.stop(closing: code, reason: "restart", flushMilliseconds: 2_000)
        for inbox in inboxes {
            #expect(try await closed(inbox) == .closed(code, reason: "restart", byPeer: true))
        }
        #expect(try await closed(world.connect()) == .failed(.refused))
        await world.end()
    }

    @Test func aStopDoesNotWaitForThoseWhoDoNotAnswer() async throws {
        let world = try TestWorld()
        let peer = try RawPeer(port: world.port)
        try peer.upgrade()
        _ = try await opened(world.inbox)
        await world.server.stop(closing: .goingAway, reason: "", flushMilliseconds: 50)
        #expect(try await closed(world.inbox) == .failed(.aborted))
        await world.end()
    }

    @Test func whatBelongsToOneTurnLeavesAtItsEnd() async throws {
        let world = try TestWorld()
        let order = await world.onServer { core -> [Int] in
            let notes = Notes()
            core.attach(notes)
            core.atEndOfTurn {
                notes.numbers.append(2)
                core.atEndOfTurn { notes.numbers.append(3) }
            }
            notes.numbers.append(1)
            return notes.numbers
        }
        #expect(order == [1])
        // The end may stand behind this question, and is before the next.
        _ = await world.onServer { _ in true }
        let later = await world.onServer { $0.attached(Notes.self)?.numbers ?? [] }
        #expect(later == [1, 2, 3])
        await world.end()
    }

    @Test func callsThatWaitForABusyLoopShareTheEndOfATurn() async throws {
        let world = try TestWorld()
        let (gate, isOpen) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        world.loops[0].execute { core in
            core.attach(Notes())
            isOpen.signal()
            gate.wait()
        }
        isOpen.wait()
        for number in 1...3 {
            world.loops[0].execute { core in
                core.attached(Notes.self)?.numbers.append(number)
                guard number == 1 else { return }
                core.atEndOfTurn { core.attached(Notes.self)?.numbers.append(100) }
            }
        }
        gate.signal()
        // The end may stand behind this question, and is before the next.
        _ = await world.onServer { _ in true }
        #expect(await world.onServer { $0.attached(Notes.self)?.numbers ?? [] } == [1, 2, 3, 100])
        await world.end()
    }

    @Test(arguments: [false, true]) func whatIsCorkedLeavesTogetherAndInOrder(overTLS: Bool) async throws {
        let certificate = try TestCertificate()
        let world = try TestWorld(tls: overTLS ? certificate.serverContext() : nil)
        let client = overTLS ? try certificate.pinnedContext() : nil
        let inboxes = (0..<3).map { _ in world.connect(tls: client) }
        for inbox in inboxes { _ = try await opened(inbox) }
        let waiting = await world.onServer { core -> [Int] in
            let all = ContiguousArray(core.allConnections.filter(\.isOpen))
            var waiting: [Int] = []
            core.corked {
                for number in UInt8(0)..<20 {
                    let isControl = number.isMultiple(of: 2)
                    core.send(
                        .binary([number]), to: all,
                        isControl ? .control : .media(ageLimitMilliseconds: 5_000))
                }
                waiting = all.map(\.queuedBytes)
                // One within another ends with it.
                core.corked { all.last?.close(.normal, reason: "") }
            }
            return waiting + all.map(\.queuedBytes)
        }
        #expect(waiting == [60, 60, 60, 0, 0, 0])
        for (place, inbox) in inboxes.enumerated() {
            for number in UInt8(0)..<20 {
                #expect(try await inbox.next() == .received(.binary([number])))
            }
            guard place == 2 else { continue }
            #expect(try await closed(inbox) == .closed(.normal, reason: "", byPeer: true))
        }
        await world.end()
    }

    @Test func aClosedConnectionIsForgottenAltogether() async throws {
        let certificate = try TestCertificate()
        let world = try TestWorld(tls: try certificate.serverContext())
        let inbox = world.connect(tls: try certificate.pinnedContext())
        let clientID = try await opened(inbox)
        let serverID = try await opened(world.inbox)
        await world.onServer { $0.attach(Weak($0.connection(serverID))) }
        await onClient(world) { $0.connection(clientID)?.close(.normal, reason: "") }
        _ = try await closed(inbox)
        _ = try await closed(world.inbox)
        try await condition { await world.onServer { $0.connectionCount } == 0 }
        try await condition { await world.onServer { $0.attached(Weak.self)?.connection == nil } }
        await world.end()
    }

    @Test func bothLoopbackAddressesAreServed() async throws {
        let loop = try EventLoop(index: 0, label: "test.server")
        let inbox = Inbox<Observer.Event>()
        let server = try HTTPServer(.init(host: "localhost", port: 0), loops: [loop]) { _ in
            TestService(inbox)
        }
        let world = try TestWorld()
        let sockets = try ListeningSockets.bind(host: "localhost", port: 0)
        for host in sockets.descriptors.count == 2
            ? ["127.0.0.1", "::1", "localhost"] : ["127.0.0.1", "localhost"]
        {
            let client = world.connect(port: server.boundPort, host: host)
            _ = try await opened(client)
        }
        await server.stop(closing: .goingAway, reason: "", flushMilliseconds: 1_000)
        await loop.shutdown()
        await world.end()
    }

    private final class Weak {
        weak var connection: Connection?

        init(_ connection: Connection?) {
            self.connection = connection
        }
    }

    private final class Notes {
        var numbers: [Int] = []
    }

    private func onClient(_ world: TestWorld, _ work: @escaping @Sendable (LoopCore) -> Void) async {
        await withCheckedContinuation { continuation in
            world.clientLoop.execute {
                work($0)
                continuation.resume()
            }
        }
    }
}

/// Waits until something is true, for ten seconds at most.
func condition(_ holds: () async -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while await !holds() {
        guard ContinuousClock.now < deadline else { throw UnexpectedEvent() }
        await Task.yield()
    }
}
