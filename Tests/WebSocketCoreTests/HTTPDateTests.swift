import Glibc
import Testing

@testable import WebSocketCore

@Suite struct HTTPDateTests {
    @Test func allThreeFormsAreRead() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        ] {
            #expect(HTTPDate.parse(text, now: 1_795_000_000) == 784_111_777, "\(text)")
        }
        #expect(HTTPDate.format(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }

    /// RFC 9110 §5.6.7: not more than fifty years ahead.
    @Test func aYearOfTwoDigitsHasItsCentury() {
        let in2026 = 1_795_000_000
        #expect(HTTPDate.parse("Friday, 01-Jan-76 00:00:00 GMT", now: in2026) == 3_345_062_400)
        #expect(HTTPDate.parse("Friday, 01-Jan-77 00:00:00 GMT", now: in2026) == 220_924_800)
    }

    @Test func whatIsNoTimeIsRefused() {
        for text in [
            "", "now", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT", "Xxx, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov +994 08:49:37 GMT",
            "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov 99999999999 08:49:37 GMT",
        ] {
            #expect(HTTPDate.parse(text, now: 0) == nil, "\(text)")
        }
    }

    /// The system's own calendar is the judge.
    @Test func everyDayIsTheSystemsDay() {
        var moment: Int = -86_400
        while moment < 8_000_000_000 {
            var seconds = time_t(moment)
            var parts = tm()
            gmtime_r(&seconds, &parts)
            var buffer = [CChar](repeating: 0, count: 64)
            strftime(&buffer, buffer.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            let text = buffer.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
            #expect(HTTPDate.format(moment) == text)
            #expect(HTTPDate.parse(text, now: 0) == moment)
            moment += 86_400 * 17 + 4_321
        }
    }
}
