import ArgumentParser
import Foundation
import LiveRelay
import Logging

/// Runs the server until it is told to stop.
struct Serve: SpokenCommand {
    static let configuration = CommandConfiguration(
        abstract: "运行服务器 · Run the server.",
        discussion: "One folder, one port. Ctrl-C or SIGTERM stops in order: people are told to come back.")

    @OptionGroup var place: PlaceOptions
    @OptionGroup var output: OutputOptions

    func perform(_ console: Console) async throws {
        ignoreBrokenPipes()
        let stop = StopSignal()
        let server = try await start(place.configuration(), place.logger(console))
        try ready(server.address, console)
        await stop.wait()
        console.note(console.words("serve.stopping"))
        await server.stop()
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
func start(_ configuration: Configuration, _ logger: Logger) async throws -> Server {
    do throws(ServerFailure) {
        return try await Server.start(configuration, logger: logger)
    } catch {
        throw CommandFailure(error)
    }
}
