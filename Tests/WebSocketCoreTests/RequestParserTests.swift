import Testing

@testable import WebSocketCore

@Suite struct RequestParserTests {
    private static let bodyBytesMaximum = 100

    private struct Outcome: Equatable {
        var heads: [RequestParser.Head] = []
        var requests: [HTTPRequest] = []
        var status: Int?
    }

    private func read(_ pieces: [[UInt8]], _ limits: TransportLimits) -> Outcome {
        var parser = RequestParser(limits: limits)
        var outcome = Outcome()
        for piece in pieces {
            var position = 0
            do throws(HTTPViolation) {
                reading: while true {
                    switch try parser.step(piece.span, &position) {
                    case .needsMore: break reading
                    case .head(let head):
                        outcome.heads.append(head)
                        parser.bodyBytesMaximum = Self.bodyBytesMaximum
                    case .complete(let request): outcome.requests.append(request)
                    }
                }
            } catch {
                outcome.status = error.status
                return outcome
            }
        }
        return outcome
    }

    private func parse(_ text: String, limits: TransportLimits = TransportLimits()) -> Outcome {
        sameHoweverCut(utf8(text), seeds: 1...5) { read($0, limits) }
    }

    /// The status of a head with this request line and these fields.
    private func status(_ line: String, _ fields: String = "host: a\r\n") -> Int? {
        parse(line + "\r\n" + fields + "\r\n").status
    }

    @Test func aRequestIsReadHoweverItIsCut() throws {
        let outcome = parse(
            "POST /a%20b/%E8%AF%BE?x=1%2B+2&y&z=%E6%9E%97 HTTP/1.1\r\nHost: relay:8443\r\n"
                + "Content-Length: 5\r\nX-Two:  a , b \t\r\nX-Two: c\r\n\r\nhello"
                + "GET / HTTP/1.1\r\nhost: b\r\n\r\n"
        )
        #expect(outcome.status == nil)
        let first = try #require(outcome.requests.first)
        #expect(first.method == .post)
        #expect(first.path == "/a b/课")
        #expect(first.query.map(\.name) == ["x", "y", "z"])
        #expect(first.query.map(\.value) == ["1+ 2", "", "林"])
        #expect(first.headers.elements("x-two") == ["a", "b", "c"])
        #expect(first.body == utf8("hello"))
        #expect(outcome.requests.count == 2, "the second request was pipelined behind the first")
        #expect(outcome.requests.last?.path == "/")
    }

    @Test func keepAliveFollowsVersionAndField() {
        #expect(parse("GET / HTTP/1.1\r\nhost: a\r\n\r\n").heads[0].keepsAlive)
        #expect(!parse("GET / HTTP/1.1\r\nhost: a\r\nConnection: x, Close\r\n\r\n").heads[0].keepsAlive)
        #expect(!parse("GET / HTTP/1.0\r\n\r\n").heads[0].keepsAlive)
        #expect(parse("GET / HTTP/1.0\r\nconnection: Keep-Alive\r\n\r\n").heads[0].keepsAlive)
    }

    @Test func linesEndInCarriageReturnAndLineFeed() {
        #expect(parse("GET / HTTP/1.1\nhost: a\n\n").status == 400)
        #expect(parse("GET / HTTP/1.1\r\nhost: a\nx: y\r\n\r\n").status == 400)
        #expect(parse("GET / HTTP/1.1\r\nhost: a\rb\r\n\r\n").status == 400)
        #expect(parse("\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n").requests.count == 1)
        #expect(parse("\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n").status == 400)
    }

    @Test func fieldsAreStrict() {
        let line = "GET / HTTP/1.1"
        #expect(status(line, "host: a\r\n folded\r\n") == 400)
        #expect(status(line, "host : a\r\n") == 400)
        #expect(status(line, "host: a\r\nnocolon\r\n") == 400)
        #expect(status(line, "host: a\r\n: empty\r\n") == 400)
        #expect(status(line, "host: a\r\nx(y): z\r\n") == 400)
        #expect(status(line, "host: a\r\nx: \u{1}\r\n") == 400)
        #expect(status(line, "host: a\r\nx: \u{7F}\r\n") == 400)
        #expect(status(line, "host: a\r\nx: \0\r\n") == 400)
        #expect(status(line, "host: a\r\nx: 林\r\n") == nil)
    }

