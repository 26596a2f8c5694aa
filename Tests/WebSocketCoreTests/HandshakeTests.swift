import Testing

@testable import WebSocketCore

@Suite struct HandshakeTests {
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    private func request(
        _ change: (inout [String: String]) -> Void = { _ in }, line: String = "GET / HTTP/1.1"
    ) throws
        -> HTTPRequest
    {
        var fields = [
            "Host": "a", "Upgrade": "websocket", "Connection": "keep-alive, Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": Self.key,
        ]
        change(&fields)
        var text = line + "\r\n"
        for name in fields.keys.sorted() { text += "\(name): \(fields[name] ?? "")\r\n" }
        let bytes = utf8(text + "\r\n")
        var parser = RequestParser(limits: TransportLimits())
        var position = 0
        guard case .head(let head) = try parser.step(bytes.span, &position) else {
            throw HTTPViolation.bad("cut off")
        }
        return head.request
    }

    private func status(_ change: (inout [String: String]) -> Void, line: String = "GET / HTTP/1.1") throws
        -> Int?
    {
        if case .refused(let status, _) = Handshake.judge(try request(change, line: line)) { return status }
        return nil
    }

    @Test func theExampleOfTheRFCIsAccepted() throws {
        #expect(Handshake.judge(try request()) == .acceptable(acceptKey: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
    }

    @Test func anOrdinaryRequestIsNoUpgrade() throws {
        #expect(Handshake.judge(try request { $0["Upgrade"] = nil }) == .notUpgrade)
        #expect(Handshake.judge(try request { $0["Upgrade"] = "h2c" }) == .notUpgrade)
    }

    @Test func faultyHandshakesAreRefused() throws {
        #expect(try status { $0["Connection"] = "keep-alive" } == 400)
        #expect(try status { $0["Sec-WebSocket-Version"] = "8" } == 426)
        #expect(try status { $0["Sec-WebSocket-Version"] = nil } == 426)
        #expect(try status { $0["Sec-WebSocket-Key"] = nil } == 400)
        #expect(try status { $0["Sec-WebSocket-Key"] = "short" } == 400)
        #expect(try status { $0["Sec-WebSocket-Extensions"] = "permessage-deflate; a=" } == 400)
        #expect(try status { $0["Sec-WebSocket-Extensions"] = "permessage-deflate; a=b" } == nil)
        #expect(try status { $0["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=!" } == 400)
        #expect(try status({ _ in }, line: "POST / HTTP/1.1") == 400)
        #expect(try status({ _ in }, line: "GET / HTTP/1.0") == 400)
    }

    @Test func subprotocolsAreTokensAndEachStandsOnce() throws {
        #expect(try status { $0["Sec-WebSocket-Protocol"] = "liverelay.v1, chat" } == nil)
        for malformed in ["", ",", "a, a", "two words", "a/b", "sound;q=1"] {
            #expect(try status { $0["Sec-WebSocket-Protocol"] = malformed } == 400, "\(malformed)")
        }
    }

    @Test func aClientSaysNothingTwiceAndNoFragment() {
        func isSound(_ target: String, _ added: HTTPHeaders = [:]) -> Bool {
            ClientRequest(
                method: .get, host: "a", port: 80, isSecure: false, target: target,
                own: ["Upgrade": "websocket", "Sec-WebSocket-Key": Self.key], added: added, body: []
            ).isSound
        }
        #expect(isSound("/a?b=c"))
        #expect(isSound("/", ["Origin": "http://a", "Cookie": "b=c"]))
        #expect(!isSound("/a#b"))
        #expect(!isSound("a"))
        #expect(!isSound("/", ["sec-websocket-key": Self.key]))
        #expect(!isSound("/", ["Host": "b"]))
        #expect(!isSound("/", ["a": "b\r\nc: d"]))
    }

    @Test func aClientChecksTheAnswer() {
        func fault(_ change: (inout HTTPHeaders) -> Void) -> String? {
            var headers: HTTPHeaders = [
                "Upgrade": "WebSocket", "Connection": "upgrade",
                "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            ]
            change(&headers)
            let head = ResponseParser.Head(status: 101, headers: headers)
            return Handshake.fault(in: head, key: Self.key, offered: ["liverelay.v1", "second"])
        }
        #expect(fault { _ in } == nil)
        #expect(fault { $0.add("Sec-WebSocket-Protocol", "liverelay.v1") } == nil)
        #expect(fault { $0.add("Sec-WebSocket-Protocol", "second") } == nil)
        #expect(fault { $0.add("Sec-WebSocket-Protocol", "other") } != nil)
        #expect(fault { $0.add("Sec-WebSocket-Protocol", "") } != nil)
        #expect(fault { $0.add("Sec-WebSocket-Protocol", "liverelay.v1, second") } != nil)
        #expect(
            fault {
                $0.add("Sec-WebSocket-Protocol", "liverelay.v1")
                $0.add("Sec-WebSocket-Protocol", "liverelay.v1")
            } != nil)
        #expect(fault { $0.set("Sec-WebSocket-Accept", "wrong") } != nil)
        #expect(fault { $0.set("Upgrade", "h2c") } != nil)
        #expect(fault { $0.set("Upgrade", "websocket, h2c") } != nil)
        #expect(fault { $0.add("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") } != nil)
        #expect(fault { $0.set("Connection", "close") } != nil)
    }

    @Test func crossOriginIsToldByHostAndPort() throws {
        #expect(try !request().isCrossOrigin)
        #expect(try !request { $0["Origin"] = "https://A" }.isCrossOrigin)
        #expect(try request { $0["Origin"] = "https://a:1" }.isCrossOrigin)
        #expect(try request { $0["Origin"] = "https://evil" }.isCrossOrigin)
        #expect(try request { $0["Origin"] = "null" }.isCrossOrigin)
    }
}
