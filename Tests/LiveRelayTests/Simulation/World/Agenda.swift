/// Virtual time: work to be done at moments, and what falls on one moment in the order in which it was put
/// in.
final class Agenda {
    private struct Entry {
        let at: UInt64
        let order: UInt64
        let work: () -> Void

        func isBefore(_ other: Entry) -> Bool { (at, order) < (other.at, other.order) }
    }

    /// Milliseconds since the world began.
    private(set) var now: UInt64 = 1_000
    private var heap: [Entry] = []
    private var nextOrder: UInt64 = 0

    /// Does something at a moment, or at once where that is past.
    func at(_ time: UInt64, _ work: @escaping () -> Void) {
        heap.append(Entry(at: max(time, now), order: nextOrder, work: work))
        nextOrder += 1
        rise(heap.count - 1)
    }

    /// Does something after a while.
    func after(_ milliseconds: UInt64, _ work: @escaping () -> Void) { at(now + milliseconds, work) }

    /// Does the next thing that is due before a moment; false when there is none, and then it is that moment.
    func runNext(before end: UInt64) -> Bool {
        guard let first = heap.first, first.at < end else {
            now = max(now, end)
            return false
        }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        sink(0)
        now = first.at
        first.work()
        return true
    }

    /// Nothing that was put in will be done.
    func forget() { heap = [] }

    private func rise(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private func sink(_ start: Int) {
        var parent = start
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].isBefore(heap[least]) { least = child }
            }
            guard least != parent else { return }
            heap.swapAt(least, parent)
            parent = least
        }
    }
}
