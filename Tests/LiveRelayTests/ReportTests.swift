import Foundation
import LiveRelayWire
import Recorder
import SessionModel
import Testing
import WebSocketCore

@testable import LiveRelay

@Suite("Reports and replays")
struct ReportTests {
    /// Reads CSV as a stranger would: records and cells with RFC 4180's quotes taken off.
    private func cells(_ bytes: [UInt8], _ encoding: TextEncoding) throws -> [[String]] {
        var reader = DelimitedText(bytes)
        var rows: [[String]] = []
        while let record = reader.next() {
            rows.append(try #require(record.fields).map { try #require(encoding.decode($0)) })
        }
        return rows
    }

    @Test func theTableSaysWhatTheScriptDidToTheSecond() async throws {
        let document = try await ReportScript.told().document()
        let table = ReportTable(document, language: .chinese)
        #expect(table.columns.prefix(8) == ["姓名", "工号", "单位", "角色", "名册", "结果", "首次进入", "最后离开"])
        func row(_ number: String, _ name: String) throws -> [String: String] {
            let row = try #require(table.rows.first { $0[1] == number && $0[0] == name })
            return Dictionary(uniqueKeysWithValues: zip(table.columns, row))
        }
        let first = try row("0012", "王伟")
        #expect(first["首次进入"] == "2026-11-23 23:50:00" && first["最后离开"] == "2026-11-24 00:36:00")
        #expect(first["在线（秒）"] == "2400" && first["在线占比（%）"] == "100" && first["课间在线（秒）"] == "300")
        #expect(first["结果"] == "到课" && first["举手"] == "1" && first["发言次数"] == "1" && first["发言（秒）"] == "45")
        #expect(first["聊天"] == "1" && first["记名投票"] == "1" && first["名册"] == "应到")
        #expect(first["进出明细"] == "23:50:00-2026-11-24 00:36:00")
        let late = try row("12", "王伟")
        #expect(late["首次进入"] == "2026-11-24 00:00:00" && late["迟到（秒）"] == "540" && late["结果"] == "到课、迟到")
        #expect(late["在线（秒）"] == "1860")
        let early = try row("110101199003074512", "李𬭎")
        #expect(early["首次进入"] == "2026-11-23 23:51:00" && early["最后离开"] == "2026-11-24 00:20:00")
        #expect(early["早退（秒）"] == "960" && early["在线（秒）"] == "1440" && early["结果"] == "到课、早退")
        let absent = try row("", "赵敏")
        #expect(absent["结果"] == "缺勤" && absent["首次进入"] == "" && absent["进出明细"] == "")
        #expect(try row("", "@路人")["名册"] == "待核对")
        #expect(table.rows.count == 7, "five expected, one guest, the lecturer; no supervisor")
    }

    @Test func stubbornCellsSurviveBothCodings() async throws {
        let document = try await ReportScript.told().document()
        for encoding in TextEncoding.allCases {
            let table = ReportTable(document, language: .chinese)
            let bytes = try #require(table.fileBytes(encoding))
            #expect(bytes.starts(with: [0xEF, 0xBB, 0xBF]) == (encoding == .utf8))
            let rows = try cells(bytes, encoding)
            #expect(rows.first == table.columns)
            let read = rows.dropFirst().map { $0.map { $0.hasPrefix("'") ? String($0.dropFirst()) : $0 } }
            #expect(Array(read) == table.rows)
            #expect(rows.contains { $0[1] == "0012" } && rows.contains { $0[1] == "110101199003074512" })
            #expect(rows.contains { $0[1] == "'-7" && $0[2] == "\"引号\"小学" })
            #expect(rows.contains { $0[2] == "'=HYPERLINK(\"x\")" } && rows.contains { $0[0] == "'@路人" })
            let text = try #require(encoding.decode(bytes))
            #expect(text.components(separatedBy: "\r\n").count == rows.count + 1)
            #expect(!text.replacing("\r\n", with: "").unicodeScalars.contains("\n"))
        }
    }

    @Test(
        arguments: [
            ("=1+1", "\"'=1+1\""), ("+86", "\"'+86\""), ("-1", "\"'-1\""), ("@x", "\"'@x\""),
            ("\tx", "\"'\tx\""),
            ("＝1", "\"'＝1\""), ("a=1", "a=1"), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), (" a", "\" a\""),
            ("", ""), ("0012", "0012"), ("王𬭎·", "王𬭎·"),
        ])
    func cellsAreQuotedWhereTheyMustBe(_ text: String, _ cell: String) {
        #expect(ReportTable.cell(text) == cell)
    }

