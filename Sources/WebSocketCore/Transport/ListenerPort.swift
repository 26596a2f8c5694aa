import CNet
import Glibc

/// One listening descriptor on a loop: accepts, and hands the descriptors round to the loops in turn.
///
/// The system gives the lowest free number, so the number of a new socket tells how many descriptors there
/// are. The last ones are kept for files: a class must be able to write when the door is full.
final class ListenerPort: SocketSink {
    private enum State {
        /// Sockets are accepted as they come.
        case open
        /// There are no descriptors; one socket that came nevertheless is kept until there are.
        case resting(held: Int32?)
        case stopped
    }

    private let descriptor: Int32
    private let limits: TransportLimits
    private let handOver: (Int32) -> Void
    /// Asks for descriptors that nobody needs.
    private let cutIdle: () -> Void
    private unowned let core: LoopCore
    private let acceptedBelow: Int32
    private var token: UInt64?
    private var state = State.open

    init(
        descriptor: Int32, limits: TransportLimits, core: LoopCore, handOver: @escaping (Int32) -> Void,
        cutIdle: @escaping () -> Void
    ) {
        self.descriptor = descriptor
        self.limits = limits
        self.core = core
        self.handOver = handOver
        self.cutIdle = cutIdle
        acceptedBelow = limits.acceptedBelow(descriptorsMaximum: cnet_descriptors_maximum(0))
        token = core.watch(descriptor, self, events: EPOLLIN.rawValue)
    }

    deinit {
        // A loop that was shut down has forgotten the port without stopping it.
        switch state {
        case .stopped: break
        case .open: close(descriptor)
        case .resting(let held):
            if let held { close(held) }
            close(descriptor)
        }
    }

    func ready(_ events: UInt32) {
        for _ in 0..<limits.acceptsPerTurn {
            let accepted = cnet_accept(descriptor)
            if accepted >= acceptedBelow { return rest(holding: accepted) }
            if accepted >= 0 {
                handOver(accepted)
                continue
            }
            switch errno {
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                return rest(holding: nil)
            case EAGAIN, EWOULDBLOCK:
                return
            default:
                // The connection that waited has gone (accept(2) lists a dozen such errors); the next may be
                // well.
                continue
            }
        }
    }

    /// Accepts no more. The port is given back, unless somebody else holds its socket too.
    func stop() {
        switch state {
        case .stopped: return
        case .open: break
        case .resting(let held): if let held { close(held) }
        }
        state = .stopped
        unwatch()
        close(descriptor)
    }

    /// Without descriptors the port stays readable for ever; it is left alone for a while instead of
    /// spinning, in which those leave who had no need to be here.
    private func rest(holding held: Int32?) {
        cutIdle()
        unwatch()
        state = .resting(held: held)
        core.schedule(afterMilliseconds: limits.acceptPauseMilliseconds) { [weak self] in self?.lookAgain() }
    }

    private func lookAgain() {
        guard case .resting(let held) = state else { return }
        if let held {
            // The copy gets the lowest number there is now, as a new socket would.
            let copy = cnet_duplicate(held)
            guard copy >= 0, copy < acceptedBelow else {
                if copy >= 0 { close(copy) }
                return rest(holding: held)
            }
            close(held)
            handOver(copy)
        }
        state = .open
        token = core.watch(descriptor, self, events: EPOLLIN.rawValue)
    }

    private func unwatch() {
        if let token { core.unwatch(descriptor, token) }
        token = nil
    }
}
