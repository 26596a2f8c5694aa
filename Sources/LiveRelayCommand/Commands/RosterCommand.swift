import ArgumentParser
import Foundation
import WebSocketCore

/// Rosters: who should come.
struct RosterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roster", abstract: "名册 · Who should come.", subcommands: [Import.self])

    /// A roster of a province fits; anything larger is no roster.
    static let fileBytesMaximum = 16_777_216

    /// Reads a roster into a class.
    struct Import: SpokenCommand {
        static let configuration = CommandConfiguration(
            commandName: "import", abstract: "导入名册 CSV（UTF-8 或 GB18030）· Read a roster into a class.",
            discussion: "Columns: 姓名, 工号, 单位 (or name, number, affiliation), with a heading.")

        @Argument(help: "课堂 ID · The class's ID.")
        var id: String

        @Argument(help: "名册文件 · The CSV file.")
        var file: String

        @OptionGroup var server: ServerOptions
        @OptionGroup var output: OutputOptions

        func perform(_ console: Console) async throws {
            let answer = try await RosterCommand.put(
                file, try ClassText.identifier(id), try server.administration())
            if console.isJSON { try console.json(answer) } else { RosterCommand.say(answer, console) }
            if answer.imported == 0 { throw ExitStatus.failed.code }
        }
    }

    /// Sends a roster file.
    static func put(_ file: String, _ id: String, _ api: Administration) async throws -> RosterAnswer {
        let bytes: [UInt8]
        do {
            bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)).prefix(fileBytesMaximum))
        } catch {
            throw CommandFailure(.failed, "failure.fileUnreadable", file, error.localizedDescription)
        }
        return try api.decode(
            try await api.bytes(.put, "/classes/\(id)/roster", body: bytes, type: "text/csv"))
    }

    /// Says what became of it.
    static func say(_ answer: RosterAnswer, _ console: Console) {
        console.say(console.words("roster.imported", "\(answer.imported)"))
        for problem in answer.problems ?? [] {
            console.note(console.words("roster.problem", problem.line.map(String.init) ?? "?", problem.code))
        }
    }
}
