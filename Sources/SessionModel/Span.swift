/// A stretch of session time; `from` belongs to it, `to` does not.
public struct Span: Hashable, Sendable, Codable {
    /// The first moment.
    public let from: SessionTime
    /// The moment after the last.
    public let to: SessionTime

    /// The stretch between two moments; empty where the second is not later.
    public init(from: SessionTime, to: SessionTime) {
        self.from = from
        self.to = to
    }

    /// Whether no moment belongs to it.
    public var isEmpty: Bool { to <= from }

    /// How long it is.
    public var milliseconds: Int64 { isEmpty ? 0 : from.milliseconds(to: to) }
}

/// A set of moments, kept as stretches that are sorted and neither overlap nor touch, so that no moment
/// counts twice.
struct SpanSet: Hashable, Sendable {
    private(set) var spans: [Span] = []

    /// The union of stretches in any order.
    init(_ unsorted: [Span]) {
        for span in unsorted.filter({ !$0.isEmpty }).sorted(by: { $0.from < $1.from }) {
            guard let last = spans.last, span.from <= last.to else {
                spans.append(span)
                continue
            }
            spans[spans.count - 1] = Span(from: last.from, to: max(last.to, span.to))
        }
    }

    /// How many moments belong to the set.
    var milliseconds: Int64 { spans.reduce(0) { $0 &+ $1.milliseconds } }

    /// What belongs to both.
    func intersection(_ other: SpanSet) -> SpanSet {
        var common: [Span] = []
        var mine = spans[...]
        var theirs = other.spans[...]
        while let left = mine.first, let right = theirs.first {
            common.append(Span(from: max(left.from, right.from), to: min(left.to, right.to)))
            if left.to < right.to { mine.removeFirst() } else { theirs.removeFirst() }
        }
        return SpanSet(common)
    }

    /// What belongs to either.
    func union(_ other: SpanSet) -> SpanSet { SpanSet(spans + other.spans) }

    /// What belongs to this set and not to the other.
    func subtracting(_ other: SpanSet) -> SpanSet {
        var rest: [Span] = []
        var holes = other.spans[...]
        for span in spans {
            var from = span.from
            while let hole = holes.first, hole.from < span.to {
                rest.append(Span(from: from, to: min(hole.from, span.to)))
                from = max(from, hole.to)
                if hole.to > span.to { break }
                holes.removeFirst()
            }
            rest.append(Span(from: from, to: span.to))
        }
        return SpanSet(rest)
    }
}
