import Testing

@testable import WebSocketCore

@Suite struct ReaderPaceTests {
    private let limits = TransportLimits()

    /// Takes so many bytes at these distances until it is too slow; when that is, within a day.
    private func end(taking bytes: UInt64, everyMilliseconds distance: UInt64, after first: UInt64 = 0)
        -> UInt64?
    {
        var pace = ReaderPace(limits, takenBytes: 5, now: 1_000)
        var (now, taken) = (UInt64(1_000), 5 + first)
        pace.progressed(takenBytes: taken, now: now)
        while now < 86_400_000 {
            if now + distance >= pace.deadline { return pace.deadline - 1_000 }
            now += distance
            taken += bytes
            pace.progressed(takenBytes: taken, now: now)
        }
        return nil
    }

    @Test func whoTakesNothingHasTheWholePause() {
        #expect(end(taking: 0, everyMilliseconds: 1_000) == limits.writeMilliseconds)
    }

    @Test func whoTricklesHasHardlyMore() throws {
        let byByte = try #require(end(taking: 1, everyMilliseconds: 1_000))
        #expect(30_000...30_030 ~= byByte)
        let atNineTenths = try #require(end(taking: 922, everyMilliseconds: 1_000))
        #expect(290_000...310_000 ~= atNineTenths)
    }

    @Test func whoTookMuchAtFirstHasNothingInHand() throws {
        let late = try #require(end(taking: 1, everyMilliseconds: 29_000, after: 1_000_000_000))
        #expect(30_000...30_001 ~= late)
    }

    @Test func theSlowestRateThatIsServedIsServedForEver() {
        #expect(end(taking: 1_024, everyMilliseconds: 1_000) == nil)
        // As a socket takes it: a record of TLS at a time.
        #expect(end(taking: 16_384, everyMilliseconds: 16_000) == nil)
        #expect(end(taking: 1_000_000, everyMilliseconds: 29_000) == nil)
    }
}
