import Synchronization
import WebSocketCore

/// Ends a piece of work on a loop, once; what is said after the first time is ignored.
final class Finish<Value: Sendable>: Sendable {
    private let isDone = Atomic(false)
    private let continuation: CheckedContinuation<Value, any Error>

    init(_ continuation: CheckedContinuation<Value, any Error>) { self.continuation = continuation }

    /// The work is done.
    func callAsFunction(_ result: Result<Value, CommandFailure>) {
        guard !isDone.exchange(true, ordering: .relaxed) else { return }
        switch result {
        case .success(let value): continuation.resume(returning: value)
        case .failure(let failure): continuation.resume(throwing: failure)
        }
    }
}

extension EventLoop {
    /// A loop of its own for a command.
    static func forCommand() throws -> EventLoop {
        do throws(TransportError) {
            return try EventLoop(index: 0, label: "liverelay.command")
        } catch {
            throw CommandFailure(.failed, "failure.transport", error.description)
        }
    }

    /// Begins work on the loop and waits until it says that it is done.
    nonisolated func run<Value: Sendable>(
        _ work: @escaping @Sendable (LoopCore, Finish<Value>) -> Void
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let finish = Finish(continuation)
            execute { core in work(core, finish) }
        }
    }
}
