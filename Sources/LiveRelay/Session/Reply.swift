import Synchronization

/// The answer that a task waits for from a loop. Given once; what is said later is ignored. When the question
/// is dropped without an answer, because its loop was shut down, the waiting task gets the answer for that
/// case.
final class Reply<Answer: Sendable>: Sendable {
    private let isGiven = Atomic(false)
    private let continuation: CheckedContinuation<Answer, Never>
    private let otherwise: Answer

    init(_ continuation: CheckedContinuation<Answer, Never>, otherwise: Answer) {
        self.continuation = continuation
        self.otherwise = otherwise
    }

    deinit { self(otherwise) }

    /// Gives the answer.
    func callAsFunction(_ answer: Answer) {
        guard !isGiven.exchange(true, ordering: .relaxed) else { return }
        continuation.resume(returning: answer)
    }
}
