import SessionModel
import TestSupport
import Testing

@testable import Recorder

@Suite("The order of packets")
struct PacketOrderTests {
    private func packet(_ sequence: UInt32, at milliseconds: Int64 = 0, late: Bool = false) -> SequencedPacket
    {
        SequencedPacket(
            sequence: sequence, captureSamples: 0, samples: 960,
            arrival: SessionTime(milliseconds: milliseconds),
            isForTheRecord: late, bytes: [])
    }

    @Test func waitsForWhatIsMissing() {
        var order = PacketOrder()
        #expect(order.take(packet(10)).map(\.sequence) == [10])
        #expect(order.take(packet(13, at: 100)).map(\.sequence) == [])
        #expect(order.deadline?.milliseconds == 5_100)
        #expect(order.take(packet(14, at: 120)).map(\.sequence) == [])
        #expect(order.deadline?.milliseconds == 5_100)
        #expect(order.take(packet(11, at: 900, late: true)).map(\.sequence) == [11])
        #expect(order.deadline?.milliseconds == 5_900)
        #expect(order.take(packet(12, at: 910, late: true)).map(\.sequence) == [12, 13, 14])
        #expect(order.deadline == nil && order.next == 15)
    }

    @Test func ignoresWhatCameBefore() {
        var order = PacketOrder()
        _ = order.take(packet(10))
        #expect(order.take(packet(10)) == [])
        #expect(order.take(packet(9)) == [])
        _ = order.take(packet(12))
        #expect(order.take(packet(12)) == [])
        #expect(order.giveUpWaiting().map(\.sequence) == [12])
        #expect(order.next == 13 && order.deadline == nil)
    }

    @Test func wrapsAround() {
        var order = PacketOrder()
        #expect(order.take(packet(.max - 1)).count == 1)
        #expect(order.take(packet(0)).count == 0)
        #expect(order.take(packet(.max)).map(\.sequence) == [.max, 0])
        #expect(order.next == 1)
    }

    @Test func holdsNoMoreThanItsBound() {
        var order = PacketOrder()
        _ = order.take(packet(0))
        for sequence in 2...UInt32(AudioRecorderLimits.heldPacketsCountMaximum + 1) {
            #expect(order.take(packet(sequence)) == [])
        }
        let ready = order.take(packet(5_000))
        #expect(ready.count == AudioRecorderLimits.heldPacketsCountMaximum + 1)
        #expect(order.next == 5_001)
    }

    /// Any order of arrival of 40 packets with seeded losses gives each packet at most once and in order.
    @Test func neverGivesAPacketTwiceOrOutOfOrder() {
        for seed in 0..<200 as Range<UInt64> {
            var lots = SeededGenerator(seed: seed)
            var order = PacketOrder()
            var numbers = (0..<40).map { UInt32(truncatingIfNeeded: $0 - 20) }.filter { _ in
                Int.random(in: 0..<5, using: &lots) > 0
            }
            numbers += numbers.filter { _ in Int.random(in: 0..<4, using: &lots) == 0 }
            numbers.shuffle(using: &lots)
            var got = numbers.flatMap { order.take(packet($0)) } + order.giveUpWaiting()
            let places = got.map { Int32(bitPattern: $0.sequence) }
            #expect(places == places.sorted() && Set(places).count == places.count, "seed \(seed)")
            got = []
        }
    }
}