    @Test func figuresAreTheSameInJSONAndTable() async throws {
        let document = try await ReportScript.told().document()
        let data = try JSONEncoder().encode(document)
        #expect(try JSONDecoder().decode(ReportDocument.self, from: data) == document)
        #expect(document.counts.expected == 5 && document.counts.present == 3 && document.counts.absent == 2)
        #expect(document.lessonMilliseconds == 2_400_000 && document.isFinal)
        #expect(document.breaks.map { $0.to.milliseconds - $0.from.milliseconds } == [300_000])
        #expect(document.lecturers == ["张华"])
        let english = ReportTable(document, language: .english)
        #expect(english.columns.first == "name" && english.rows[0][10] == "2400")
    }

    @Test func theSameLogGivesTheSameBytesWhenever() async throws {
        let script = try await ReportScript.told()
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let first = try encoder.encode(await script.document())
        await script.directory.wait(seconds: 100_000_000)
        #expect(try encoder.encode(await script.document()) == first)
    }

    @Test func everyReaderSeesWhatIsForHim() async throws {
        let script = try await ReportScript.told()
        let all = try await script.document()
        #expect(all.visits?.map(\.name) == ["巡视员"])
        #expect(all.moderation?.map(\.act) == ["chatHidden"] && all.moderation?.first?.by == "张华")
        let lecturer = try await script.document(.classroom)
        #expect(lecturer.visits == nil && lecturer.moderation?.count == 1)
        let own = try await script.document(.person(PersonID(unchecked: "p3")))
        #expect(own.rows.map(\.name) == ["李𬭎"] && own.visits == nil && own.moderation == nil)
        #expect(own.counts == all.counts && own.polls[0].answers == [])
        let stranger = try await script.document(.person(PersonID(unchecked: "nobody")))
        #expect(stranger.rows.isEmpty)
    }

    @Test func theCostIsForStaffAndTheSameInEveryForm() async throws {
        let script = try await ReportScript.told()
        let traffic = ClassTraffic(sound: 9_120_044, other: 48_210)
        await script.directory.bill(traffic, ClassDiskUse(log: 1_200, texts: 340, recording: 77_000))
        let document = try await script.document(.classroom)
        let cost = try #require(document.cost)
        // Lecturer and first 46 min each, second and guest 36, third 29, supervisor 530 s: 201.8 min.
        #expect(cost.personMinutes == 201 && cost.sentBytes == traffic)
        #expect(cost == ClassCost(try await script.directory.recording(of: script.session)))
        #expect(try await script.document(.person(PersonID(unchecked: "p3"))).cost == nil)
        let table = ReportTable(cost, language: .english)
        #expect(table.rows == [["201", "9120044", "48210", "1200", "340", "77000"]])
        let bytes = try #require(ReportTable(cost, language: .chinese).fileBytes(.gb18030))
        #expect(try cells(bytes, .gb18030)[1] == table.rows[0])
    }

    @Test func anonymousAnswersNeverLeave() async throws {
        let document = try await ReportScript.told().document()
        let poll = try #require(document.polls.last)
        #expect(poll.secrecy == .anonymous && poll.count == 1 && poll.answers == nil && poll.sums == nil)
        #expect(document.polls[0].answers?.map(\.name) == ["王伟"] && document.polls[0].sums == [0, 1])
    }

