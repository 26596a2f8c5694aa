import CNet
import Glibc

/// One listening descriptor on a loop: accepts, and hands the descriptors round to the loops in turn.
final class ListenerPort: SocketSink {
    private let descriptor: Int32
    private let limits: TransportLimits
    private let handOver: (Int32) -> Void
    private unowned let core: LoopCore
    private var token: UInt64?
    private var isStopped = false

    init(descriptor: Int32, limits: TransportLimits, core: LoopCore, handOver: @escaping (Int32) -> Void) {
        self.descriptor = descriptor
        self.limits = limits
        self.core = core
        self.handOver = handOver
        token = core.watch(descriptor, self, events: EPOLLIN.rawValue)
    }

    deinit {
        // A loop that was shut down has forgotten the port without stopping it.
        if !isStopped { close(descriptor) }
    }

    func ready(_ events: UInt32) {
        for _ in 0..<limits.acceptsPerTurn {
            let accepted = cnet_accept(descriptor)
            if accepted >= 0 {
                handOver(accepted)
                continue
            }
            switch errno {
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                return pause()
            case EAGAIN, EWOULDBLOCK:
                return
            default:
                // The connection that waited has gone (accept(2) lists a dozen such errors); the next may be
                // well.
                continue
            }
        }
    }

    /// Accepts no more and gives the port back.
    func stop() {
        guard !isStopped else { return }
        isStopped = true
        unwatch()
        close(descriptor)
    }

    /// Without descriptors the port stays readable for ever; it is left alone for a while instead of
    /// spinning.
    private func pause() {
        unwatch()
        core.schedule(afterMilliseconds: limits.acceptPauseMilliseconds) { [weak self] in
            guard let self, !self.isStopped else { return }
            self.token = self.core.watch(self.descriptor, self, events: EPOLLIN.rawValue)
        }
    }

    private func unwatch() {
        if let token { core.unwatch(descriptor, token) }
        token = nil
    }
}
