import ArgumentParser
import Foundation
import Glibc
import LiveRelay
import Logging
import WebSocketCore

/// Runs the server until it is told to stop.
struct Serve: SpokenCommand {
    static let configuration = CommandConfiguration(
        abstract: "运行服务器 · Run the server.",
        discussion: """
            One folder, one port. Ctrl-C or SIGTERM stops in order: people are told to come back. SIGUSR2 starts
            the program anew from the same path and gives it the place: people fall out for a moment only.
            SIGHUP reads certificate and key again; nobody falls out.
            """)

    /// Longer than any balancer takes to look at `/readyz` twice.
    private static let drainSecondsMaximum = 600

    @OptionGroup var place: PlaceOptions

    @Option(name: .long, help: "停止前先让 /readyz 报告若干秒 · Seconds in which /readyz says draining before a stop.")
    var drainSeconds = 0

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (0...Self.drainSecondsMaximum).contains(drainSeconds) else {
            throw ValidationError("--drain-seconds: 0 … \(Self.drainSecondsMaximum)")
        }
    }

    func perform(_ console: Console) async throws {
        ignoreBrokenPipes()
        let hasTerminal = isatty(STDIN_FILENO) == 1
        DescriptorLimit.raise()
        let environment = ProcessInfo.processInfo.environment
        let inheritance = try Inheritance(environment: environment, processID: getpid())
        let supervisor = Supervisor(environment: environment, processID: getpid())
        let configuration = try place.configuration()
        let sockets = try inheritance.sockets(host: configuration.host, port: configuration.port)
        let logger = place.logger(console)
        let (lock, pipe) = try await succeed(inheritance, configuration)
        let signals = SignalStream(SignalStream.stop + [SignalStream.handOver, SignalStream.reload])
        let server = try await start(configuration, sockets: sockets, lock: lock, logger: logger)
        let address = server.address
        let circumstances = ServiceLife.Circumstances(
            configuration: configuration, sockets: sockets, supervisor: supervisor,
            isPortKept: inheritance.isPortKept, drainMilliseconds: Int64(drainSeconds) * 1_000,
            logger: logger, hasTerminal: hasTerminal)
        let life = ServiceLife(server, circumstances, signals: signals)
        supervisor.ready(address.url)
        pipe?.sayReady()
        try ready(address, console)
        try await life.run { console.note(console.words("serve.stopping")) }
    }

    /// Takes the place of another server: everything that may go wrong is tried before it is asked to stop,
    /// and then its data folder is waited for. Until then signals end this process as any other.
    private func succeed(
        _ inheritance: Inheritance, _ configuration: Configuration
    ) async throws -> (DataFolderLock?, PredecessorPipe?) {
        switch inheritance {
        case .none, .activation: return (nil, nil)
        case .takeOver(_, let number):
            signal(SignalStream.handOver, SIG_IGN)
            signal(SignalStream.reload, SIG_IGN)
            do throws(ServerFailure) {
                try Server.rehearse(configuration)
            } catch {
                throw CommandFailure(error)
            }
            let pipe = try predecessor(number)
            pipe.sayPrepared()
            return (try await lock(configuration.dataFolder), pipe)
        }
    }

    private func predecessor(_ descriptor: Int32) throws(CommandFailure) -> PredecessorPipe {
        do throws(TransportError) {
            return try PredecessorPipe(descriptor: descriptor)
        } catch {
            throw CommandFailure(.transport(error))
        }
    }

    private func lock(_ folder: String) async throws(CommandFailure) -> DataFolderLock {
        do throws(DataFolderLock.Failure) {
            return try await DataFolderLock.wait(folder: folder)
        } catch {
            throw CommandFailure(ServerFailure(error, folder: folder))
        }
    }

    private func ready(_ address: Server.Address, _ console: Console) throws {
        if console.isJSON { return try console.json(ReadyLine(address)) }
        let words = console.words
        console.say("LiveRelay \(LiveRelayCommand.version) · \(both("serve.ready"))")
        console.say("")
        console.say("  \(words("serve.url"))  \(console.terminal.bold(address.url))")
        for line in place.networkLines(address, words) { console.say("  \(line)") }
        console.say("")
        if let fingerprint = address.fingerprint {
            console.say("  \(words("serve.fingerprint", fingerprint))")
        }
        for concern in address.concerns { console.say("  \(concern.sentence(words))") }
        console.say("  \(words("serve.data", place.data, address.administratorKeyPath))")
        console.say("  \(words("serve.next"))")
    }
}

/// What scripts read when the server is ready.
struct ReadyLine: Encodable {
    let event = "ready"
    let port: UInt16
    let url: String
    let fingerprint: String?
    let administratorKeyFile: String

    init(_ address: Server.Address) {
        port = address.port
        url = address.url
        fingerprint = address.fingerprint
        administratorKeyFile = address.administratorKeyPath
    }
}

/// A heading in both languages, since who reads it first is not known.
func both(_ key: String) -> String {
    "\(Words(language: .chinese)(key)) / \(Words(language: .english)(key))"
}

/// Starts a server; what goes wrong is a sentence.
func start(
    _ configuration: Configuration, sockets: ListeningSockets? = nil, lock: DataFolderLock? = nil,
    logger: Logger
) async throws -> Server {
    do throws(ServerFailure) {
        return try await Server.start(configuration, sockets: sockets, lock: lock, logger: logger)
    } catch {
        throw CommandFailure(error)
    }
}
