import Glibc
import Testing

@testable import WebSocketCore

@Suite struct HTTPLoopbackTests {
    @Test func aRequestIsAnswered() async throws {
        let world = try TestWorld()
        let answer = try await world.fetch(.post, "/a%20b?c", body: utf8("林")).get()
        #expect(answer.status == 200)
        #expect(answer.body == utf8("POST /a b 林"))
        #expect(answer.headers["date"]?.hasSuffix(" GMT") == true)
        await world.end()
    }

    @Test func pipelinedRequestsAreAnsweredInOrderEvenWhenTheAnswersComeLate() async throws {
        let world = try TestWorld(answer: { request, exchange in
            let (id, path) = (exchange.id, request.path)
            guard path == "/late" else { return exchange.respond(.text(200, path)) }
            exchange.loop.execute { $0.respond(to: id, .text(200, path)) }
        })
        let peer = try RawPeer(port: world.port)
        peer.send("GET /late HTTP/1.1\r\nhost: a\r\n\r\nHEAD /b HTTP/1.1\r\nhost: a\r\n\r\n")
        peer.send("GET /c HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        let answers = try peer.readToEnd()
        let bodies = answers.split(separator: "\r\n\r\n", omittingEmptySubsequences: false)
        #expect(bodies.count == 4)
        #expect(bodies[1].hasPrefix("/lateHTTP/1.1 200 OK"))
        #expect(bodies[2].hasPrefix("HTTP/1.1 200 OK"), "the answer to HEAD has a length but no body")
        #expect(bodies[3] == "/c")
        await world.end()
    }

    @Test func badRequestsGetTheirStatusAndTheEnd() async throws {
        let world = try TestWorld()
        let cases: [(String, Int)] = [
            ("GET / HTTP/1.1\n\n", 400), ("BREW / HTTP/1.1\r\nhost: a\r\n\r\n", 501),
            ("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1001\r\n\r\n", 413),
            ("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n", 400),
            ("GET https://a/ HTTP/1.1\r\nhost: a\r\n\r\n", 421),
            ("GET / HTTP/3.0\r\n\r\n", 505), ("GET /..%2f HTTP/1.1\r\nhost: a\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n", 426),
        ]
        for (text, status) in cases {
            let peer = try RawPeer(port: world.port)
            peer.send(text)
            let head = try peer.read(until: "\r\n\r\n")
            #expect(head.hasPrefix("HTTP/1.1 \(status) "), "\(text)")
            #expect(head.contains(status == 426 ? "connection: upgrade" : "connection: close"))
        }
        await world.end()
    }

    @Test func aBodyIsAskedForWhenTheClientWaits() async throws {
        let world = try TestWorld()
        let peer = try RawPeer(port: world.port)
        peer.send("PUT /x HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n")
        #expect(try peer.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        peer.send("abc")
        #expect(try peer.read(until: "PUT /x abc").hasPrefix("HTTP/1.1 200 "))
        await world.end()
    }

    @Test func chunkedBodiesArrive() async throws {
        let world = try TestWorld()
        let peer = try RawPeer(port: world.port)
        let head = "POST /x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n"
        peer.send(head + "expect: 100-continue\r\n\r\n")
        #expect(try peer.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        peer.send("3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n")
        #expect(try peer.read(until: "POST /x abcd").hasPrefix("HTTP/1.1 200 "))
        peer.send(head + "\r\n3e9\r\n" + String(repeating: "a", count: 1_001))
        #expect(try peer.readToEnd().hasPrefix("HTTP/1.1 413 "))
        await world.end()
    }

    @Test func largeAnswersArriveWholeOnKeptAndOnClosedConnections() async throws {
        let large = SharedBytes((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 13 >> 2) })
        let certificate = try TestCertificate()
        for context in [nil, try certificate.serverContext()] {
            let client = context == nil ? nil : try certificate.pinnedContext()
            let world = try TestWorld(
                tls: context, { $0.sendBufferBytes = 8_192 },
                answer: { request, exchange in
                    let body: HTTPResponse.Body =
                        request.path == "/own" ? .bytes(large.bytes) : .shared(large)
                    exchange.respond(HTTPResponse(status: 200, body: body))
                })
            for path in ["/own", "/shared"] {
                let closed = try await world.fetch(.get, path, tls: client).get()
                #expect(closed.body == large.bytes)
            }
            if client == nil {
                let kept = try RawPeer(port: world.port)
                for _ in 0..<2 {
                    kept.send("GET /own HTTP/1.1\r\nhost: a\r\n\r\n")
                    #expect(try kept.read(until: "\r\n\r\n").contains("content-length: 3000000"))
                    #expect(try kept.read(exactly: large.bytes.count) == large.bytes)
                }
            }
            await world.end()
        }
    }

