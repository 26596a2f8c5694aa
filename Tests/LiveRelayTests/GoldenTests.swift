import Foundation
import Recorder
import SessionModel
import Testing

/// Logs of classes that took place: whatever LiveRelay becomes, it must read them and report the same
/// figures.
///
/// `Golden/v1/*.jsonl` are never edited. `LIVERELAY_RECORD=1` writes a report that is missing, and fails.
@Suite struct GoldenTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "Golden/v1")

    private static let logs: [URL] = {
        let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return (files ?? []).filter { $0.pathExtension == "jsonl" }.sorted { $0.path < $1.path }
    }()

    @Test func yesterdaysClassesAreReportedAsTheyWere() throws {
        #expect(Self.logs.count >= 2)
        for log in Self.logs {
            let report = try Self.report(of: log)
            let expected = log.deletingPathExtension().appendingPathExtension("report.json")
            guard let known = try? String(contentsOf: expected, encoding: .utf8) else {
                if ProcessInfo.processInfo.environment["LIVERELAY_RECORD"] == "1" {
                    try report.write(to: expected, atomically: true, encoding: .utf8)
                }
                Issue.record(
                    "no report beside \(log.lastPathComponent); run with LIVERELAY_RECORD=1, then read it")
                continue
            }
            #expect(report == known, "\(log.lastPathComponent) is reported otherwise now")
        }
    }

    @Test func aLogReadInPiecesIsTheSameLog() throws {
        for log in Self.logs {
            let bytes = try Data(contentsOf: log)
            var whole = EventLogReader()
            let events = try whole.feed(bytes)
            var piecewise = EventLogReader()
            var gathered: [RecordedEvent] = []
            for start in stride(from: 0, to: bytes.count, by: 97) {
                gathered += try piecewise.feed(bytes[start..<min(start + 97, bytes.count)])
            }
            #expect(gathered == events)
            #expect(try whole.finish() == piecewise.finish())
        }
    }

    private static func report(of log: URL) throws -> String {
        var reader = EventLogReader()
        let events = try reader.feed(Data(contentsOf: log))
        _ = try reader.finish()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(SessionReport(events: events, at: nil)), as: UTF8.self)
            + "\n"
    }
}
