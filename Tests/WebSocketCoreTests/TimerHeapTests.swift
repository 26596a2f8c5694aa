import Testing

@testable import WebSocketCore

@Suite struct TimerHeapTests {
    @Test func callsComeInOrderOfTimeAndThenOfAge() {
        var heap = TimerHeap()
        var order: [Int] = []
        for (number, deadline) in [50, 10, 30, 10, 40].enumerated() {
            _ = heap.add(deadline: UInt64(deadline)) { order.append(number) }
        }
        while let call = heap.popDue(40) { call() }
        #expect(order == [1, 3, 2, 4])
        let left = heap.nextDeadline()
        #expect(left == 50)
    }

    @Test func cancelledCallsNeverComeWhateverTheirNumber() {
        for seed in UInt64(1)...20 {
            var generator = SeededGenerator(seed: seed)
            var heap = TimerHeap()
            var expected: [Int] = []
            var ran: [Int] = []
            var timers: [(TimerID, Int)] = []
            for number in 0..<2_000 {
                let deadline = Int.random(in: 0...1_000, using: &generator)
                timers.append((heap.add(deadline: UInt64(deadline)) { ran.append(number) }, number))
            }
            for (timer, number) in timers {
                if Int.random(in: 0...9, using: &generator) > 0 {
                    heap.cancel(timer)
                } else {
                    expected.append(number)
                }
            }
            while let call = heap.popDue(1_000) { call() }
            #expect(ran.sorted() == expected, "seed \(seed)")
            let left = heap.nextDeadline()
            #expect(left == nil)
        }
    }
}
