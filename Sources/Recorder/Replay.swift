public import SessionModel

/// Something that a replay comes to.
public enum ReplayItem: Hashable, Sendable {
    /// An event of the class.
    case event(RecordedEvent)
    /// A segment of sound plays from a place in its file on.
    case soundBegins(AudioSegment, fileMilliseconds: Int64)
    /// A segment of sound is over.
    case soundEnds(AudioSegment)
    /// Nothing follows.
    case finished
}

/// Plays a recorded class back: a cursor over its events and its sound, at a speed, from any place.
///
/// Pure: the caller's clock comes in as milliseconds, and `nextDeadline` says when to call again.
public struct Replay: Sendable {
    /// A quarter and four times: what anybody can still follow.
    public static let speedPercentRange = 25...400

    private struct Entry: Sendable {
        let time: SessionTime
        let item: ReplayItem
    }

    private enum Motion {
        case still(at: SessionTime)
        case moving(from: SessionTime, since: Int64)
    }

    private let entries: [Entry]
    private let segments: [AudioSegment]
    private let breaks: [ClosedRange<SessionTime>]
    private var next = 0
    private var hasFinished = false
    private var motion: Motion
    /// 100 is as it was.
    public private(set) var speedPercent: Int
    /// Whether breaks are passed over: what happened in them comes all at once.
    public let skipsBreaks: Bool

    /// A replay that stands still at a place; `resume` sets it going.
    public init(
        events: [RecordedEvent], manifest: Manifest, from position: SessionTime = .zero,
        speedPercent: Int = 100,
        skipsBreaks: Bool = false
    ) {
        segments = manifest.segments.filter { $0.state != .erased }
        var entries = events.map { Entry(time: $0.t, item: .event($0)) }
        for segment in segments {
            entries.append(Entry(time: segment.start, item: .soundBegins(segment, fileMilliseconds: 0)))
            if segment.state == .closed {
                entries.append(Entry(time: segment.end, item: .soundEnds(segment)))
            }
        }
        // Sorting keeps the order of what has the same time: events first, in their order.
        self.entries = entries.sorted { $0.time < $1.time }
        breaks = Self.breaks(events)
        self.skipsBreaks = skipsBreaks
        self.speedPercent = Self.clamped(speedPercent)
        motion = .still(at: position)
        next = self.entries.partitioningIndex { $0.time >= position }
    }

    /// How long the class lasted: the time of the last thing in it.
    public var end: SessionTime { entries.last?.time ?? .zero }

    /// Where the replay stands.
    public func position(at now: Int64) -> SessionTime {
        switch motion {
        case .still(let position): return position
        case .moving(let from, let since):
            let (elapsed, overflow) = now.subtractingReportingOverflow(since)
            guard !overflow, elapsed > 0, elapsed < Self.elapsedMaximum else { return from }
            return min(from.advanced(byMilliseconds: elapsed * Int64(speedPercent) / 100), max(end, from))
        }
    }

    /// Goes on.
    public mutating func resume(at now: Int64) {
        guard case .still(let position) = motion else { return }
        motion = .moving(from: position, since: now)
    }

    /// Stands still.
    public mutating func pause(at now: Int64) { motion = .still(at: position(at: now)) }

    /// Goes on faster or slower; out of bounds is brought within.
    public mutating func setSpeed(percent: Int, at now: Int64) {
        let position = position(at: now)
        speedPercent = Self.clamped(percent)
        if case .moving = motion { motion = .moving(from: position, since: now) }
    }

    /// Goes to a place; returns the sound that plays there. Events before it are not told: the caller folds
    /// them.
    public mutating func seek(to position: SessionTime, at now: Int64) -> [ReplayItem] {
        next = entries.partitioningIndex { $0.time >= position }
        hasFinished = false
        switch motion {
        case .still: motion = .still(at: position)
        case .moving: motion = .moving(from: position, since: now)
        }
        return segments.filter { $0.start < position && position < $0.end }
            .map { .soundBegins($0, fileMilliseconds: $0.fileMilliseconds(at: position)) }
    }

    /// Everything that the replay has come to since the last call.
    public mutating func advance(to now: Int64) -> [ReplayItem] {
        var items: [ReplayItem] = []
        while true {
            let position = position(at: now)
            takeEntries(upTo: position, into: &items)
            guard skipsBreaks, case .moving = motion,
                let pause = breaks.first(where: { $0.contains(position) && position < $0.upperBound })
            else { break }
            motion = .moving(from: pause.upperBound, since: now)
        }
        if next == entries.count, !hasFinished, case .moving = motion {
            hasFinished = true
            motion = .still(at: end)
            items.append(.finished)
        }
        return items
    }

    /// When `advance` has something to tell, by the caller's clock; nil where the replay stands still.
    public var nextDeadline: Int64? {
        guard case .moving(let from, let since) = motion else { return nil }
        guard next < entries.count else { return since }
        let ahead = max(0, from.milliseconds(to: entries[next].time))
        let (scaled, overflow) = ahead.multipliedReportingOverflow(by: 100)
        guard !overflow else { return nil }
        let (whole, rest) = scaled.quotientAndRemainder(dividingBy: Int64(speedPercent))
        return since.addingReportingOverflow(rest == 0 ? whole : whole + 1).partialValue
    }

    private mutating func takeEntries(upTo position: SessionTime, into items: inout [ReplayItem]) {
        while next < entries.count, entries[next].time <= position {
            items.append(entries[next].item)
            next += 1
        }
    }

    /// Longer than any class: keeps the reckoning within bounds.
    private static let elapsedMaximum: Int64 = 1 << 48

    private static func clamped(_ percent: Int) -> Int {
        min(max(percent, speedPercentRange.lowerBound), speedPercentRange.upperBound)
    }

    private static func breaks(_ events: [RecordedEvent]) -> [ClosedRange<SessionTime>] {
        var breaks: [ClosedRange<SessionTime>] = []
        var start: SessionTime?
        for recorded in events {
            if case .breakStarted = recorded.event { start = recorded.t }
            if case .breakEnded = recorded.event, let from = start, from <= recorded.t {
                breaks.append(from...recorded.t)
                start = nil
            }
        }
        return breaks
    }
}
