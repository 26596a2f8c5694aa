import Dispatch

/// Runs an actor's jobs on a serial queue, so that dispatch sources and the actor share one isolation.
///
/// Dispatch on Linux has no executor of its own; this is the whole of what is needed. Everything a loop's
/// queue calls is inside the actor, checked at compile time, and `checkIsolated` lets the run-time checks
/// pass as well.
final class QueueExecutor: SerialExecutor {
    /// The queue; serial.
    let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label, qos: .userInitiated)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async {
            job.runSynchronously(on: self.asUnownedSerialExecutor())
        }
    }

    func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }
}
