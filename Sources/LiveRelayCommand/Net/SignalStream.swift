import Dispatch
import Glibc

/// Signals as a stream of their numbers. From its making on none is lost; the process no longer ends by them.
actor SignalStream {
    /// Ctrl-C, and what service managers send.
    static let stop = [SIGINT, SIGTERM]
    /// Give place to a new version.
    static let handOver = SIGUSR2
    /// Read the certificate and its key again.
    static let reload = SIGHUP

    /// The signals, in order.
    nonisolated let numbers: AsyncStream<Int32>
    /// A source is cancelled when nobody holds it.
    private let sources: [any DispatchSourceSignal]

    init(_ wanted: [Int32]) {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        numbers = stream
        let queue = DispatchQueue(label: "liverelay.signals")
        sources = wanted.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
    }
}