    @Test func filesAreSentWholeOrInPart() async throws {
        let folder = try TestCertificate()
        let path = folder.folder + "/audio.opus"
        let bytes = (0..<500_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let file = try #require(fopen(path, "w"))
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
        fclose(file)
        for context in [nil, try folder.serverContext()] {
            let client = context == nil ? nil : try folder.pinnedContext()
            let world = try TestWorld(
                tls: context,
                answer: { request, exchange in
                    let name = request.path == "/audio" ? path : request.path
                    exchange.respond(HTTPResponse(status: 200, body: .file(path: name, range: .asRequested)))
                })
            let whole = try await world.fetch(.get, "/audio", tls: client).get()
            #expect(whole.body == bytes)
            let tag = try #require(whole.headers["etag"])
            let part = try await world.fetch(
                .get, "/audio", tls: client, headers: ["range": "bytes=100-199", "if-range": tag]
            ).get()
            #expect(part.status == 206)
            #expect(part.body == Array(bytes[100..<200]))
            #expect(part.headers["content-range"] == "bytes 100-199/500000")
            #expect(
                try await world.fetch(.get, "/audio", tls: client, headers: ["range": "bytes=600000-"]).get()
                    .status == 416)
            #expect(
                try await world.fetch(.get, "/audio", tls: client, headers: ["if-none-match": tag]).get()
                    .status == 304)
            let head = try await world.fetch(.head, "/audio", tls: client).get()
            #expect(head.headers["content-length"] == "500000")
            #expect(head.body == [])
            #expect(try await world.fetch(.get, "/nowhere", tls: client).get().status == 404)
            #expect(try await world.fetch(.get, "/etc", tls: client).get().status == 404)
            await world.end()
        }
    }

    /// Progress alone keeps nobody here: the peer reads all the time, and less than it must.
    @Test(arguments: ["keep-alive", "close"]) func aReaderThatTricklesIsCut(after: String) async throws {
        let whole = 50_000_000
        let world = try TestWorld(
            { limits in
                limits.writeMilliseconds = 300
                limits.answerBytesPerSecondMinimum = .max
                limits.sendBufferBytes = 4_096
            },
            answer: { _, exchange in
                exchange.respond(HTTPResponse(status: 200, body: .bytes([UInt8](repeating: 7, count: whole))))
            })
        let peer = try RawPeer(port: world.port, receiveBufferBytes: 4_096)
        peer.send("GET / HTTP/1.1\r\nhost: a\r\nconnection: \(after)\r\n\r\n")
        var got = 0
        while let byte = try? peer.read(16), !byte.isEmpty { got += byte.count }
        #expect(got < whole)
        try await condition { await world.onServer { $0.connectionCount } == 0 }
        await world.end()
    }

    @Test func headAndBodyHaveDeadlines() async throws {
        let world = try TestWorld({ limits in
            limits.headMilliseconds = 50
            limits.bodyMilliseconds = 50
            limits.tlsHandshakeMilliseconds = 50
            limits.idleMilliseconds = 50
        })
        let silent = try RawPeer(port: world.port)
        #expect(try silent.readToEnd() == "")
        let slow = try RawPeer(port: world.port)
        slow.send("GET / HTTP/1.1\r\nho")
        #expect(try slow.readToEnd().hasPrefix("HTTP/1.1 408 "))
        let half = try RawPeer(port: world.port)
        half.send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\na")
        #expect(try half.readToEnd().hasPrefix("HTTP/1.1 408 "))
        let idle = try RawPeer(port: world.port)
        idle.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        #expect(try idle.readToEnd().hasPrefix("HTTP/1.1 200 "), "answered, then ended in silence")
        await world.end()
    }

    @Test func answersToConnectionsThatHaveGoneAreIgnored() async throws {
        let world = try TestWorld()
        let gone = ExchangeID(connection: ConnectionID(number: 0, loopIndex: 0), number: 1)
        await world.onServer { core in core.respond(to: gone, .text(200, "nobody")) }
        #expect(try await world.fetch(.get, "/").get().status == 200)
        await world.end()
    }

    @Test func aServiceCannotSplitAnAnswer() async throws {
        let world = try TestWorld(answer: { _, exchange in
            exchange.respond(
                HTTPResponse(status: 200, headers: ["x-bad": "a\r\nset-cookie: b", "x-good": "c"]))
        })
        let answer = try await world.fetch(.get, "/").get()
        #expect(answer.headers["x-bad"] == nil)
        #expect(answer.headers["set-cookie"] == nil)
        #expect(answer.headers["x-good"] == "c")
        await world.end()
    }
}
