import LiveRelayWire
import Recorder
import SessionModel

/// The languages in which the server itself writes words: the head of a table that leaves it as a file.
public enum ReportLanguage: String, CaseIterable, Hashable, Sendable {
    /// 简体中文.
    case chinese = "zh"
    /// English.
    case english = "en"
}

/// The people of a report as a table: one row a person, every figure as the report has it; or its cost.
///
/// Durations are whole seconds, what is left of a second is cut off. Moments are in the time zone of the
/// class. A 工号 is a plain cell with exactly its digits: a program that reads the file gets them all; a
/// spreadsheet that is to keep leading zeros imports the column as text.
public struct ReportTable: Hashable, Sendable {
    /// The head.
    public let columns: [String]
    /// The cells, row by row.
    public let rows: [[String]]

    private struct Column {
        let chinese: String
        let english: String
        let cell: (ReportPerson, LocalTime) -> String
    }

    /// A table of everybody in a report.
    public init(_ document: ReportDocument, language: ReportLanguage) {
        let time = LocalTime(zone: document.class.timeZone)
        let words = ReportWords(language)
        let columns = Self.columns(words)
        self.columns = columns.map { language == .chinese ? $0.chinese : $0.english }
        rows = document.rows.map { person in columns.map { $0.cell(person, time) } }
    }

    private static func columns(_ words: ReportWords) -> [Column] {
        func seconds(_ milliseconds: Int64?) -> String { milliseconds.map { String($0 / 1_000) } ?? "" }
        return [
            Column(chinese: "姓名", english: "name") { person, _ in person.name },
            Column(chinese: "工号", english: "number") { person, _ in person.number },
            Column(chinese: "单位", english: "affiliation") { person, _ in person.affiliation },
            Column(chinese: "角色", english: "role") { person, _ in words.role(person.attendance.role) },
            Column(chinese: "名册", english: "roster") { person, _ in words.listing(person) },
            Column(chinese: "结果", english: "verdict") { person, _ in words.verdict(person.attendance) },
            Column(chinese: "首次进入", english: "first join") { person, time in
                person.firstJoin.map(time.text) ?? ""
            },
            Column(chinese: "最后离开", english: "last leave") { person, time in
                person.lastLeave.map(time.text) ?? ""
            },
            Column(chinese: "迟到（秒）", english: "late (s)") { person, _ in
                seconds(person.attendance.lateMilliseconds)
            },
            Column(chinese: "早退（秒）", english: "left early (s)") { person, _ in
                seconds(person.attendance.earlyLeaveMilliseconds)
            },
            Column(chinese: "在线（秒）", english: "online (s)") { person, _ in
                seconds(person.attendance.onlineMilliseconds)
            },
            Column(chinese: "在线占比（%）", english: "online (%)") { person, _ in
                String(person.attendance.onlinePercent)
            },
            Column(chinese: "有效收听（秒）", english: "listening (s)") { person, _ in
                seconds(person.attendance.listeningMilliseconds)
            },
            Column(chinese: "断线（秒）", english: "interrupted (s)") { person, _ in
                seconds(person.attendance.interruptedMilliseconds)
            },
            Column(chinese: "断线次数", english: "interruptions") { person, _ in
                String(person.attendance.interruptionsCount)
            },
            Column(chinese: "平台中断（秒）", english: "platform outage (s)") { person, _ in
                seconds(person.attendance.outageMilliseconds)
            },
            Column(chinese: "课间在线（秒）", english: "in breaks (s)") { person, _ in
                seconds(person.attendance.breakMilliseconds)
            },
            Column(chinese: "聊天", english: "chats") { person, _ in String(person.engagement.chatsCount) },
            Column(chinese: "举手", english: "hands") { person, _ in String(person.engagement.handsCount) },
            Column(chinese: "发言次数", english: "turns") { person, _ in
                String(person.engagement.turnsCount)
            },
            Column(chinese: "发言（秒）", english: "talk (s)") { person, _ in
                seconds(person.engagement.talkMilliseconds)
            },
            Column(chinese: "记名投票", english: "named votes") { person, _ in
                String(person.engagement.namedVotesCount)
            },
            Column(chinese: "进出明细", english: "intervals") { person, time in intervals(person, time) },
        ]
    }

