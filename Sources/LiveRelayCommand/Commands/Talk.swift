import ArgumentParser
import Dispatch
import LiveRelayClient
import LiveRelayWire
import SessionModel
import WebSocketCore

/// Speaks a file or a pipe into a class.
struct Talk: SpokenCommand {
    static let configuration = CommandConfiguration(
        abstract: "把文件或管道里的声音送进课堂 · Speak a file or a pipe into a class.",
        discussion: """
            liverelay talk lecture.wav --to https://…/j/…#t=…
            arecord -f S16_LE -r 48000 | liverelay talk --pcm - --to https://…/j/…#t=…
            """)

    @Argument(help: "声音文件 · WAV or Ogg Opus; - for standard input.")
    var file: String

    @Flag(name: .long, help: "输入是裸 PCM · The input is s16le at 48 kHz, one channel, without a header.")
    var pcm = false

    @Flag(name: .long, help: "循环播放 · Begin anew at the end of the file.")
    var loop = false

    @Flag(name: .long, help: "自动开始上课 · Open and start the class oneself, as a lecturer may.")
    var start = false

    @Option(name: .customLong("to"), help: "课堂链接或九位课堂号 · A link to the class, or its nine digits.")
    var target: String

    @Option(name: .long, help: "姓名 · Your name, when you join by code.")
    var name: String?

    @Option(name: .long, help: "工号 · Your number, when you join by code.")
    var number: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func perform(_ console: Console) async throws {
        ignoreBrokenPipes()
        var link = LinkOptions()
        link.link = target
        link.name = name
        link.number = number
        link.device = nil
        let entry = try link.entry(server)
        let plan = SourcePlan(path: file, isPCM: pcm, isLoop: loop)
        let loop = try EventLoop.forCommand()
        let isStarting = start
        let stop = StopSignal()
        do {
            try await loop.run { (core: LoopCore, finish: Finish<Void>) in
                let participant = TalkingParticipant(
                    on: core, entry, plan, isStarting: isStarting, console, finish)
                core.attach(participant)
                stop.then(on: core.loop) { $0.attached(TalkingParticipant.self)?.leave() }
                participant.begin()
            }
        } catch {
            await loop.shutdown()
            throw error
        }
        await loop.shutdown()
    }
}
