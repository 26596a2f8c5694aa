import Foundation
import Logging

/// The server's log: one event a line on standard error, as text for people or as JSON for programs.
struct LineLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info
    private let label: String
    private let isJSON: Bool

    init(label: String, isJSON: Bool) {
        self.label = label
        self.isJSON = isJSON
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        let time = Date().formatted(.iso8601)
        let text =
            isJSON
            ? json(time, event.level, event.message, all) : words(time, event.level, event.message, all)
        Terminal.write(Array((text + "\n").utf8), to: 2)
    }

    private func words(
        _ time: String, _ level: Logger.Level, _ message: Logger.Message, _ all: Logger.Metadata
    ) -> String {
        let pairs = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        return SafeText.line("\(time) \(level.rawValue) \(message)\(pairs)")
    }

    private func json(
        _ time: String, _ level: Logger.Level, _ message: Logger.Message, _ all: Logger.Metadata
    ) -> String {
        var fields = all.mapValues { "\($0)" }
        fields["time"] = time
        fields["level"] = level.rawValue
        fields["message"] = "\(message)"
        fields["logger"] = label
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(fields)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
