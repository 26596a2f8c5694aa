import Testing

@testable import WebSocketCore

@Suite struct OutboundQueueTests {
    private func frame(_ count: Int, _ byte: UInt8) -> SharedFrame {
        SharedFrame(raw: Array(repeating: byte, count: count))
    }

    private func next(_ queue: inout OutboundQueue, now: UInt64) throws -> OutboundQueue.Batch {
        let batch = queue.nextBatch(now: now)
        return try #require(batch)
    }

    /// Everything the queue offers to a socket that takes all.
    private func drain(_ queue: inout OutboundQueue, now: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        while let batch = queue.nextBatch(now: now) {
            bytes += batch.frame.bytes[batch.offset...]
            queue.took(batch, batch.count)
        }
        return bytes
    }

    @Test func smallFramesLeaveInOneBatchInOrder() throws {
        var queue = OutboundQueue(mediaBytesMaximum: 1_000_000)
        for byte in UInt8(1)...5 { queue.add(frame(100, byte), .control, now: 0) }
        let batch = try next(&queue, now: 0)
        #expect(batch.count == 500)
        queue.took(batch, 500)
        #expect(queue.isEmpty)
        #expect(queue.bytes == 0)
    }

    @Test func aBatchHoldsAtMostOneRecordUnlessAFrameIsLarger() throws {
        var queue = OutboundQueue(mediaBytesMaximum: 1_000_000)
        queue.add(frame(10_000, 1), .control, now: 0)
        queue.add(frame(10_000, 2), .control, now: 0)
        queue.add(frame(50_000, 3), .control, now: 0)
        var sizes: [Int] = []
        while let batch = queue.nextBatch(now: 0) {
            sizes.append(batch.count)
            queue.took(batch, batch.count)
        }
        #expect(sizes == [10_000, 10_000, 50_000])
    }

    @Test func staleMediaIsDroppedAndControlIsNot() {
        var queue = OutboundQueue(mediaBytesMaximum: 1_000_000)
        queue.add(frame(10, 1), .media(ageLimitMilliseconds: 100), now: 0)
        queue.add(frame(10, 2), .control, now: 0)
        queue.add(frame(10, 3), .media(ageLimitMilliseconds: 100), now: 90)
        #expect(drain(&queue, now: 150) == Array(repeating: 2, count: 10) + Array(repeating: 3, count: 10))
        #expect(queue.droppedMediaCount == 1)
        #expect(queue.isEmpty)
    }

    @Test func whatWentToTheSocketIsCountedByKind() throws {
        var queue = OutboundQueue(mediaBytesMaximum: 1_000_000)
        queue.passed(frame(7, 0), .media(ageLimitMilliseconds: 100))
        queue.add(frame(10, 1), .media(ageLimitMilliseconds: 100), now: 0)
        queue.add(frame(20, 2), .control, now: 0)
        queue.add(frame(30, 3), .media(ageLimitMilliseconds: 100), now: 90)
        queue.addPong(frame(4, 4))
        let batch = try next(&queue, now: 150)
        #expect(queue.takeSent() == SentBytes(media: 7), "what waits was not sent")
        queue.took(batch, 1)
        let all = SentBytes(media: 30, control: 24)
        #expect(queue.takeSent() == all, "what was begun counts whole, what was dropped not at all")
        _ = drain(&queue, now: 150)
        queue.add(frame(5, 5), .control, now: 150)
        queue.close()
        #expect(queue.takeSent() == SentBytes(), "and once")
        #expect(queue.isEmpty && queue.droppedMediaCount == 1)
    }

    @Test func mediaBeyondItsBytesIsDroppedOldestFirst() {
        var queue = OutboundQueue(mediaBytesMaximum: 250)
        for byte in UInt8(1)...5 { queue.add(frame(100, byte), .media(ageLimitMilliseconds: 9_000), now: 0) }
        #expect(queue.mediaBytes == 200)
        #expect(drain(&queue, now: 1) == Array(repeating: 4, count: 100) + Array(repeating: 5, count: 100))
    }

