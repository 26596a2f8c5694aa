import Testing

@testable import WebSocketCore

@Suite struct ResponseParserTests {
    private struct Outcome: Equatable {
        var head: ResponseParser.Head?
        var body: [UInt8]?
        var hasSwitched = false
        var failed = false
    }

    private func read(_ pieces: [[UInt8]], isHead: Bool, _ limits: TransportLimits) -> Outcome {
        var parser = ResponseParser(isHeadRequest: isHead, limits: limits)
        var outcome = Outcome()
        do throws(HTTPViolation) {
            for piece in pieces {
                var position = 0
                try take(parser.step(piece.span, &position), &outcome)
                if outcome.head != nil { return outcome }
            }
            try take(parser.finish(), &outcome)
        } catch {
            outcome.failed = true
        }
        return outcome
    }

    private func take(_ step: ResponseParser.Step, _ outcome: inout Outcome) {
        switch step {
        case .needsMore: return
        case .switched(let head):
            outcome.head = head
            outcome.hasSwitched = true
        case .complete(let head, let body):
            outcome.head = head
            outcome.body = body
        }
    }

    private func parse(_ text: String, isHead: Bool = false, maximum: Int = 1_000) -> Outcome {
        var limits = TransportLimits()
        limits.responseBytesMaximum = maximum
        let fixed = limits
        return sameHoweverCut(utf8(text), seeds: 1...8) { read($0, isHead: isHead, fixed) }
    }

    private func body(_ text: String) -> String? {
        parse(text).body.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func bodiesOfEveryFramingAreRead() {
        #expect(body("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello") == "hello")
        #expect(body("HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n") == "")
        #expect(body("HTTP/1.1 204 No Content\r\n\r\n") == "")
        #expect(body("HTTP/1.0 200 OK\r\n\r\nuntil the end") == "until the end")
        #expect(
            body(
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nt: u\r\n\r\n"
            )
                == "abc0123456789")
    }

    @Test func interimAnswersAreSkipped() {
        #expect(
            body("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 1\r\n\r\nx") == "x")
    }

    @Test func anAnswerToHeadHasNoBody() {
        let outcome = parse("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n", isHead: true)
        #expect(outcome.body == [])
    }

    @Test func aSwitchEndsHTTP() {
        #expect(parse("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n").hasSwitched)
    }

    @Test func malformedAnswersFail() {
        for text in [
            "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/3 200 OK\r\n\r\n", "nonsense\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel",
            "HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: gzip\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 \0K\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nabc\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nFFFFFFFFF\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3FF\r\n"
                + String(repeating: "a", count: 1_023),
        ] {
            #expect(parse(text).failed, "\(text)")
        }
    }
}
