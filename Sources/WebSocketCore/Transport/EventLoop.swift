import CNet
import Dispatch
import Glibc

/// One serial queue with its sockets and timers. Everything owned by a loop is reached through its
/// `LoopCore`, and only on the loop.
///
/// The actor is a thin driver: an epoll set holds the sockets, one dispatch source watches the set, one
/// dispatch timer stands at the nearest deadline. A turn is one wake-up: ready sockets, or due timers, or the
/// handed-over calls that wait. A loop lives until `shutdown()`.
public actor EventLoop {
    /// Ready sockets taken from the set at once.
    private static let batchCountMaximum = 512
    /// Batches of one turn; more wait for the next, so that timers and hand-overs are not starved.
    private static let batchesPerTurn = 4

    /// The loop's place among its siblings, from 0.
    public nonisolated let index: Int

    private nonisolated let executor: QueueExecutor
    private let epoll: Int32
    private var ready: [epoll_event]
    private var source: (any DispatchSourceRead)?
    private var timer: (any DispatchSourceTimer)?
    private var timerDeadline: UInt64?
    private var isContinuationWaiting = false
    /// The end of a turn of handed-over calls stands in the queue.
    private var isEndWaiting = false
    private var isShutDown = false
    private lazy var core = LoopCore(loop: self, epoll: epoll)

    /// A running loop. Throws `descriptorsExhausted` or `system` when its epoll set cannot be made.
    public init(index: Int, label: String) throws(TransportError) {
        self.index = index
        executor = QueueExecutor(label: label)
        ready = Array(repeating: epoll_event(), count: Self.batchCountMaximum)
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw TransportError.failed("epoll_create1", errno) }
        executor.queue.async { self.assumeIsolated { $0.start() } }
    }

    /// The queue that runs this actor.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    /// Hands a call over to the loop; calls run in the order they were handed over, and those that wait
    /// together are one turn.
    public nonisolated func execute(_ work: @escaping @Sendable (LoopCore) -> Void) {
        executor.queue.async {
            self.assumeIsolated { $0.handedOver(work) }
        }
    }

    private func handedOver(_ work: (LoopCore) -> Void) {
        guard !isShutDown else { return }
        core.beginTurn()
        work(core)
        settle()
        // The end of the turn queues up behind the calls that wait already, so that what each of them adds
        // to a fan-out leaves together.
        guard core.hasEndOfTurnWork, !isEndWaiting else { return }
        isEndWaiting = true
        executor.queue.async { self.assumeIsolated { $0.endHandedOver() } }
    }

    private func endHandedOver() {
        isEndWaiting = false
        guard !isShutDown else { return }
        turn { _ in }
    }

    /// Aborts what is still connected and gives the descriptors back. Later calls are not run.
    public func shutdown() {
        guard !isShutDown else { return }
        turn { core in core.abortAll() }
        isShutDown = true
        core.forgetEverything()
        timer?.cancel()
        timer = nil
        source?.cancel()
        source = nil
    }

    private func start() {
        let descriptor = epoll
        let source = DispatchSource.makeReadSource(fileDescriptor: epoll, queue: executor.queue)
        source.setEventHandler { self.socketsReady() }
        source.setCancelHandler { close(descriptor) }
        source.resume()
        self.source = source
        let timer = DispatchSource.makeTimerSource(queue: executor.queue)
        timer.setEventHandler { self.timersDue() }
        timer.schedule(deadline: .distantFuture)
        timer.resume()
        self.timer = timer
    }

    private func turn(_ work: (LoopCore) -> Void) {
        core.beginTurn()
        work(core)
        core.endTurn()
        settle()
    }

    /// After each turn: stand the timer at the nearest deadline, and come back soon if work was put off.
    private func settle() {
        if core.hasDeferredWork, !isContinuationWaiting {
            isContinuationWaiting = true
            executor.queue.async { self.assumeIsolated { $0.continueDeferred() } }
        }
        let deadline = core.nextDeadline
        guard deadline != timerDeadline, let timer else { return }
        timerDeadline = deadline
        guard let deadline else {
            timer.schedule(deadline: .distantFuture)
            return
        }
        let wait = deadline > core.now ? deadline - core.now : 0
        timer.schedule(deadline: .now() + .milliseconds(Int(clamping: wait)), leeway: .milliseconds(1))
    }

    private func continueDeferred() {
        isContinuationWaiting = false
        guard !isShutDown else { return }
        turn { core in core.runDeferredWork() }
    }

    private func timersDue() {
        guard !isShutDown else { return }
        timerDeadline = nil
        turn { core in core.runDueTimers() }
    }

    private func socketsReady() {
        guard !isShutDown else { return }
        turn { core in
            for _ in 0..<Self.batchesPerTurn {
                let count = epoll_wait(epoll, &ready, Int32(Self.batchCountMaximum), 0)
                guard count > 0 else { return }
                for position in 0..<Int(count) {
                    let event = ready[position]
                    core.socketReady(token: event.data.u64, events: event.events)
                }
                guard count == Self.batchCountMaximum else { return }
            }
        }
    }
}

extension TransportError {
    /// An error number as the nearest case.
    static func failed(_ call: String, _ number: Int32) -> TransportError {
        if number == EMFILE || number == ENFILE { return .descriptorsExhausted }
        return .system(call: call, reason: systemReason(number))
    }
}

/// The system's words for an error number.
func systemReason(_ number: Int32) -> String {
    guard let words = strerror(number) else { return "error \(number)" }
    return String(cString: words)
}
