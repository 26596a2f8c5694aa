import Testing

@testable import WebSocketCore

@Suite struct CompressionLoopbackTests {
    private static func settings(_ change: (inout Compression) -> Void) -> Compression {
        var settings = Compression()
        change(&settings)
        return settings
    }

    /// JSON of about this size, as a class sends it.
    private static func roster(_ count: Int) -> [UInt8] {
        utf8(
            "["
                + (0..<count).map { #"{"seat":"s\#($0)","name":"学员\#($0)","role":"participant"}"# }.joined(
                    separator: ",") + "]")
    }

    @Test(arguments: [false, true], [false, true]) func messagesComeBackWhateverIsKept(
        own: Bool, peer: Bool
    ) async throws {
        let compression = Self.settings {
            $0.keepsOwnContext = own
            $0.keepsPeerContext = peer
            $0.compressesBinary = true
            $0.messageBytesMinimum = 0
        }
        let world = try TestWorld({ $0.compression = compression })
        var limits = TransportLimits()
        limits.compression = compression
        let inbox = world.connect(limits: limits)
        let id = try await opened(inbox)
        let messages: [WebSocketMessage] =
            [0, 1, 20, 2_000].map { .text(Self.roster($0)) }
            + [0, 1, 125, 126, 65_535, 65_536, 900_000].map { count in
                .binary((0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) })
            }
        // Twice, so that the second time there is a context to refer to; and one after the other, since a
        // side that has much waiting does not read.
        for message in messages + messages {
            world.clientLoop.execute { core in core.connection(id).map { Observer.echo(message, $0) } }
            let event = try await inbox.next()
            #expect(event == .received(message))
        }
        await world.end()
    }

    @Test func oneSideWithoutCompressionMeansNone() async throws {
        for (server, client) in [(nil, Compression()), (Compression(), nil)] as [(Compression?, Compression?)]
        {
            let world = try TestWorld({ $0.compression = server })
            var limits = TransportLimits()
            limits.compression = client
            let inbox = world.connect(limits: limits)
            _ = try await opened(inbox)
            let id = try await opened(world.inbox)
            let agreed = await world.onServer { $0.connection(id)?.outgoing != nil }
            #expect(!agreed)
            await world.end()
        }
    }

    @Test func theHandshakeSaysWhatWasAgreedOn() async throws {
        let world = try TestWorld()
        let cases = [
            (
                "permessage-deflate; client_max_window_bits",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
            ),
            ("permessage-deflate; server_max_window_bits=65536", nil),
            ("foo, bar; a=\"b\"", nil),
        ]
        for (offer, answer) in cases {
            let peer = try RawPeer(port: world.port)
            peer.send(Self.handshake(offer))
            let head = try peer.read(until: "\r\n\r\n")
            #expect(head.hasPrefix("HTTP/1.1 101 "))
            #expect(head.contains("sec-websocket-extensions") == (answer != nil))
            if let answer { #expect(head.contains("sec-websocket-extensions: \(answer)\r\n")) }
        }
        let peer = try RawPeer(port: world.port)
        peer.send(Self.handshake("permessage-deflate; server_max_window_bits="))
        #expect(try peer.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 400 "))
        await world.end()
    }

    private static func handshake(_ extensions: String) -> String {
        "GET / HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
            + "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + "sec-websocket-extensions: \(extensions)\r\n\r\n"
    }

    @Test func aBroadcastIsCompressedOnceForEachShape() async throws {
        let world = try TestWorld(loopCount: 2)
        var plain = TransportLimits()
        plain.compression = nil
        let inboxes = (0..<30).map { number in
            world.connect(limits: number % 3 == 0 ? plain : TransportLimits())
        }
        for inbox in inboxes { _ = try await opened(inbox) }
        let frames = (1...50).map { SharedFrame.text(Self.roster(20 + $0)) }
        for loop in 0..<2 {
            await world.onServer(loop) { core in
                let all = ContiguousArray(core.allConnections.filter(\.isOpen))
                for frame in frames { core.send(frame, to: all, .control) }
            }
        }
        for inbox in inboxes {
            for frame in frames {
                let event = try await inbox.next()
                #expect(event == .received(.text(Array(frame.payload))))
            }
        }
        let counts = [
            await world.onServer(0) { $0.compression.compressedCount },
            await world.onServer(1) { $0.compression.compressedCount },
        ]
        #expect(counts.reduce(0, +) == frames.count, "\(counts)")
        await world.end()
    }

    @Test func whatWaitsIsCountedAsItLeaves() async throws {
        let world = try TestWorld({ $0.sendBufferBytes = 4_096 })
        let inbox = world.connect()
        let clientID = try await opened(inbox)
        let serverID = try await opened(world.inbox)
        await withCheckedContinuation { continuation in
            world.clientLoop.execute { core in
                core.connection(clientID)?.pauseReading()
                continuation.resume()
            }
        }
        let frame = SharedFrame.text(Self.roster(200))
        let plain = SharedFrame.text(Self.roster(200), isCompressible: false)
        let counts = await world.onServer { core -> [Int] in
            guard let connection = core.connection(serverID) else { return [] }
            let packed = connection.packed(frame, .control)
            // Fill the socket, then look at what one more adds.
            while connection.queuedBytes < 20_000 { connection.send(plain, .control) }
            let before = connection.queuedBytes
            connection.send(frame, .control)
            return [
                packed.count, connection.queuedBytes - before,
                connection.packed(frame, .media(ageLimitMilliseconds: 1)).count,
            ]
        }
        #expect(counts.count == 3 && counts[0] == counts[1] && counts[0] * 5 < frame.count)
        #expect(counts.last == frame.count, "what may be dropped is never compressed")
        await world.end()
    }

    @Test func smallBinaryAndSecretMessagesGoAsTheyAre() async throws {
        let world = try TestWorld()
        let inbox = world.connect()
        _ = try await opened(inbox)
        let id = try await opened(world.inbox)
        let text = Self.roster(100)
        let packed = await world.onServer { core -> [Bool] in
            guard let connection = core.connection(id) else { return [] }
            let frames: [SharedFrame] = [
                .text(text), .text(Array(text.prefix(511))), .binary(text),
                .text(text, isCompressible: false),
            ]
            return frames.map { connection.packed($0, .control).isCompressed }
        }
        #expect(packed == [true, false, false, false])
        await world.end()
    }

    @Test func aFloodOfBombsLeavesRoomForOthers() async throws {
        let (bombBytes, bombCount, turnBytes) = (100_000, 200, 200_000)
        let world = try TestWorld(
            { $0.inflatedBytesPerTurn = turnBytes },
            talk: { message, connection in
                if message.bytes.count == bombBytes {
                    #expect(connection.core.compression.inflatedBytes < turnBytes + bombBytes)
                } else {
                    Observer.echo(message, connection)
                }
            })
        let deflater = try #require(Deflater(windowBits: 15, keepsContext: false))
        let bomb = try #require(deflater.compress(Array(repeating: 0x20, count: bombBytes)[...]))
        let peer = try RawPeer(port: world.port)
        peer.send(Self.handshake("permessage-deflate"))
        _ = try peer.read(until: "\r\n\r\n")
        _ = try await opened(world.inbox)
        let inbox = world.connect()
        let id = try await opened(inbox)
        _ = try await opened(world.inbox)
        let frame = clientFrame(.text, bomb, isCompressed: true)
        peer.send(Array(repeating: frame, count: bombCount).flatMap(\.self))
        world.clientLoop.execute { $0.connection(id)?.send(.text(utf8("还在")), .control) }
        // The other's word comes back, and every bomb goes off, each in its turn.
        #expect(try await inbox.next() == .received(.text(utf8("还在"))))
        var exploded = 0
        while exploded < bombCount {
            if case .received(let message) = try await world.inbox.next() {
                exploded += message.bytes.count == bombBytes ? 1 : 0
            }
        }
        await world.end()
    }
}
