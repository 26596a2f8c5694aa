import Testing

@testable import LiveRelay
@testable import LiveRelayClient

/// When people come back, and how long they wait for an answer.
@Suite struct ClientScheduleTests {
    private var chance = Chance(seed: 7)

    /// The longest and the shortest of many pauses.
    private mutating func pauses(
        awayMilliseconds: UInt64?, spread: Int?
    ) -> (shortest: UInt64, longest: UInt64) {
        let all = (0..<2_000).map { _ in
            var schedule = ReconnectSchedule()
            schedule.reset()
            schedule.spread(spread)
            guard let awayMilliseconds else { return schedule.nextTry(at: 0, isDoorClosed: false, &chance) }
            _ = schedule.nextTry(at: 0, isDoorClosed: false, &chance)
            return schedule.nextTry(at: awayMilliseconds, isDoorClosed: false, &chance) - awayMilliseconds
        }
        return (all.min() ?? 0, all.max() ?? 0)
    }

    @Test(arguments: [nil, -1, 0, 400, 1_000])
    mutating func aSecondIsEnoughForFew(spread: Int?) {
        #expect(pauses(awayMilliseconds: nil, spread: spread).longest <= 1_000)
        let eager = pauses(awayMilliseconds: 2_000, spread: spread)
        #expect(eager.shortest >= 500 && eager.longest <= 1_500)
    }

    @Test mutating func manySpreadOverWhatTheRelaySaid() {
        for away: UInt64? in [nil, 500, 9_000, 12_000] {
            let (shortest, longest) = pauses(awayMilliseconds: away, spread: 8_000)
            #expect(shortest < 1_000 && longest > 7_000 && longest <= 8_000)
        }
        #expect(pauses(awayMilliseconds: 40_000, spread: 8_000).longest > 15_000)
        #expect(pauses(awayMilliseconds: nil, spread: .max).longest <= 30_000)
    }

    @Test mutating func aTryIsGivenLongerTheLongerNobodyAnswers() {
        var schedule = ReconnectSchedule()
        #expect(schedule.tryMilliseconds(at: 0) == 10_000, "nobody was in class yet")
        schedule.reset()
        _ = schedule.nextTry(at: 1_000, isDoorClosed: false, &chance)
        #expect(schedule.tryMilliseconds(at: 1_000) == 3_500)
        #expect(schedule.tryMilliseconds(at: 13_000) == 6_000)
        #expect(schedule.tryMilliseconds(at: .max) == 15_000)
    }

    @Test func theRelaySaysItBeforehandWhereASecondIsTooShort() {
        #expect(ComeBack.spreadToldBeforehand(0) == nil)
        #expect(ComeBack.spreadToldBeforehand(500) == nil)
        #expect(ComeBack.spreadToldBeforehand(501) == 2_000)
        #expect(ComeBack.spreadToldBeforehand(1_000) == 2_000)
        #expect(ComeBack.spreadToldBeforehand(1_000_000) == 30_000)
    }
}
