import Testing

@testable import WebSocketCore

@Suite struct ByteRangeTests {
    private func range(
        _ text: String?, ifRange: String? = nil, method: String = "GET", length: UInt64 = 1_000
    ) -> ByteRange {
        var fields = text.map { "range: \($0)\r\n" } ?? ""
        if let ifRange { fields += "if-range: \(ifRange)\r\n" }
        return ByteRange(
            parsed("\(method) / HTTP/1.1\r\nhost: a\r\n\(fields)\r\n"), etag: EntityTag(strong: "tag"),
            modifiedSeconds: 784_111_777, length: length)
    }

    @Test func singleRangesAreHonoured() {
        #expect(range(nil) == .whole)
        #expect(range("bytes=0-99") == .partial(0..<100))
        #expect(range("bytes=999-") == .partial(999..<1_000))
        #expect(range("Bytes=500-2000") == .partial(500..<1_000))
        #expect(range("bytes=-100") == .partial(900..<1_000))
        #expect(range("bytes=-5000") == .partial(0..<1_000))
        #expect(range("bytes=0-18446744073709551615") == .partial(0..<1_000))
    }

    @Test func whatLiesOutsideIsUnsatisfiable() {
        #expect(range("bytes=1000-") == .unsatisfiable)
        #expect(range("bytes=1000-1001") == .unsatisfiable)
        #expect(range("bytes=-0") == .unsatisfiable)
        #expect(range("bytes=0-", length: 0) == .unsatisfiable)
        #expect(range("bytes=-1", length: 0) == .unsatisfiable)
    }

    @Test func whatIsNotUnderstoodIsIgnored() {
        for text in [
            "bytes=1-2,4-5", "bytes=5-1", "bytes=-", "bytes=a-b", "items=0-1", "bytes=", "bytes=1",
            "bytes=+1-2",
            "bytes=99999999999999999999999-", "bytes=--1",
        ] {
            #expect(range(text) == .whole, "\(text)")
        }
    }

    @Test func ifRangeWantsTheSameStrongTag() {
        #expect(range("bytes=0-0", ifRange: "\"tag\"") == .partial(0..<1))
        #expect(range("bytes=0-0", ifRange: "\"other\"") == .whole)
        #expect(range("bytes=0-0", ifRange: "W/\"tag\"") == .whole)
        #expect(range("bytes=0-0", ifRange: "\"a\", \"tag\"") == .whole)
    }

    @Test func ifRangeTakesTheExactTimeToo() {
        #expect(range("bytes=0-0", ifRange: "Sun, 06 Nov 1994 08:49:37 GMT") == .partial(0..<1))
        #expect(range("bytes=0-0", ifRange: "Sun, 06 Nov 1994 08:49:38 GMT") == .whole)
        #expect(range("bytes=0-0", ifRange: "yesterday") == .whole)
    }

    @Test func onlyGetKnowsRangesAndOnlyOne() {
        #expect(range("bytes=0-0", method: "HEAD") == .whole)
        #expect(range("bytes=0-0\r\nrange: bytes=1-1") == .whole)
    }
}
