import LiveRelayWire
import SessionModel
import Testing

@testable import LiveRelay
@testable import WebSocketCore

/// Nothing leaves before the commit it depends on is durable, and nothing overtakes.
@Suite struct OutboxTests {
    private func note(_ number: Int) -> Delivery { .conclude(number) }

    private func numbers(_ deliveries: [Delivery]) -> [Int] {
        deliveries.compactMap { if case .conclude(let number) = $0 { number } else { nil } }
    }

    @Test func whatDependsOnALaterCommitStays() {
        var outbox = Outbox()
        for (number, commit) in [(1, 1), (2, 1), (3, 2), (4, 4)] { outbox.add(note(number), after: commit) }
        #expect(numbers(outbox.release(upTo: 0)) == [])
        #expect(numbers(outbox.release(upTo: 1)) == [1, 2])
        #expect(numbers(outbox.release(upTo: 3)) == [3])
        #expect(!outbox.isEmpty)
        #expect(numbers(outbox.release(upTo: 9)) == [4])
        #expect(outbox.isEmpty)
    }

    @Test func whatIsDiscardedDoesNotLeave() {
        var outbox = Outbox()
        outbox.add(note(1), after: 1)
        outbox.add(note(2), after: 2)
        #expect(numbers(outbox.release(upTo: 1)) == [1])
        #expect(numbers(outbox.discard()) == [2])
        #expect(outbox.isEmpty)
        #expect(numbers(outbox.release(upTo: 9)) == [])
    }

    @Test func whatWasSentLatelyIsFoundBySomebodyWhoComesBack() {
        let wang = SeatID(unchecked: "s2")
        var recent = RecentEvents(beginsAfter: 10)
        func frames(after n: UInt64, upTo last: UInt64, role: Role = .participant) -> Int? {
            recent.frames(after: n, upTo: last, seat: wang, role: role)?.count
        }
        for n in UInt64(11)...20 {
            let audience: Audience = n % 2 == 0 ? .staff : n % 5 == 0 ? .seat(wang) : .everyone
            recent.add(RecentEvents.Entry(n: n, audience: audience, frame: .text([])))
        }
        #expect(frames(after: 10, upTo: 20) == 5)
        #expect(frames(after: 10, upTo: 20, role: .lecturer) == 10)
        #expect(frames(after: 20, upTo: 20) == 0)
        #expect(frames(after: 9, upTo: 20) == nil, "too long ago")
        #expect(frames(after: 21, upTo: 20) == nil, "never happened")
        recent.forget(after: 15)
        #expect(frames(after: 10, upTo: 15) == 3)
        for n in UInt64(16)...1_020 {
            recent.add(RecentEvents.Entry(n: n, audience: .everyone, frame: .text([])))
        }
        #expect(frames(after: 520, upTo: 1_020) == 500)
        #expect(frames(after: 519, upTo: 1_020) == nil, "too many")
    }
}
