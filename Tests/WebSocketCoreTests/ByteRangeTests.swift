import Testing

@testable import WebSocketCore

@Suite struct ByteRangeTests {
    private func range(_ text: String?, ifRange: String? = nil, length: UInt64 = 1_000) -> ByteRange {
        ByteRange(range: text, ifRange: ifRange, etag: "\"tag\"", length: length)
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
        #expect(range("bytes=0-0", ifRange: "Sun, 06 Nov 1994 08:49:37 GMT") == .whole)
    }
}
