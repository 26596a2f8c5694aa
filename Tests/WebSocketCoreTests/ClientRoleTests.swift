import Testing

@testable import WebSocketCore

/// What RFC 6455 asks of a client beside frames, seen from a server of bare bytes.
@Suite struct ClientRoleTests {
    private struct Calls {
        let loop: EventLoop
        let inbox = Inbox<Observer.Event>()

        init() throws {
            loop = try EventLoop(index: 0, label: "test.client")
        }

        func call(_ port: UInt16, _ limits: TransportLimits = TransportLimits()) {
            let inbox = inbox
            loop.execute { core in
                ClientConnector.connect(
                    to: "127.0.0.1", port: port, path: "/", on: core, limits: limits,
                    delegate: Observer(inbox))
            }
        }

        func connectionCount() async -> Int {
            await withCheckedContinuation { continuation in
                loop.execute { continuation.resume(returning: $0.connectionCount) }
            }
        }
    }

    @Test func theServerEndsTheStreamFirst() async throws {
        let (server, calls) = (try RawServer(), try Calls())
        calls.call(server.port)
        let peer = try server.acceptUpgrade()
        _ = try await opened(calls.inbox)
        peer.send(serverFrame(.close, [3, 232]))
        #expect(try await closed(calls.inbox) == .closed(.normal, reason: "", byPeer: true))
        // Its answer: a masked close with the same code, and no end of the stream behind it.
        let answer = try peer.read(exactly: 8)
        #expect(answer[0] == 0x88 && answer[1] == 0x82)
        #expect(peer.isSilent)
        peer.endWriting()
        #expect(try peer.read() == [])
        await calls.loop.shutdown()
    }

    @Test func aServerThatNeverEndsTheStreamIsGivenUp() async throws {
        let (server, calls) = (try RawServer(), try Calls())
        var limits = TransportLimits()
        limits.closeHandshakeMilliseconds = 50
        calls.call(server.port, limits)
        let peer = try server.acceptUpgrade()
        _ = try await opened(calls.inbox)
        peer.send(serverFrame(.close, [3, 232]))
        _ = try peer.read(exactly: 8)
        #expect(try peer.read() == [])
        await calls.loop.shutdown()
    }

    @Test func oneHandshakeAtATimeIsOnItsWayToAnAddress() async throws {
        let (server, calls) = (try RawServer(), try Calls())
        for _ in 0..<3 { calls.call(server.port) }
        var peers: [RawPeer] = []
        for _ in 0..<3 {
            let peer = try server.accept()
            // The others have not so much as reached the server.
            #expect(!server.hasCaller)
            try peer.answerUpgrade()
            _ = try await opened(calls.inbox)
            peers.append(peer)
        }
        #expect(await calls.connectionCount() == 3)
        await calls.loop.shutdown()
    }

    @Test func whoFailsToOpenMakesRoomForTheNext() async throws {
        let (server, calls) = (try RawServer(), try Calls())
        for _ in 0..<3 { calls.call(server.port) }
        _ = try server.accept()
        _ = try await closed(calls.inbox)
        let refused = try server.accept()
        _ = try refused.read(until: "\r\n\r\n")
        refused.send("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
        #expect(try await closed(calls.inbox) == .failed(.httpStatus(404)))
        try server.accept().answerUpgrade()
        _ = try await opened(calls.inbox)
        await calls.loop.shutdown()
    }

    @Test func aMaskedFrameOfAServerIsRefused() async throws {
        let (server, calls) = (try RawServer(), try Calls())
        calls.call(server.port)
        let peer = try server.acceptUpgrade()
        peer.send(clientFrame(.text, utf8("林")))
        #expect(try await closed(calls.inbox) == .failed(.protocolViolation(.protocolError)))
        await calls.loop.shutdown()
    }

    @Test func keysAndMasksAreNewEachTime() async throws {
        let (server, calls) = (try RawServer(), try Calls())
        var peers: [RawPeer] = []
        var keys: Set<String> = []
        var masks: Set<[UInt8]> = []
        for _ in 0..<8 {
            calls.call(server.port)
            let peer = try server.accept()
            peers.append(peer)
            keys.insert(try peer.answerUpgrade())
            _ = try await opened(calls.inbox)
            peer.send(serverFrame(.ping, [1]))
            masks.insert(Array(try peer.read(exactly: 7)[2..<6]))
        }
        #expect(keys.count == 8)
        #expect(masks.count == 8)
        await calls.loop.shutdown()
    }
}
