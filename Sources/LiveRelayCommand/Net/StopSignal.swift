import Dispatch
import Glibc

/// Waits for Ctrl-C or SIGTERM.
actor StopSignal {
    private let stream: AsyncStream<Int32>
    /// A source is cancelled when nobody holds it.
    private let sources: [any DispatchSourceSignal]

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.stream = stream
        let queue = DispatchQueue(label: "liverelay.signals")
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
    }

    /// Returns when the program should stop.
    func wait() async {
        for await _ in stream { return }
    }
}

/// A reader that goes away must not end the program.
func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }
