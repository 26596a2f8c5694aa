import Glibc
import Recorder
import SessionModel
import TestSupport
import Testing

/// The people and the class of these tests.
enum Fixture {
    static let session = SessionID(unchecked: "a-class_1")
    static let lin = SeatID(unchecked: "s1")
    static let wang = SeatID(unchecked: "s2")
    static let header = LogHeader(
        session: session, epoch: "e1", createdAt: WallTime(milliseconds: 1_795_422_600_000))

    static let plan = SessionPlan(
        title: "大单元教学设计", kind: .smallInteractive, plannedStart: WallTime(milliseconds: 1_795_424_400_000),
        plannedMinutes: 45)

    /// Texts that have broken programs before: a character beyond the BMP, a middle dot, both kinds of line
    /// end.
    static let stubbornTexts = [
        "\u{2CB4E}老师·阿卜杜拉", "第一行\r\n第二行\n", "\u{1F600}\u{200D}\u{FEFF}", "\"},{\"type\":\"ended\"",
        "\u{2028}\u{85}", " ",
    ]

    static func text(_ number: Int, _ text: String) throws -> TextEntry {
        let salt = (0..<32).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number) }
        return try #require(TextEntry(ref: TextID(unchecked: "x\(number)"), salt: salt, text: text))
    }

    static func event(_ n: UInt64, _ event: Event, by actor: Actor = .relay, cause: String? = nil)
        -> RecordedEvent
    {
        RecordedEvent(
            n: n, t: SessionTime(milliseconds: Int64(n) * 1_000), by: actor,
            cause: cause.map { CommandID(unchecked: $0) }, event: event)
    }

    /// A commit of one chat line, with its text.
    static func chat(_ n: UInt64, _ line: String) throws -> ClassCommit {
        let text = try text(Int(n), line)
        let chat = ChatID(unchecked: "c\(n)")
        return ClassCommit(
            texts: [text],
            events: [
                event(n, .chatPosted(chat, seat: lin, text: text.reference), by: .seat(lin), cause: "k\(n)")
            ])
    }
}

/// The split-anywhere property: whole, byte by byte, and seeded cuts.
func everySplit(_ bytes: [UInt8], seeds: Range<UInt64> = 0..<40, _ check: ([[UInt8]], String) throws -> Void)
    rethrows
{
    try check([bytes], "whole")
    try check(bytes.map { [$0] }, "byte by byte")
    for seed in seeds {
        var lots = SeededGenerator(seed: seed)
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...max(1, min(rest.count, 97)), using: &lots)
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        try check(pieces, "seed \(seed)")
    }
}

/// A folder of the file system that is gone with the test.
final class TemporaryFolder {
    let path: String

    init() {
        var template = Array("/tmp/liverelay-test-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { mkdtemp($0) != nil } ?? false
        }
        #expect(made)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        if let stream = opendir(path) {
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != "." && name != ".." { remove(path + "/" + name) }
            }
            closedir(stream)
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}