    /// What the class has cost, as a table of one row.
    public init(_ cost: ClassCost, language: ReportLanguage) {
        let cells: [(chinese: String, english: String, count: Int64)] = [
            ("人分钟", "person-minutes", cost.personMinutes),
            ("已发送声音（字节）", "sound sent (bytes)", Int64(cost.sentBytes.sound)),
            ("已发送其他（字节）", "other sent (bytes)", Int64(cost.sentBytes.other)),
            ("磁盘：课堂记录（字节）", "disk: log (bytes)", Int64(cost.diskBytes.log)),
            ("磁盘：文字（字节）", "disk: texts (bytes)", Int64(cost.diskBytes.texts)),
            ("磁盘：录音（字节）", "disk: recording (bytes)", Int64(cost.diskBytes.recording)),
        ]
        columns = cells.map { language == .chinese ? $0.chinese : $0.english }
        rows = [cells.map { String($0.count) }]
    }

    /// `09:00:05-09:20:00; 09:21:10-09:45:00`; the date stands where it changes.
    private static func intervals(_ person: ReportPerson, _ time: LocalTime) -> String {
        guard let first = person.firstJoin else { return "" }
        return person.spans.filter { $0.interruption == nil }.map {
            time.text($0.from, onDateOf: first) + "-" + time.text($0.to, onDateOf: $0.from)
        }.joined(separator: "; ")
    }

    /// The file: RFC 4180 with CRLF; before UTF-8 the mark by which spreadsheets know it. Nil where the
    /// system lacks the coding.
    public func fileBytes(_ encoding: TextEncoding) -> [UInt8]? {
        let text = ([columns] + rows).map { $0.map(Self.cell).joined(separator: ",") + "\r\n" }.joined()
        return encoding.encode(encoding == .utf8 ? "\u{FEFF}" + text : text)
    }

    /// A cell with its quotes. What a spreadsheet would take for a formula gets an apostrophe before it.
    static func cell(_ text: String) -> String {
        let isFormula = text.unicodeScalars.first.map { formulaStarts.contains($0) } ?? false
        let safe = isFormula ? "'" + text : text
        let needsQuotes =
            isFormula || safe.unicodeScalars.contains { $0 == "," || $0 == "\"" || $0 == "\n" || $0 == "\r" }
            || safe.unicodeScalars.first == " " || safe.unicodeScalars.last == " "
        guard needsQuotes else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }

    private static let formulaStarts: Set<Unicode.Scalar> = [
        "=", "+", "-", "@", "\t", "\r", "\n", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
    ]
}

/// The words of a report that stand in cells.
private struct ReportWords {
    private let isChinese: Bool

    init(_ language: ReportLanguage) { isChinese = language == .chinese }

    func role(_ role: Role) -> String {
        switch role {
        case .lecturer: isChinese ? "主讲" : "lecturer"
        case .assistant: isChinese ? "助教" : "assistant"
        case .participant: isChinese ? "学员" : "participant"
        case .supervisor: isChinese ? "巡课" : "supervisor"
        case .expert: isChinese ? "评审专家" : "expert"
        case .viewer: isChinese ? "回看" : "viewer"
        case .administrator: isChinese ? "管理员" : "administrator"
        }
    }

    func listing(_ person: ReportPerson) -> String {
        if person.attendance.isExpected { return isChinese ? "应到" : "expected" }
        if !person.isVerified { return isChinese ? "待核对" : "to be checked" }
        return person.attendance.isUnexpected ? (isChinese ? "名册外" : "not on the roster") : ""
    }

    func verdict(_ row: AttendanceRow) -> String {
        switch row.verdict {
        case .notJudged: return ""
        case .absent: return isChinese ? "缺勤" : "absent"
        case .attended:
            var words = [isChinese ? "到课" : "attended"]
            if row.lateMilliseconds != nil { words.append(isChinese ? "迟到" : "late") }
            if row.earlyLeaveMilliseconds != nil { words.append(isChinese ? "早退" : "left early") }
            return words.joined(separator: isChinese ? "、" : ", ")
        }
    }
}