    @Test func hostIsThereOnceAndLengthIsUnambiguous() {
        let line = "POST / HTTP/1.1"
        #expect(status(line, "") == 400)
        #expect(status(line, "host: a\r\nhost: a\r\n") == 400)
        #expect(status(line, "host: a b\r\n") == 400)
        #expect(status(line, "host: a/b\r\n") == 400)
        for length in ["5, 5", "+5", "-1", "0x5", "", "5 5", "99999999999999999999"] {
            #expect(status(line, "host: a\r\ncontent-length: \(length)\r\n") == 400, "\(length)")
        }
        #expect(status(line, "host: a\r\ncontent-length: 5\r\ncontent-length: 5\r\n") == 400)
        #expect(status(line, "host: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n") == 400)
        #expect(status(line, "host: a\r\ntransfer-encoding: gzip, chunked\r\n") == 501)
        #expect(status(line, "host: a\r\ntransfer-encoding: gzip\r\n") == 400)
        #expect(status(line, "host: a\r\ntransfer-encoding: chunked\r\ntransfer-encoding: x\r\n") == 400)
        #expect(status(line, "host: a\r\ntransfer-encoding: chunked, chunked\r\n") == 400)
        #expect(status(line, "host: a\r\ntransfer-encoding: chunked;q=1\r\n") == 400)
        #expect(status(line, "host: a\r\ntransfer-encoding:\r\n") == 400)
        #expect(status(line, "host: a\r\ntransfer-encoding: chun\u{212A}ed\r\n") == 400, "a kelvin is no K")
        #expect(status("POST / HTTP/1.0", "transfer-encoding: chunked\r\n") == 400)
        #expect(status(line, "host: a\r\nexpect: magic\r\n") == 417)
        #expect(status("POST / HTTP/1.0", "expect: magic\r\n") == nil, "HTTP/1.0 knows no expectations")
    }

    @Test func hostsAreNamesOrAddresses() {
        for host in [
            "a", "A.b-c_d.example", "a:", "a:65535", "127.0.0.1:8443", "[::1]:8443", "[2001:DB8::1]",
        ] {
            #expect(status("GET / HTTP/1.1", "host: \(host)\r\n") == nil, "\(host)")
        }
        for host in [
            "", ":80", "a:65536", "a:-1", "a:8x", "u@a", "a%41", "[::1", "::1", "[::g]", "[::1]8", "a,b",
        ] {
            #expect(status("GET / HTTP/1.1", "host: \(host)\r\n") == 400, "\(host)")
        }
    }

