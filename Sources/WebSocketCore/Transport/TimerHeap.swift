/// Calls waiting for their time, nearest first. Cancelled entries are skipped when they surface, and swept
/// when they outnumber the living.
struct TimerHeap {
    private struct Entry {
        let deadline: UInt64
        let number: UInt64
    }

    /// Dead entries tolerated beyond the living ones before a sweep.
    private static let deadCountMaximum = 256

    private var entries: [Entry] = []
    private var calls: [UInt64: () -> Void] = [:]
    private var lastNumber: UInt64 = 0

    /// The nearest deadline that still has a call.
    mutating func nextDeadline() -> UInt64? {
        while let first = entries.first {
            if calls[first.number] != nil { return first.deadline }
            removeFirst()
        }
        return nil
    }

    /// Adds a call.
    mutating func add(deadline: UInt64, _ call: @escaping () -> Void) -> TimerID {
        lastNumber += 1
        calls[lastNumber] = call
        entries.append(Entry(deadline: deadline, number: lastNumber))
        siftUp(entries.count - 1)
        return TimerID(number: lastNumber)
    }

    /// Forgets a call; one that has run or is unknown is ignored.
    mutating func cancel(_ timer: TimerID) {
        guard calls.removeValue(forKey: timer.number) != nil else { return }
        guard entries.count > calls.count * 2 + Self.deadCountMaximum else { return }
        let living = entries.filter { calls[$0.number] != nil }.sorted { Self.isBefore($0, $1) }
        entries = living
    }

    /// The next call that is due, removed.
    mutating func popDue(_ now: UInt64) -> (() -> Void)? {
        while let first = entries.first, first.deadline <= now {
            removeFirst()
            if let call = calls.removeValue(forKey: first.number) { return call }
        }
        return nil
    }

    /// Forgets all calls.
    mutating func removeAll() {
        entries.removeAll()
        calls.removeAll()
    }

    private static func isBefore(_ one: Entry, _ other: Entry) -> Bool {
        one.deadline != other.deadline ? one.deadline < other.deadline : one.number < other.number
    }

    private mutating func removeFirst() {
        guard let last = entries.popLast(), !entries.isEmpty else { return }
        entries[0] = last
        var position = 0
        while true {
            var smallest = position
            for child in [2 * position + 1, 2 * position + 2]
            where child < entries.count && Self.isBefore(entries[child], entries[smallest]) {
                smallest = child
            }
            guard smallest != position else { return }
            entries.swapAt(position, smallest)
            position = smallest
        }
    }

    private mutating func siftUp(_ start: Int) {
        var position = start
        while position > 0 {
            let parent = (position - 1) / 2
            guard Self.isBefore(entries[position], entries[parent]) else { return }
            entries.swapAt(position, parent)
            position = parent
        }
    }
}
