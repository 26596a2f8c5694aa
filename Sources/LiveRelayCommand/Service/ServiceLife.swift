import Foundation
import Glibc
import LiveRelay
import Logging
import WebSocketCore

/// The life of a server process: serves, stops, and gives its place to a new version of itself.
///
/// Giving its place goes in steps, none of which leaves people without a server: the new program is started
/// with the listening sockets and gets ready; this one stops in order, while who comes waits at the sockets;
/// the new one takes the data folder. If the new program dies before it serves, this one goes on.
actor ServiceLife {
    /// What a life is made of.
    struct Circumstances: Sendable {
        let configuration: Configuration
        let sockets: ListeningSockets
        let supervisor: Supervisor
        /// Whether somebody else keeps the sockets when we stop.
        let isPortKept: Bool
        /// How long `/readyz` says that nobody should come before we stop.
        let drainMilliseconds: Int64
        let logger: Logger
        /// Whether the program was started from a terminal. The end of that is told by the same signal as a
        /// new certificate, and means a stop.
        let hasTerminal: Bool

        /// Whether there was a terminal and is none any more.
        var isTerminalGone: Bool { hasTerminal && isatty(STDIN_FILENO) == 0 }
    }

    private enum Input: Sendable {
        case signal(Int32)
        /// Read the certificate again.
        case reload
        case successor(SuccessorProcess.Word, attempt: Int)
        case tooLong(attempt: Int)
    }

    private enum State {
        case serving
        /// Told to stop, but who looks at `/readyz` has time to see it.
        case draining
        /// A new program starts; this one serves.
        case preparing(SuccessorProcess)
        /// This one has stopped; the new program takes over.
        case handingOver(SuccessorProcess)
    }

    /// A program that needs longer only to begin is broken.
    static let prepareMillisecondsMaximum: Int64 = 30_000
    /// Reading back every unfinished class of a large house takes seconds.
    static let takeOverMillisecondsMaximum: Int64 = 120_000

    private let circumstances: Circumstances
    private let inputs: AsyncStream<Input>
    private let input: AsyncStream<Input>.Continuation
    private let signals: SignalStream
    private var server: Server
    private var state = State.serving
    private var attempt = 0
    private var watchdog: Task<Void, Never>?

    private var logger: Logger { circumstances.logger }

    /// The life of a server that has started. `signals` says when to stop and when to give place.
    init(_ server: Server, _ circumstances: Circumstances, signals: SignalStream) {
        self.server = server
        self.circumstances = circumstances
        self.signals = signals
        (inputs, input) = AsyncStream.makeStream(of: Input.self)
        watchdog = circumstances.supervisor.watch(server)
    }

    /// Returns when this process has nothing to do any more. `stopping` is called before it stops for good.
    func run(stopping: @Sendable () -> Void) async throws {
        let listening = Task { [signals, input, circumstances] in
            for await number in signals.numbers {
                let isReload = number == SignalStream.reload && !circumstances.isTerminalGone
                input.yield(isReload ? .reload : .signal(number))
            }
        }
        defer { listening.cancel() }
        for await next in inputs {
            if try await take(next, stopping) { return }
        }
    }

    /// Takes one input; whether this life is over.
    private func take(_ next: Input, _ stopping: @Sendable () -> Void) async throws -> Bool {
        switch (state, next) {
        case (.serving, .reload), (.draining, .reload), (.preparing, .reload): await readCertificateAgain()
        // The new program reads it when it takes over.
        case (.handingOver, .reload): break
        case (.serving, .signal(SignalStream.handOver)): startSuccessor()
        case (.serving, .signal) where circumstances.drainMilliseconds > 0:
            stopping()
            server.drain()
            state = .draining
            setDeadline(circumstances.drainMilliseconds)
        case (.draining, .signal(SignalStream.handOver)): break
        case (.serving, .signal):
            stopping()
            return await stop()
        case (.draining, .signal), (.draining, .tooLong(attempt)): return await stop()
        case (.preparing(let successor), .successor(.prepared, attempt)): return await handOver(to: successor)
        case (.preparing, .successor(.gone(let how), attempt)):
            logger.error("the new program did not start; the old one goes on", metadata: ["how": "\(how)"])
            state = .serving
        case (.handingOver(let successor), .successor(.ready, attempt)):
            circumstances.supervisor.succeeded(by: successor.processID)
            logger.notice("handed over", metadata: ["process": "\(successor.processID)"])
            return true
        case (.handingOver, .successor(.gone(let how), attempt)):
            logger.error("the new program did not serve; the old one goes on", metadata: ["how": "\(how)"])
            try await serveAgain()
        case (.preparing(let successor), .tooLong(attempt)), (.handingOver(let successor), .tooLong(attempt)):
            // Its end is told as any other.
            successor.kill()
        case (.preparing(let successor), .signal(let number)) where number != SignalStream.handOver:
            successor.kill()
            stopping()
            return await stop()
        case (.handingOver(let successor), .signal(let number)) where number != SignalStream.handOver:
            successor.kill()
            return true
        case (_, .signal), (_, .successor), (_, .tooLong): break
        }
        return false
    }

    private func stop() async -> Bool {
        circumstances.supervisor.stopping()
        watchdog?.cancel()
        await server.stop(isPortKept: circumstances.isPortKept)
        return true
    }

    private func readCertificateAgain() async {
        do throws(ServerFailure) {
            guard let certificate = try await server.readCertificateAgain() else {
                return logger.notice("no certificate to read: the server speaks no TLS")
            }
            logger.notice("certificate read again", metadata: ["sha256": "\(certificate.fingerprint)"])
        } catch {
            logger.error("the old certificate goes on", metadata: ["why": "\(error)"])
        }
    }

    private func startSuccessor() {
        guard let path = ExecutablePath.current else {
            return logger.error("no new program", metadata: ["name": "\(CommandLine.arguments.first ?? "")"])
        }
        attempt += 1
        let number = attempt
        do throws(TransportError) {
            let ours = ProcessInfo.processInfo.environment
            let successor = try SuccessorProcess(
                path: path, arguments: CommandLine.arguments, sockets: circumstances.sockets
            ) { Inheritance.environment(ours, socketsCount: $0, pipe: $1) }
            state = .preparing(successor)
            logger.notice(
                "giving place", metadata: ["program": "\(path)", "process": "\(successor.processID)"])
            Task { [input] in
                for await word in successor.words { input.yield(.successor(word, attempt: number)) }
            }
            setDeadline(Self.prepareMillisecondsMaximum)
        } catch {
            logger.error("no new program", metadata: ["program": "\(path)", "why": "\(error)"])
        }
    }

    /// Stops, but keeps the sockets. Whether this life is over: a write that the disk does not answer holds
    /// the data folder until this process has ended.
    private func handOver(to successor: SuccessorProcess) async -> Bool {
        state = .handingOver(successor)
        watchdog?.cancel()
        setDeadline(Self.takeOverMillisecondsMaximum)
        let isAtRest = await server.stop(isPortKept: true)
        if !isAtRest { circumstances.supervisor.succeeded(by: successor.processID) }
        return !isAtRest
    }

    private func serveAgain() async throws {
        server = try await start(
            circumstances.configuration, sockets: circumstances.sockets, logger: circumstances.logger)
        watchdog = circumstances.supervisor.watch(server)
        state = .serving
    }

    private func setDeadline(_ milliseconds: Int64) {
        let number = attempt
        Task { [input] in
            try await Task.sleep(for: .milliseconds(milliseconds))
            input.yield(.tooLong(attempt: number))
        }
    }
}