    @Test func chunksAreABody() throws {
        let head = "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: Chunked\r\n\r\n"
        let outcome = parse(
            head + "5\r\nhello\r\n0000A ; x=\"y\"\r\n0123456789\r\n0\r\nx-trailer: z\r\n\r\n"
                + "GET /next HTTP/1.1\r\nhost: a\r\n\r\n")
        #expect(outcome.status == nil)
        #expect(outcome.requests.first?.body == utf8("hello0123456789"))
        #expect(outcome.requests.first?.headers["x-trailer"] == nil)
        #expect(outcome.requests.last?.path == "/next")
        #expect(parse(head + "0\r\n\r\n").requests.count == 1)
        for chunk in [
            "5\nhello\r\n", "5\r\nhelloX\r\n", "5\r\nhello\n", "g\r\n", "-5\r\n", "+5\r\n", "0x5\r\n", "\r\n",
            " 5\r\nhello\r\n", "5 \r\nhello\r\n", "5 x\r\nhello\r\n", "5;a\rb\r\nhello\r\n",
            "5;\u{1}\r\nhello\r\n", "123456789\r\n", "5;" + String(repeating: "x", count: 300) + "\r\n",
            "0\r\nx y: z\r\n\r\n",
        ] {
            #expect(parse(head + chunk).status == 400, "\(chunk.debugDescription)")
        }
        #expect(parse(head + "64\r\n").status == nil)
        #expect(parse(head + "65\r\n" + String(repeating: "a", count: 101)).status == 413)
        #expect(
            parse(head + String(repeating: "32\r\n" + String(repeating: "a", count: 50) + "\r\n", count: 3))
                .status
                == 413)
    }

    @Test func extensionsOfChunksAreBoundedTogether() {
        let chunk = "1;" + String(repeating: "x", count: 250) + "\r\na\r\n"
        let head = utf8("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
        let body = utf8(String(repeating: chunk, count: 65))
        #expect(read([head + body], TransportLimits()).status == nil)
        #expect(read([head + body + utf8(chunk)], TransportLimits()).status == 400)
    }

    @Test func valuesThatAreNoUTF8AreKeptAsTheyAre() {
        let request = utf8("GET / HTTP/1.1\r\nhost: a\r\nx: ") + [0x63, 0xE9] + utf8("\r\n\r\n")
        let outcome = read([request], TransportLimits())
        #expect(outcome.requests.first?.headers["x"] == "cé")
    }

    @Test func requestLinesAreStrict() {
        #expect(status("BREW / HTTP/1.1") == 501)
        #expect(status("get / HTTP/1.1") == 501)
        #expect(status("GET /  HTTP/1.1") == 400)
        #expect(status("GET / HTTP/1.1 ") == 400)
        #expect(status("GET /") == 400)
        #expect(status("GET / http/1.1") == 400)
        #expect(status("GET / HTTP/2.0") == 505)
        #expect(status("PRI * HTTP/2.0") == 505)
        #expect(status("GET / HTTP/1.9") == nil, "a higher minor version is read as 1.1")
        #expect(status("GET / HTTP/1.10") == 400)
        #expect(status("TRACE / HTTP/1.1") == 501)
        #expect(status("CONNECT a:80 HTTP/1.1") == 501)
        #expect(status("G(T / HTTP/1.1") == 400)
        #expect(status("GET /\u{E9} HTTP/1.1") == 400)
        #expect(status("GET /a#b HTTP/1.1") == 400)
        #expect(status("GET nothing HTTP/1.1") == 400)
    }

    @Test func aPathIsDecodedOnceAndStaysBelowTheRoot() {
        for path in [
            "/../etc", "/..%2fetc", "/%2e%2e/etc", "/a/%2E%2E%2Fb", "/.", "/a/./b", "/a%5c..%5cb", "/a%00b",
            "/a%0Ab", "/%", "/%2", "/%zz", "/%ff", "/a%7F",
        ] {
            #expect(status("GET \(path) HTTP/1.1") == 400, "\(path)")
        }
        #expect(parse("GET /%252e%252e/x HTTP/1.1\r\nhost: a\r\n\r\n").requests[0].path == "/%2e%2e/x")
        #expect(parse("GET /..a/b.. HTTP/1.1\r\nhost: a\r\n\r\n").requests[0].path == "/..a/b..")
        #expect(parse("GET /?a=..%2f&b=%E8 HTTP/1.1\r\nhost: a\r\n\r\n").status == 400)
    }

    @Test func theAbsoluteFormNamesItsHost() {
        #expect(parse("GET http://a/x?y=1 HTTP/1.1\r\nhost: A\r\n\r\n").requests[0].path == "/x")
        let secure = parse("GET HTTPS://b:1?q HTTP/1.1\r\nhost: a\r\n\r\n")
        #expect(secure.requests[0].path == "/" && secure.requests[0].query.map(\.name) == ["q"])
        #expect(secure.heads[0].saysTLS)
        // RFC 9112 §3.2.2: the Host field is ignored then.
        #expect(secure.requests[0].authority == Authority("b:1"))
        #expect(status("GET http:///x HTTP/1.1") == 400)
        #expect(status("GET http://u@a/x HTTP/1.1") == 400)
        #expect(status("GET ftp://a/x HTTP/1.1") == 400)
        #expect(parse("OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n").requests[0].path == "*")
        #expect(status("GET * HTTP/1.1") == 400)
    }

    @Test func everyPartOfAHeadIsBounded() {
        var limits = TransportLimits()
        limits.startLineBytesMaximum = 40
        limits.headBytesMaximum = 200
        limits.fieldCountMaximum = 3
        let long = String(repeating: "a", count: 60)
        #expect(parse("GET /\(long) HTTP/1.1\r\nhost: a\r\n\r\n", limits: limits).status == 414)
        let fields = "host: a\r\na: b\r\nc: d\r\ne: f\r\n"
        #expect(parse("GET / HTTP/1.1\r\n\(fields)\r\n", limits: limits).status == 431)
        #expect(
            parse("GET / HTTP/1.1\r\nhost: a\r\nx: \(long)\(long)\(long)\(long)\r\n\r\n", limits: limits)
                .status == 431)
        #expect(parse(long, limits: limits).status == 414, "before the line has even ended")
    }

    @Test func aClientMayWaitForLeaveToSendItsBody() {
        let outcome = parse(
            "PUT / HTTP/1.1\r\nhost: a\r\nexpect: 100-Continue\r\ncontent-length: 3\r\n\r\nabc")
        #expect(outcome.heads[0].expectsContinue)
        #expect(outcome.requests[0].body == utf8("abc"))
    }

    @Test func randomlyDamagedRequestsNeverTrap() {
        let good = utf8("POST /a?b=%20 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX: y\r\n\r\nhello")
        for seed in UInt64(1)...3_000 {
            var generator = SeededGenerator(seed: seed)
            var bytes = good
            for _ in 0...Int.random(in: 0...4, using: &generator) {
                let position = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[position] = UInt8.random(in: .min ... .max, using: &generator)
            }
            _ = read([bytes], TransportLimits())
        }
    }
}
