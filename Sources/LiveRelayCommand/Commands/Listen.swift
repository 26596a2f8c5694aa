import ArgumentParser
import LiveRelayClient
import LiveRelayWire
import SessionModel
import WebSocketCore

/// Writes what is heard in a class to a file or a pipe.
struct Listen: SpokenCommand {
    static let configuration = CommandConfiguration(
        abstract: "把课堂的声音写到文件或管道 · Write the sound of a class to a file or a pipe.",
        discussion: """
            liverelay listen https://…/j/…#t=… --ogg - | ffplay -
            liverelay listen 482-915-603 --name 王晓明 --pcm - | aplay -f S16_LE -r 48000
            """)

    @OptionGroup var link: LinkOptions

    @Option(
        name: .long,
        help: "写 Ogg Opus · To a file, or - for standard output; one track, the lecturer's first.")
    var ogg: String?

    @Option(
        name: .long, help: "写 PCM · s16le at 48 kHz, all tracks mixed, to a file, or - for standard output.")
    var pcm: String?

    @Option(name: .long, help: "有声后若干秒停止 · Stop so many seconds after the first sound.")
    var seconds: Double?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if (ogg == nil) == (pcm == nil) { throw ValidationError("--ogg FILE | --pcm FILE") }
        if let seconds, !(0.1...86_400).contains(seconds) { throw ValidationError("--seconds: 0.1 … 86400") }
    }

    func perform(_ console: Console) async throws {
        ignoreBrokenPipes()
        let entry = try link.entry(server)
        let sound = try SoundOutput(path: ogg ?? pcm ?? "-")
        let isOgg = ogg != nil
        let milliseconds = seconds.map { UInt64($0 * 1_000) }
        let loop = try EventLoop.forCommand()
        let stop = StopSignal()
        do {
            try await loop.run { (core: LoopCore, finish: Finish<Void>) in
                let participant = ListeningParticipant(
                    on: core, entry, sound, isOgg: isOgg, milliseconds: milliseconds, console, finish)
                core.attach(participant)
                stop.then(on: core.loop) { $0.attached(ListeningParticipant.self)?.leave() }
                participant.begin()
            }
        } catch {
            await sound.finish()
            await loop.shutdown()
            throw error
        }
        await sound.finish()
        await loop.shutdown()
    }
}