    @Test func whatWasOfferedStaysWhateverItsAge() throws {
        var queue = OutboundQueue(mediaBytesMaximum: 1_000)
        queue.add(frame(100, 1), .media(ageLimitMilliseconds: 10), now: 0)
        let first = try next(&queue, now: 0)
        queue.took(first, 30)
        let rest = try next(&queue, now: 60_000)
        #expect(rest.count == 70)
        queue.refused(rest)
        queue.add(frame(5, 2), .control, now: 60_000)
        #expect(drain(&queue, now: 60_000) == Array(repeating: 1, count: 70) + Array(repeating: 2, count: 5))

        queue.add(frame(100, 3), .media(ageLimitMilliseconds: 10), now: 0)
        let refused = try next(&queue, now: 0)
        queue.refused(refused)
        let again = try next(&queue, now: 60_000)
        #expect(again.frame === refused.frame, "TLS insists on the same bytes")
    }

    @Test func aPlainSocketThatTookNothingMayLoseStaleMedia() throws {
        var queue = OutboundQueue(mediaBytesMaximum: 1_000)
        queue.add(frame(100, 1), .media(ageLimitMilliseconds: 10), now: 0)
        _ = try next(&queue, now: 0)
        let later = queue.nextBatch(now: 11)
        #expect(later == nil)
        #expect(queue.isEmpty)
    }

    @Test func onlyTheLatestPongWaits() {
        var queue = OutboundQueue(mediaBytesMaximum: 1_000)
        queue.add(frame(3, 9), .control, now: 0)
        for byte in UInt8(1)...200 { queue.addPong(frame(2 + Int(byte) % 3, byte)) }
        #expect(queue.bytes == 3 + 4)
        #expect(drain(&queue, now: 0) == [9, 9, 9, 200, 200, 200, 200])
        queue.addPong(frame(1, 7))
        #expect(drain(&queue, now: 0) == [7])
    }

    @Test func anyScheduleOfPartialWritesGivesTheSameBytes() {
        for seed in UInt64(1)...200 {
            var generator = SeededGenerator(seed: seed)
            var queue = OutboundQueue(mediaBytesMaximum: .max)
            var expected: [UInt8] = []
            var sent: [UInt8] = []
            for step in 0..<60 {
                let count = Int.random(in: 1...9_000, using: &generator)
                let next = frame(count, UInt8(step))
                expected += next.bytes
                let kinds: [DropClass] = [.media(ageLimitMilliseconds: 1_000), .control, .reply]
                queue.add(next, kinds.randomElement(using: &generator) ?? .control, now: 0)
                #expect(0...queue.controlBytes ~= queue.replyBytes, "seed \(seed)")
                guard Bool.random(using: &generator), let batch = queue.nextBatch(now: 0) else { continue }
                if Int.random(in: 0...3, using: &generator) == 0 {
                    queue.refused(batch)
                } else {
                    let taken = Int.random(in: 1...batch.count, using: &generator)
                    sent += batch.frame.bytes[batch.offset..<batch.offset + taken]
                    queue.took(batch, taken)
                }
            }
            sent += drain(&queue, now: 0)
            #expect(sent == expected, "seed \(seed)")
            #expect(queue.bytes == 0 && queue.replyBytes == 0, "seed \(seed)")
        }
    }

    @Test func aReplyIsOneUntilItsLastByte() throws {
        var queue = OutboundQueue(mediaBytesMaximum: 1_000)
        queue.add(frame(50_000, 1), .control, now: 0)
        queue.add(frame(50_000, 2), .reply, now: 0)
        queue.addPong(frame(10, 3))
        #expect(queue.replyBytes == 50_010 && queue.controlBytes == 100_010)
        queue.took(try next(&queue, now: 0), 50_000)
        #expect(queue.replyBytes == 50_010)
        queue.took(try next(&queue, now: 0), 20_000)
        #expect(queue.replyBytes == 30_010)
        queue.took(try next(&queue, now: 0), 30_000)
        #expect(queue.replyBytes == 10)
        queue.refused(try next(&queue, now: 0))
        #expect(queue.replyBytes == 10)
        #expect(drain(&queue, now: 0).count == 10)
        #expect(queue.replyBytes == 0)
    }

    @Test func forgettingKeepsWhatTheSocketHasBegunToTake() throws {
        var queue = OutboundQueue(mediaBytesMaximum: 1_000)
        queue.add(frame(100, 1), .control, now: 0)
        let batch = try next(&queue, now: 0)
        queue.took(batch, 40)
        queue.add(frame(100, 2), .control, now: 0)
        queue.forgetUnoffered()
        #expect(drain(&queue, now: 0) == Array(repeating: 1, count: 60))
        #expect(queue.bytes == 0)
    }
}
