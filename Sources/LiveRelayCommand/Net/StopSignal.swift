import Glibc
import WebSocketCore

/// Waits for Ctrl-C or SIGTERM.
struct StopSignal: Sendable {
    private let signals = SignalStream(SignalStream.stop)

    /// Returns when the program should stop.
    func wait() async {
        for await _ in signals.numbers { return }
    }

    /// Calls on a loop when the program should stop; also when it was told so before there was anybody to
    /// call.
    func then(on loop: EventLoop, _ call: @escaping @Sendable (LoopCore) -> Void) {
        Task {
            await wait()
            loop.execute(call)
        }
    }
}

/// A reader that goes away must not end the program.
func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }
