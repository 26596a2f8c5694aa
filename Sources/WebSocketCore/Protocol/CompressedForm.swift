import Synchronization

/// The compressed form of a frame, made once by whichever loop needs it first.
///
/// Nobody waits: a loop that needs the form while another is at it, some microseconds, goes without.
struct CompressedForm: ~Copyable, Sendable {
    /// What came of it.
    private final class Outcome: Sendable {
        let frame: SharedFrame?

        init(_ frame: SharedFrame?) {
            self.frame = frame
        }
    }

    private let isBegun = Atomic(false)
    private let outcome = AtomicLazyReference<Outcome>()

    /// The form; nil when there is none, or none yet.
    func frame(_ make: () -> SharedFrame?) -> SharedFrame? {
        if let made = outcome.load() { return made.frame }
        guard !isBegun.exchange(true, ordering: .relaxed) else { return nil }
        return outcome.storeIfNil(Outcome(make())).frame
    }
}