    @Test func aReplayShowsWhatEverybodySaw() async throws {
        let script = try await ReportScript.told()
        let replay = ReplayDocument(
            try await script.directory.recording(of: script.session),
            card: try await script.directory.entry(script.session).card)
        #expect(replay.chat.map(\.text) == ["老师好 <b>=1+1</b>"], "what was taken out of sight stays so")
        #expect(replay.chat.first?.at.milliseconds == 70_000)
        #expect(replay.hands.map(\.what) == [.raised, .called, .ended])
        #expect(replay.hands.map(\.at.milliseconds) == [600_000, 630_000, 675_000])
        #expect(
            replay.breaks == [
                Span(from: SessionTime(milliseconds: 1_200_000), to: SessionTime(milliseconds: 1_500_000))
            ])
        #expect(replay.wall == ReportScript.evening)
        #expect(replay.from.milliseconds == 60_000 && replay.to.milliseconds == 2_760_000)
        #expect(!replay.people.contains { $0.name == "巡视员" })
        #expect(replay.polls.map(\.options) == [["清楚", "不清楚"], ["清楚", "不清楚"]])
    }

    @Test func erasedNamesAndTextsLeaveTheFigures() async throws {
        let script = try await ReportScript.told()
        let whole = try await script.directory.recording(of: script.session)
        let card = try await script.directory.entry(script.session).card
        let erased = ClassRecording(
            header: whole.header, events: whole.events,
            people: whole.people.filter { $0.person.text != "p1" }, texts: [], now: whole.now)
        let document = ReportDocument(erased, card: card)
        let row = try #require(document.rows.first { $0.person.text == "p1" })
        #expect(row.name.isEmpty && row.number.isEmpty && row.attendance.onlineMilliseconds == 2_400_000)
        #expect(document.polls[0].question == nil && document.polls[0].options == [nil, nil])
        #expect(document.counts == ReportDocument(whole, card: card).counts)
        #expect(ReplayDocument(erased, card: card).chat.first?.text == nil)
    }

    @Test(
        arguments: [
            ("Asia/Shanghai", "2026-11-24 00:00:00"), ("UTC", "2026-11-23 16:00:00"),
            ("America/New_York", "2026-11-23 11:00:00"), ("Asia/Kathmandu", "2026-11-23 21:45:00"),
            ("Etc/GMT-14", "2026-11-24 06:00:00"), ("No/Such", "2026-11-23 16:00:00"),
        ])
    func momentsAreWrittenInTheZoneOfTheClass(_ zone: String, _ text: String) {
        #expect(LocalTime(zone: zone).text(WallTime(milliseconds: 1_795_449_600_999)) == text)
    }

    @Test func yearsAndDaysAreReckonedRight() {
        let time = LocalTime(zone: "UTC")
        #expect(time.text(WallTime(milliseconds: 0)) == "1970-01-01 00:00:00")
        #expect(time.text(WallTime(milliseconds: -1)) == "1969-12-31 23:59:59")
        #expect(time.text(WallTime(milliseconds: 951_782_400_000)) == "2000-02-29 00:00:00")
        #expect(time.text(WallTime(milliseconds: 253_402_300_799_999)) == "9999-12-31 23:59:59")
        #expect(time.text(WallTime(milliseconds: .max)) == "9999-12-31 23:59:59")
        #expect(time.text(WallTime(milliseconds: .min)) == "0001-01-01 00:00:00")
    }

    @Test func theInterfaceGivesTheSameReport() async throws {
        try await ApiServer.with { server in
            let session = try #require(try await server.plan().session)
            let wang = try ReportScript.entry("wang", "=王伟", "0012", "一中", .roster)
            try await server.directory.expect([wang], in: session)
            try await server.directory.carryOut(.open, by: .administrator, in: session)
            _ = try await server.directory.join(wang, as: .participant, in: session)
            _ = try await server.directory.end(session)
            let path = "/api/v1/classes/\(session)/report"
            let all = try await server.ask(.get, path, token: server.administrator)
            #expect(all.status == 200 && all.list("rows")?.count == 1 && all.list("visits") != nil)
            let own = try await server.ask(.get, path, token: try await server.token(.participant, session))
            #expect(own.string("rows", 0, "number") == "0012" && own.list("moderation") == nil)
            let other = try await server.token(.participant, session, person: "li")
            #expect(try await server.ask(.get, path, token: other).list("rows")?.isEmpty == true)
            let table = try await server.ask(
                .get, path + ".csv?encoding=gb18030&lang=en", token: server.administrator)
            #expect(table.headers["content-type"] == "text/csv; charset=gb18030; header=present")
            #expect(table.headers["content-disposition"]?.hasPrefix("attachment; filename=\"report-") == true)
            #expect(TextEncoding.gb18030.decode(table.body)?.contains("\"'=王伟\",0012,一中") == true)
            #expect(
                try await server.ask(.get, path + ".csv?encoding=latin1", token: server.administrator).status
                    == 400)
            #expect(
                try await server.ask(.get, path + ".csv", token: try await server.token(.viewer, session))
                    .status == 403)
        }
    }
}
