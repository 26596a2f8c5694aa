import Testing

@testable import WebSocketCore

@Suite struct PreconditionsTests {
    private static let modified = 784_111_777
    private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    private static let earlier = "Sun, 06 Nov 1994 08:49:36 GMT"
    private static let later = "Sun, 06 Nov 1994 08:49:38 GMT"

    private func judge(_ fields: [(String, String)], method: String = "GET", etag: String = "\"a\"")
        -> Preconditions
    {
        let text = fields.map { "\($0): \($1)\r\n" }.joined()
        return Preconditions(
            parsed("\(method) / HTTP/1.1\r\nhost: a\r\n\(text)\r\n"), etag: EntityTag(etag),
            modifiedSeconds: Self.modified, now: 0)
    }

    @Test func tagsAreComparedAsTheirFieldSays() {
        #expect(judge([]) == .hold)
        #expect(judge([("if-none-match", "\"a\"")]) == .notModified)
        #expect(judge([("if-none-match", "\"a\"")], method: "HEAD") == .notModified)
        #expect(judge([("if-none-match", "\"a\"")], method: "PUT") == .failed)
        #expect(judge([("if-none-match", "W/\"a\"")]) == .notModified, "compared weakly")
        #expect(judge([("if-none-match", "\"b\", , \"x,y\" ,\"a\"")]) == .notModified)
        #expect(judge([("if-none-match", "\"b\""), ("if-none-match", "\"a\"")]) == .notModified)
        #expect(judge([("if-none-match", "*")]) == .notModified)
        #expect(judge([("if-none-match", "\"b\"")]) == .hold)
        #expect(judge([("if-none-match", "a")]) == .hold, "a tag has quotes")
        #expect(judge([("if-none-match", "\"a\" \"a\"")]) == .hold, "a list has commas")
        #expect(judge([("if-match", "\"a\"")]) == .hold)
        #expect(judge([("if-match", "*")]) == .hold)
        #expect(judge([("if-match", "\"b\"")]) == .failed)
        #expect(judge([("if-match", "W/\"a\"")]) == .failed, "compared strongly")
        #expect(judge([("if-match", "\"a\"")], etag: "W/\"a\"") == .failed)
    }

    @Test func timesAreCompared() {
        #expect(judge([("if-modified-since", Self.date)]) == .notModified)
        #expect(judge([("if-modified-since", Self.later)]) == .notModified)
        #expect(judge([("if-modified-since", Self.earlier)]) == .hold)
        #expect(judge([("if-modified-since", Self.date)], method: "POST") == .hold)
        #expect(judge([("if-modified-since", "soon")]) == .hold)
        #expect(judge([("if-unmodified-since", Self.date)]) == .hold)
        #expect(judge([("if-unmodified-since", Self.earlier)]) == .failed)
        #expect(judge([("if-unmodified-since", "soon")]) == .hold)
    }

    /// RFC 9110 §13.2.2.
    @Test func tagsGoBeforeTimes() {
        #expect(judge([("if-match", "\"a\""), ("if-unmodified-since", Self.earlier)]) == .hold)
        #expect(judge([("if-none-match", "\"b\""), ("if-modified-since", Self.date)]) == .hold)
        #expect(judge([("if-match", "\"b\""), ("if-none-match", "\"a\"")]) == .failed)
        #expect(judge([("if-match", "\"a\""), ("if-none-match", "\"a\"")]) == .notModified)
        #expect(judge([("if-unmodified-since", Self.earlier), ("if-none-match", "\"a\"")]) == .failed)
    }

    @Test func whatIsNotKnownIsNotCompared() {
        let request = parsed([("if-match", "\"a\"")])
        #expect(Preconditions(request, etag: nil, modifiedSeconds: nil, now: 0) == .failed)
        let dated = parsed([("if-unmodified-since", Self.earlier), ("if-modified-since", Self.later)])
        #expect(Preconditions(dated, etag: nil, modifiedSeconds: nil, now: 0) == .hold)
    }

    @Test func aThingThatIsKnownIsAnsweredWithoutItsBody() {
        let whole = HTTPResponse(
            status: 200, headers: ["etag": "\"a\"", "content-type": "x/y", "vary": "accept-encoding"],
            body: .bytes([1]))
        let known = whole.conditioned(by: parsed([("if-none-match", "\"a\"")]))
        #expect(known.status == 304)
        #expect(known.headers.fields.map(\.name) == ["etag", "vary"])
        #expect(whole.conditioned(by: parsed([("if-match", "\"b\"")])).status == 412)
        #expect(whole.conditioned(by: parsed([])).status == 200)
        let failed = HTTPResponse(status: 404, headers: ["etag": "\"a\""])
        #expect(failed.conditioned(by: parsed([("if-none-match", "\"a\"")])).status == 404)
    }
}
