import SessionModel
import TestSupport
import Testing

@testable import Recorder

@Suite("Stretches of sequence numbers")
struct SequenceRangesTests {
    @Test func neighboursBecomeOne() {
        var ranges = SequenceRanges()
        for number in [5, 6, 9, 8, 7, 0, 1, .max, .max - 1] as [UInt32] { ranges.insert(number) }
        #expect(ranges.stretches == [0...1, 5...9, (.max - 1)...(.max)])
        #expect(ranges.contains(0) && ranges.contains(7) && ranges.contains(.max) && !ranges.contains(2))
        ranges.insert(2...4)
        #expect(ranges.stretches == [0...9, (.max - 1)...(.max)])
        #expect(ranges.takeAll().count == 2 && ranges.isEmpty)
    }

    /// Against a plain set.
    @Test func holdsWhatASetHolds() {
        for seed in 0..<100 as Range<UInt64> {
            var lots = SeededGenerator(seed: seed)
            var ranges = SequenceRanges()
            var plain: Set<UInt32> = []
            for _ in 0..<60 {
                let from = UInt32.random(in: 0..<120, using: &lots)
                let stretch = from...(from + UInt32.random(in: 0..<6, using: &lots))
                ranges.insert(stretch)
                plain.formUnion(stretch)
            }
            #expect((0..<140).allSatisfy { ranges.contains($0) == plain.contains($0) }, "seed \(seed)")
            let bounds = zip(ranges.stretches, ranges.stretches.dropFirst())
            #expect(bounds.allSatisfy { $0.upperBound + 1 < $1.lowerBound }, "seed \(seed)")
        }
    }

    @Test func isBounded() {
        var ranges = SequenceRanges()
        for number in 0..<UInt32(SequenceRanges.stretchesCountMaximum + 10) { ranges.insert(number * 2) }
        #expect(ranges.stretches.count == SequenceRanges.stretchesCountMaximum)
        #expect(ranges.stretches[0] == 0...20)
    }
}
