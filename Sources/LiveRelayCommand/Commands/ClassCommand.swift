import ArgumentParser
import Foundation
import SessionModel
import WebSocketCore

/// Classes: make, list, show, end.
struct ClassCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "class", abstract: "课堂：新建、列表、查看、下课 · Make, list, show and end classes.",
        subcommands: [Create.self, List.self, Show.self, End.self])

    /// The kinds as people type them.
    enum Kind: String, CaseIterable, ExpressibleByArgument {
        case small, large

        var model: ClassKind {
            switch self {
            case .small: .smallInteractive
            case .large: .largeLecture
            }
        }
    }

    /// Makes a class and prints its links.
    struct Create: SpokenCommand {
        static let configuration = CommandConfiguration(
            abstract: "新建课堂 · Make a class and print its links.",
            discussion: #"liverelay class create "第一讲" --at 09:00 --minutes 45 --roster list.csv"#)

        @Argument(help: "题目 · The title.")
        var title: String

        @Option(name: .long, help: "开始时间 · 2026-11-23T09:00, or 09:00 today; default now.")
        var at: String?

        @Option(name: .long, help: "计划分钟数 · How long it should last.")
        var minutes = 45

        @Option(name: .long, help: "小班或大班 · small or large.")
        var kind = Kind.small

        @Option(name: .long, help: "名册 CSV · Those who should come (UTF-8 or GB18030).")
        var roster: String?

        @Option(name: .long, help: "时区 · The zone in which its times are read.")
        var timeZone = "Asia/Shanghai"

        @Option(name: .long, help: "主讲 · The lecturer's name.")
        var lecturer: String?

        @Option(name: .long, help: "组织路径 · The organisation path: ID:NAME/ID:NAME.")
        var organisation: String?

        @Option(name: .long, help: "培训项目 · The project: ID:NAME.")
        var project: String?

        @Option(name: .long, help: "班级 · The cohort: ID:NAME.")
        var cohort: String?

        @Option(name: .long, help: "课次 · The lesson: NUMBER:NAME.")
        var lesson: String?

        @Flag(name: .long, help: "不录制 · Keep neither sound nor texts.")
        var noRecord = false

        @OptionGroup var server: ServerOptions
        @OptionGroup var output: OutputOptions

        func perform(_ console: Console) async throws {
            let api = try server.administration()
            var created = try await api.post("/classes", body(), as: CreatedAnswer.self)
            var imported: RosterAnswer?
            if let roster {
                imported = try await RosterCommand.put(roster, created.class.id.text, api)
                created = CreatedAnswer(
                    class: try await api.get("/classes/\(created.class.id)", as: ClassEnvelope.self).class,
                    links: created.links)
            }
            if console.isJSON { return try console.json(created) }
            console.say(console.words("class.created"))
            console.say("")
            for line in ClassText.card(created.class, console.words) { console.say("  \(line)") }
            if let imported { RosterCommand.say(imported, console) }
            console.say("")
            for line in ClassText.links(created.links, console) { console.say("  \(line)") }
            console.say("")
            console.say("  \(console.words("class.nextStep"))")
        }

        private func body() throws -> CreateBody {
            guard let zone = TimeZone(identifier: timeZone) else {
                throw CommandFailure(.usage, "failure.timeInvalid", timeZone)
            }
            let now = Date()
            var start = Int64(now.timeIntervalSince1970 * 1_000)
            if let at {
                guard let moment = TimeText.milliseconds(at, zone: zone, now: now) else {
                    throw CommandFailure(.usage, "failure.timeInvalid", at)
                }
                start = moment
            }
            var body = CreateBody(
                title: title, kind: kind.model, plannedStart: start, plannedMinutes: minutes,
                timeZone: timeZone)
            body.organisation = organisation.map { $0.split(separator: "/").map(ClassText.part) }
            body.project = project.map { ClassText.part($0[...]) }
            body.cohort = cohort.map { ClassText.part($0[...]) }
            body.lesson = lesson.map { text in
                let part = ClassText.part(text[...])
                return Lesson(id: part.id, number: Int(part.id) ?? 1, name: part.name)
            }
            body.lecturerName = lecturer
            body.isRecorded = noRecord ? false : nil
            return body
        }
    }

    /// Lists classes.
    struct List: SpokenCommand {
        static let configuration = CommandConfiguration(abstract: "课堂列表 · List classes.")

        @Option(name: .long, help: "状态 · scheduled, open, live, break or ended.")
        var phase: String?

        @Option(name: .long, help: "从第几个开始 · Begin with this one, from 0.")
        var offset = 0

        @OptionGroup var server: ServerOptions
        @OptionGroup var output: OutputOptions

        func perform(_ console: Console) async throws {
            let api = try server.administration()
            var path = "/classes?offset=\(max(offset, 0))"
            if let phase, let known = Phase(rawValue: phase) { path += "&phase=\(known.rawValue)" }
            let bytes = try await api.bytes(.get, path)
            if console.isJSON { return console.terminal.put(bytes + [0x0A]) }
            let page: ClassesAnswer = try api.decode(bytes)
            guard !page.classes.isEmpty else { return console.note(console.words("class.none")) }
            for line in ClassText.table(page.classes, console.words) { console.say(line) }
            console.note(console.words("class.total", "\(page.total)"))
        }
    }

    /// Shows one class.
    struct Show: SpokenCommand {
        static let configuration = CommandConfiguration(abstract: "查看课堂 · Show a class.")

        @Argument(help: "课堂 ID · The class's ID.")
        var id: String

        @OptionGroup var server: ServerOptions
        @OptionGroup var output: OutputOptions

        func perform(_ console: Console) async throws {
            let api = try server.administration()
            let bytes = try await api.bytes(.get, "/classes/\(try ClassText.identifier(id))")
            if console.isJSON { return console.terminal.put(bytes + [0x0A]) }
            let answer: ClassEnvelope = try api.decode(bytes)
            for line in ClassText.card(answer.class, console.words) { console.say(line) }
        }
    }

    /// Ends a class for good.
    struct End: SpokenCommand {
        static let configuration = CommandConfiguration(abstract: "下课 · End a class for good.")

        @Argument(help: "课堂 ID · The class's ID.")
        var id: String

        @OptionGroup var server: ServerOptions
        @OptionGroup var output: OutputOptions

        func perform(_ console: Console) async throws {
            let api = try server.administration()
            let bytes = try await api.bytes(.post, "/classes/\(try ClassText.identifier(id))/end")
            if console.isJSON { return console.terminal.put(bytes + [0x0A]) }
            let answer: ClassEnvelope = try api.decode(bytes)
            console.say(console.words("class.ended", SafeText.line(answer.class.title)))
        }
    }
}
