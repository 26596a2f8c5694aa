import ArgumentParser
import Foundation
import SessionModel
import WebSocketCore

/// Plays what was written in a class again, in step.
struct Replay: SpokenCommand {
    static let configuration = CommandConfiguration(
        abstract: "在终端回放聊天、投票和举手 · Play chat, polls and hands again, in step.",
        discussion: "The sound is on the replay page, and in the Ogg files below the data folder.")

    @Argument(help: "课堂 ID · The class's ID.")
    var id: String

    @Option(name: .long, help: "倍速 · How fast; 0 prints everything at once.")
    var speed = 1.0

    @Option(name: .long, help: "从何处开始 · Begin at 90, 12:48 or 1:02:03 after the class began.")
    var from: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard speed == 0 || (0.1...1_000).contains(speed) else {
            throw ValidationError("--speed: 0 | 0.1 … 1000")
        }
        if let from, TimeText.offset(from) == nil { throw ValidationError("--from: 90 | 12:48 | 1:02:03") }
    }

    func perform(_ console: Console) async throws {
        let api = try server.administration()
        let bytes = try await api.bytes(.get, "/classes/\(try ClassText.identifier(id))/replay")
        if console.isJSON { return console.terminal.put(bytes + [0x0A]) }
        let replay: ReplayAnswer = try api.decode(bytes)
        let words = console.words
        let start = TimeText.moment(replay.class.plannedStart, zone: replay.class.timeZone, words.language)
        console.say(console.terminal.bold(words("replay.header", SafeText.line(replay.class.title), start)))
        let begin = replay.from ?? 0
        let first = begin + (from.flatMap(TimeText.offset) ?? 0)
        let lines = ReplayLines.lines(replay, words).filter { $0.at >= first }
        guard !lines.isEmpty else { return console.note(words("replay.empty")) }
        var shown = first
        for line in lines {
            try await pause(line.at - shown)
            shown = line.at
            console.say("\(console.terminal.faint(TimeText.span(line.at - begin)))  \(line.text)")
        }
        console.note(words("replay.end"))
    }

    private func pause(_ milliseconds: Int64) async throws {
        guard speed > 0, milliseconds > 0 else { return }
        try await Task.sleep(for: .milliseconds(Int64(Double(milliseconds) / speed)))
    }
}
