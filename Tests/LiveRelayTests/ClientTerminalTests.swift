import Foundation
import LiveRelayClient
import LiveRelayWire
import SessionModel
import Testing

@testable import LiveRelayCommand

@Suite("Client: terminal")
struct ClientTerminalTests {
    @Test func widthsOfHanCharactersAndMarksAreRight() {
        let widths: [(String, Int)] = [
            ("", 0), ("abc", 3), ("王晓明", 6), ("李\u{2CB4E}", 4), ("阿依古丽·买买提", 15), ("（第一中学）", 12),
            ("e\u{301}", 1), ("🙂", 2), ("👨‍👩‍👧", 2), ("❤️", 2), ("カ゛", 4), ("한글", 4), ("\u{1B}[1m", 3),
            ("a\u{200B}b", 2), ("한", 2), ("…", 1), ("①", 1),
        ]
        for (text, columns) in widths { #expect(TextWidth.columns(text) == columns, "\(text)") }
    }

    @Test func textsAreCutBetweenCharacters() {
        #expect(TextWidth.fitted("王晓明", 5) == "王晓…")
        #expect(TextWidth.fitted("王晓明", 4) == "王… ")
        #expect(TextWidth.fitted("abc", 5) == "abc  ")
        for columns in 0...12 {
            #expect(TextWidth.columns(TextWidth.fitted("阿依古丽·买买提 Emma", columns)) == columns)
        }
    }

    @Test func nobodyCanSteerTheTerminalOfAnother() {
        #expect(SafeText.line("\u{1B}[2J王\u{7}\n\u{202E}芳") == "\u{FFFD}[2J王\u{FFFD} \u{FFFD}芳")
        #expect(SafeText.line("王芳（第二中学）🙂 ·") == "王芳（第二中学）🙂 ·")
    }

    @Test func everyTextStandsInBothLanguages() {
        let lines = (Words.lines + "\n" + Words.codeLines).split(separator: "\n")
            .filter { !$0.allSatisfy { $0 == " " } }
        #expect(lines.count == Words.table.count, "a line is malformed, or a key stands twice")
        for (key, entry) in Words.table {
            #expect(!entry.chinese.isEmpty && !entry.english.isEmpty, "\(key)")
            for place in 1...9 {
                #expect(
                    entry.chinese.contains("%\(place)") == entry.english.contains("%\(place)"), "\(key)")
            }
        }
        for code in Rejection.allCases {
            #expect(Words.table["rejection.\(code.rawValue)"] != nil, "\(code)")
        }
        for code in DisconnectCode.allCases { #expect(Words.table["close.\(code.name)"] != nil, "\(code)") }
        for role in Role.allCases { #expect(Words.table["role.\(role.rawValue)"] != nil) }
        for phase in Phase.allCases { #expect(Words.table["phase.\(phase.rawValue)"] != nil) }
        for kind in ClassKind.allCases { #expect(Words.table["kind.\(kind.rawValue)"] != nil) }
    }

    @Test func everyKeyInTheSourcesHasWords() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/LiveRelayCommand").standardizedFileURL
        let key = try Regex(#"(?:words\(|both\(|tell\(|CommandFailure\(\s*\.\w+, )"([a-zA-Z.]+)""#)
        let names = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap {
            $0 as? String
        }
        var found = 0
        for name in names where name.hasSuffix(".swift") {
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            for match in text.matches(of: key) {
                let word = match[1].substring.map(String.init) ?? ""
                found += 1
                #expect(Words.table[word] != nil, "\(name): \(word)")
            }
        }
        #expect(found > 80)
    }

    @Test func theLanguageFollowsTheLocale() {
        #expect(Language(choice: nil, environment: [:]) == .chinese)
        #expect(Language(choice: nil, environment: ["LANG": "en_GB.UTF-8"]) == .english)
        #expect(Language(choice: nil, environment: ["LANG": "zh_CN.UTF-8"]) == .chinese)
        #expect(Language(choice: "zh", environment: ["LANG": "en_GB.UTF-8"]) == .chinese)
        #expect(Words(language: .english)("people.count", "3") == "3 participants present")
    }

    @Test func typedLinesAreUnderstood() {
        let lines: [(String, TypedLine)] = [
            ("", .nothing), ("   ", .nothing), ("老师好", .chat("老师好")), ("/hand", .hand), ("/举手", .hand),
            ("/lower", .lower), ("/vote 2", .vote(2)), ("/vote", .voteUnclear), ("/vote 0", .voteUnclear),
            ("/vote 二", .voteUnclear), ("/people", .people), ("/leave", .leave), ("/what", .unknown("/what")),
            ("/", .unknown("/")), ("//hand", .chat("/hand")), (" a /b", .chat("a /b")),
        ]
        for (text, line) in lines { #expect(TypedLine(text) == line, "\(text)") }
    }

    @Test func timesAreReadAndWritten() throws {
        let zone = try #require(TimeZone(identifier: "Asia/Shanghai"))
        let now = Date(timeIntervalSince1970: 1_795_420_800)
        let moment = TimeText.milliseconds("2026-11-23T09:00", zone: zone, now: now)
        #expect(moment == 1_795_395_600_000)
        #expect(TimeText.milliseconds("2026-11-23 09:00", zone: zone, now: now) == moment)
        for wrong in ["", "9", "25:00", "09:60", "2026-13-01T09:00", "2026-02-30T09:00", "x", "-1:00"] {
            #expect(TimeText.milliseconds(wrong, zone: zone, now: now) == nil, "\(wrong)")
        }
        let text = TimeText.moment(1_795_395_600_000, zone: "Asia/Shanghai", .chinese)
        #expect(text == "2026年11月23日 周一 09:00")
        #expect(
            TimeText.moment(1_795_395_600_000, zone: "Asia/Shanghai", .english) == "Mon 23 Nov 2026 09:00")
        #expect(TimeText.offset("12:48") == 768_000)
        #expect(TimeText.offset("1:02:03") == 3_723_000)
        #expect(TimeText.offset("a:b") == nil)
        #expect(TimeText.span(1_296_999) == "00:21:36")
    }

    @Test func tablesAreReadAsTheyWereWritten() {
        let bytes = Array("\u{FEFF}姓名,备注\r\n\"王,\"\"芳\"\"\",\"两\r\n行\"\r\n李,\r\n".utf8)
        #expect(DelimitedRows.rows(bytes) == [["姓名", "备注"], ["王,\"芳\"", "两\r\n行"], ["李", ""]])
        #expect(Columns.lines([["姓名", "分"], ["王晓明", "3"]]) == ["姓名    分", "王晓明  3"])
    }

    @Test func everyEndingHasAnExitStatus() {
        #expect(CommandFailure(.code(.ended)).status == .gone)
        #expect(CommandFailure(.code(.banned)).status == .refused)
        #expect(CommandFailure(.code(.codeUnknown)).status == .gone)
        #expect(CommandFailure(.untrusted("self-signed")).status == .network)
        #expect(CommandFailure(status: 401, code: "tokenInvalid").status == .refused)
        #expect(CommandFailure(status: 404, code: nil).status == .gone)
        #expect(CommandFailure(status: 503, code: nil).status == .failed)
        let words = Words(language: .english)
        #expect(CommandFailure(.code(.classFull)).sentence(words).contains("the class is full"))
    }
}
