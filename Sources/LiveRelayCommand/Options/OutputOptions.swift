import ArgumentParser
import Foundation

/// How the program speaks.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "输出 JSON · One object, or one a line where things go on.")
    var json = false

    @Flag(
        name: .long, help: "逐行输出，适合读屏 · Plain lines: no cursor movement, no status line; for screen readers.")
    var plain = false

    @Flag(name: .long, help: "不用颜色 · No colours (as NO_COLOR).")
    var noColor = false

    @Option(name: .long, help: "语言 · zh or en; by default from LANG.")
    var lang: String?

    /// The voice that follows from it.
    var console: Console {
        let environment = ProcessInfo.processInfo.environment
        return Console(
            words: Words(language: Language(choice: lang, environment: environment)),
            terminal: Terminal(isPlain: plain, isColourless: noColor, environment: environment), isJSON: json,
            isPlain: plain)
    }

    mutating func validate() throws {
        if let lang, Language(rawValue: lang.lowercased()) == nil {
            throw ValidationError("--lang: zh | en")
        }
    }
}
