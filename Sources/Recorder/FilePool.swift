import Dispatch

/// Somewhere to run a block: an event loop, a pool of threads, or a simulator's list.
public typealias Scheduler = @Sendable (@escaping @Sendable () -> Void) -> Void

/// A few threads of our own for calls to the disk that block, so that no event loop ever waits for one.
///
/// Blocks start in the order they came, as many at a time as there are threads. Whoever needs an order among
/// its own blocks, as a class does, has only one of them under way.
///
/// `@unchecked Sendable`: what changes is touched only on `control`, which is
/// serial.
public final class FilePool: @unchecked Sendable {
    private let control = DispatchQueue(label: "liverelay.files")
    private var idle: [DispatchQueue]
    private var waiting: [@Sendable () -> Void] = []
    private var firstWaiting = 0
    private let threadsCount: Int
    private var whenIdleCalls: [@Sendable () -> Void] = []

    /// Syncs wait for the disk, not for the processor: eight of them in flight reach most of what a disk can
    /// do.
    public static let threadsCountDefault = 8

    /// A pool of so many threads, at least one.
    public init(threads: Int = FilePool.threadsCountDefault) {
        // A serial queue without a target has a thread of its own whenever it has something to do.
        threadsCount = max(1, threads)
        idle = (0..<max(1, threads)).map { DispatchQueue(label: "liverelay.files.\($0)") }
    }

    /// Runs a block on one of the threads.
    public func submit(_ block: @escaping @Sendable () -> Void) {
        control.async { [self] in
            waiting.append(block)
            startWhatCan()
        }
    }

    /// Calls once when nothing runs and nothing waits.
    public func whenIdle(_ call: @escaping @Sendable () -> Void) {
        control.async { [self] in
            whenIdleCalls.append(call)
            startWhatCan()
        }
    }

    private func startWhatCan() {
        while firstWaiting < waiting.count, let thread = idle.popLast() {
            let block = waiting[firstWaiting]
            firstWaiting += 1
            thread.async { [self] in
                block()
                control.async { [self] in
                    idle.append(thread)
                    startWhatCan()
                }
            }
        }
        if firstWaiting == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            firstWaiting = 0
        }
        guard idle.count == threadsCount else { return }
        let calls = whenIdleCalls
        whenIdleCalls = []
        for call in calls { call() }
    }
}
