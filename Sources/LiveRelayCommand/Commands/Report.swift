import ArgumentParser
import Foundation
import WebSocketCore

/// Prints the report of a class.
struct Report: SpokenCommand {
    static let configuration = CommandConfiguration(
        abstract: "课堂报告 · Print the report of a class.",
        discussion: "liverelay report k3… --csv > report.csv")

    /// The encodings of the CSV.
    enum Encoding: String, CaseIterable, ExpressibleByArgument {
        case utf8 = "utf-8"
        case gb18030
    }

    @Argument(help: "课堂 ID · The class's ID.")
    var id: String

    @Flag(name: .long, help: "输出 CSV · CSV as the report page offers it.")
    var csv = false

    @Flag(name: .long, help: "课堂用量 · What the class has cost, in place of its people.")
    var cost = false

    @Option(name: .long, help: "编码 · utf-8 (with a byte order mark) or gb18030; for --csv.")
    var encoding = Encoding.utf8

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func perform(_ console: Console) async throws {
        let api = try server.administration()
        let path = "/classes/\(try ClassText.identifier(id))/report"
        if console.isJSON { return console.terminal.put(try await api.bytes(.get, path) + [0x0A]) }
        let subject = cost ? "&table=cost" : ""
        let coding = csv ? encoding : .utf8
        let table = try await api.bytes(.get, "\(path).csv?encoding=\(coding.rawValue)\(subject)")
        if csv { return console.terminal.put(table) }
        // The table on the screen is the table of the file: every figure is the same.
        for line in Columns.lines(DelimitedRows.rows(table)) { console.say(SafeText.line(line)) }
    }
}
