import Foundation
import Recorder
import SessionModel
import TestSupport
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

    /// A folder of an older version, without a snapshot, with one, and with one that is of no use any more.
    @Test func yesterdaysFoldersAreOpenedAndReportedAsTheyWere() throws {
        for log in Self.logs {
            let bytes = [UInt8](try Data(contentsOf: log))
            let storage = VirtualStorage()
            let session = try #require(Self.session(of: bytes))
            let paths = ClassPaths(session)
            try storage.makeFolder(paths.folder)
            try storage.replace(paths.events, with: bytes)
            let plain = try ClassFolder.open(session, in: storage, eventsAfter: .max)
            let written = EventLogFile(
                session, files: plain.files, storage: storage, runOnFileThread: { $0() }, schedule: { $0() })
            written.saveSnapshot {}
            let snapshot = try #require(storage.contents(paths.snapshot))
            for kept in [snapshot, Array("LRSNAP0\n".utf8) + snapshot.dropFirst(8), []] {
                storage.corrupt(paths.snapshot) { $0 = kept }
                let opened = try ClassFolder.open(session, in: storage, eventsAfter: .max)
                #expect(opened.state.session == plain.state.session)
                #expect((storage.contents(paths.snapshot) == nil) == (kept != snapshot))
                #expect(storage.contents(paths.events) == bytes, "an old log is left as it is")
                let events = try ClassFolder.read(session, in: storage).events
                let known = log.deletingPathExtension().appendingPathExtension("report.json")
                #expect(try Self.report(of: events) == String(contentsOf: known, encoding: .utf8))
                if kept != snapshot { try storage.replace(paths.snapshot, with: snapshot) }
            }
        }
    }

    private static func session(of bytes: [UInt8]) -> SessionID? {
        var reader = EventLogReader()
        _ = try? reader.feed(bytes)
        return reader.header?.session
    }

    private static func report(of log: URL) throws -> String {
        var reader = EventLogReader()
        let events = try reader.feed(Data(contentsOf: log))
        _ = try reader.finish()
        return try report(of: events)
    }

    private static func report(of events: [RecordedEvent]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(SessionReport(events: events, at: nil)), as: UTF8.self)
            + "\n"
    }
}
