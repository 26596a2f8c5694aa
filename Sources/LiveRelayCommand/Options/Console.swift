import Foundation

/// How a command speaks to whoever called it.
struct Console: Sendable {
    let words: Words
    let terminal: Terminal
    let isJSON: Bool
    let isPlain: Bool

    /// What was asked for, as people read it.
    func say(_ line: String) { if !isJSON { terminal.say(line) } }

    /// What goes on, beside what was asked for.
    func note(_ line: String) { if !isJSON { terminal.note(line) } }

    /// One JSON object on a line of its own.
    func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        terminal.put(Array(try encoder.encode(value)) + [0x0A])
    }

    /// A failure, in the form that was asked for.
    func tell(_ failure: CommandFailure) {
        guard isJSON else { return terminal.note(failure.sentence(words)) }
        struct Report: Encodable {
            let error: String
            let message: String
            let status: Int32
        }
        let report = Report(
            error: failure.code ?? failure.key, message: failure.sentence(words),
            status: failure.status.rawValue)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        if let bytes = try? encoder.encode(report) { Terminal.write(Array(bytes) + [0x0A], to: 2) }
    }
}
