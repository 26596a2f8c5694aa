import ArgumentParser
import Foundation
import Glibc
import LiveRelayClient
import WebSocketCore

/// Takes part in a class from the terminal.
struct Join: SpokenCommand {
    static let configuration = CommandConfiguration(
        abstract: "在终端里上课 · Take part in a class from the terminal.",
        discussion: """
            liverelay join https://…/j/…#t=…
            liverelay join 482-915-603 --name 王晓明 --number 0012
            """)

    @OptionGroup var link: LinkOptions

    @Option(name: .long, help: "声音写到管道 · s16le at 48 kHz to a file, - or fd:N, instead of a player.")
    var audioPipe: String?

    @Option(
        name: .long, help: "发言时的声音来源 · s16le at 48 kHz from a file, or fd:N, when you are called to speak.")
    var micPipe: String?

    @Flag(name: .long, help: "不播放声音 · No sound.")
    var silent = false

    @Option(name: .long, help: "若干秒后离开 · Leave after so many seconds.")
    var seconds: Double?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let seconds, !(0.1...86_400).contains(seconds) { throw ValidationError("--seconds: 0.1 … 86400") }
    }

    func perform(_ console: Console) async throws {
        ignoreBrokenPipes()
        let entry = try link.entry(server)
        let sound = try openSound(console)
        let microphone = micPipe.map { SourcePlan(path: $0, isPCM: true, isLoop: false) }
        let milliseconds = seconds.map { UInt64($0 * 1_000) }
        let loop = try EventLoop.forCommand()
        let stop = StopSignal()
        defer { sound.process?.terminate() }
        do {
            let output = sound.output
            try await loop.run { (core: LoopCore, finish: Finish<Void>) in
                let participant = TerminalParticipant(
                    on: core, entry, sound: output, microphone: microphone, console, finish)
                core.attach(participant)
                stop.then(on: core.loop) { $0.attached(TerminalParticipant.self)?.leave() }
                participant.begin(leaveAfterMilliseconds: milliseconds)
                // Only now: a line that comes before there is somebody to take it would be lost.
                Self.readLines(core.loop)
            }
        } catch {
            await loop.shutdown()
            throw error
        }
        await sound.output?.finish()
        await loop.shutdown()
    }

    private func openSound(_ console: Console) throws -> (output: SoundOutput?, process: Process?) {
        if silent { return (nil, nil) }
        if let audioPipe { return (try SoundOutput(path: audioPipe), nil) }
        guard let player = Player.start(path: ProcessInfo.processInfo.environment["PATH"] ?? "") else {
            console.note(console.words("audio.noPlayer"))
            return (nil, nil)
        }
        console.note(console.words("audio.player", player.name))
        return (player.output, player.process)
    }

    /// Hands typed lines to the loop; a thread of its own, since reading waits.
    private static func readLines(_ loop: EventLoop) {
        let thread = Thread {
            while let line = readLine(strippingNewline: true) {
                loop.execute { $0.attached(TerminalParticipant.self)?.typed(line) }
            }
        }
        thread.name = "liverelay.keyboard"
        thread.start()
    }
}
