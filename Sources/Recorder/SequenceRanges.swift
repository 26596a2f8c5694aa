/// A set of sequence numbers of one track and run, kept as stretches that are sorted and do not touch.
struct SequenceRanges: Hashable, Sendable {
    /// Each interruption of a publisher leaves a stretch; nobody honest comes near. Beyond it the two oldest
    /// become one, as if what lies between them had come.
    static let stretchesCountMaximum = 4_096

    private(set) var stretches: [ClosedRange<UInt32>] = []

    var isEmpty: Bool { stretches.isEmpty }

    /// Whether a number is in the set.
    func contains(_ number: UInt32) -> Bool {
        let place = stretches.partitioningIndex { $0.upperBound >= number }
        return place < stretches.count && stretches[place].lowerBound <= number
    }

    /// Puts a number in; at the end, where nearly all come, this costs nothing.
    mutating func insert(_ number: UInt32) { insert(number...number) }

    /// Puts a stretch in.
    mutating func insert(_ stretch: ClosedRange<UInt32>) {
        let lowest = stretch.lowerBound == 0 ? 0 : stretch.lowerBound - 1
        let first = stretches.partitioningIndex { $0.upperBound >= lowest }
        var last = first
        var joined = stretch
        while last < stretches.count,
            stretches[last].lowerBound == 0 || stretches[last].lowerBound - 1 <= joined.upperBound
        {
            joined =
                min(
                    joined.lowerBound, stretches[last].lowerBound)...max(
                    joined.upperBound, stretches[last].upperBound)
            last += 1
        }
        stretches.replaceSubrange(first..<last, with: [joined])
        guard stretches.count > Self.stretchesCountMaximum else { return }
        stretches.replaceSubrange(0..<2, with: [stretches[0].lowerBound...stretches[1].upperBound])
    }

    /// Takes everything out.
    mutating func takeAll() -> [ClosedRange<UInt32>] {
        defer { stretches = [] }
        return stretches
    }
}
