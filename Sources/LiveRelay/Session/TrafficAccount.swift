import Recorder
import WebSocketCore

/// What the members of one class were sent, and who waits to hear it. Lives on the home loop; the loops of
/// the members count by themselves and are asked one after the other.
struct TrafficAccount {
    /// Hears the sum.
    typealias Waiter = (ClassTraffic) -> Void

    /// As far as the loops have told.
    private(set) var total: ClassTraffic
    /// As it is on disk.
    private(set) var saved: ClassTraffic
    /// Who waits for the round of questions that goes; nil while none does.
    private var asking: [Waiter]?
    /// Who came too late for it.
    private var late: [Waiter] = []
    private var savers: [Int: () -> Void] = [:]
    private var nextSaver = 1

    /// What was counted before.
    init(_ before: ClassTraffic) {
        total = before
        saved = before
    }

    /// A loop has told.
    mutating func add(_ sent: SentBytes) { total.add(sound: sent.media, other: sent.control) }

    /// Somebody waits for the sum; whether a round of questions has to begin.
    mutating func ask(_ waiter: @escaping Waiter) -> Bool {
        guard asking == nil else {
            late.append(waiter)
            return false
        }
        asking = [waiter]
        return true
    }

    /// The round is over: who is told, and whether another has to begin.
    mutating func answer() -> (waiters: [Waiter], goesOn: Bool) {
        let waiters = asking ?? []
        asking = late.isEmpty ? nil : late
        late = []
        return (waiters, asking != nil)
    }

    /// Somebody waits until a sum is on disk; the number under which he does.
    mutating func awaitSaving(_ done: @escaping () -> Void) -> Int {
        defer { nextSaver += 1 }
        savers[nextSaver] = done
        return nextSaver
    }

    /// A sum is on disk, or cannot be; who waited for it.
    mutating func written(_ sum: ClassTraffic, isDone: Bool, for saver: Int) -> (() -> Void)? {
        if isDone { saved = sum }
        return savers.removeValue(forKey: saver)
    }
}
