import Foundation
import SessionModel
import Testing

@testable import LiveRelay

@Suite("Roster files")
struct RosterFileTests {
    private func read(_ text: String, _ encoding: TextEncoding = .utf8) throws -> RosterFile {
        RosterFile(try #require(encoding.encode(text)))
    }

    private func problems(_ file: RosterFile) -> [String] { file.problems.map { "\($0.line) \($0.code)" } }

    private let lines = """
        姓名,工号,单位,手机
        王晓明,0012,第一中学,13800001234
        李𬭎,110101199003074512,第一中学,
        买买提·艾力,A-7,"第二中学, 东校区",
        """

    @Test(arguments: ["\n", "\r\n", "\r"], [TextEncoding.utf8, .gb18030])
    func bothCodingsAndAllLineEndsGiveTheSame(_ end: String, _ encoding: TextEncoding) throws {
        let file = try read(lines.replacing("\n", with: end) + end, encoding)
        #expect(file.problems.isEmpty && file.encoding == encoding)
        #expect(file.people.map(\.name) == ["王晓明", "李𬭎", "买买提·艾力"])
        #expect(file.people.map(\.number) == ["0012", "110101199003074512", "A-7"])
        #expect(file.people.map(\.affiliation) == ["第一中学", "第一中学", "第二中学, 东校区"])
        #expect(file.people.map(\.phoneEnding) == ["1234", nil, nil])
    }

    @Test func theMarkBeforeUTF8IsNoPartOfTheFirstTitle() throws {
        #expect(try read("\u{FEFF}" + lines).people.count == 3)
        #expect(try read("\u{FEFF}\"姓名\",工号\r\n甲,1").people.first?.name == "甲")
    }

    @Test func columnsMayComeInAnyOrderAndInEnglish() throws {
        let file = try read("Phone, Number ,extra,NAME\n,7,x,Zoë\n")
        #expect(
            file.people.first == RosterPerson(name: "Zoë", number: "7", affiliation: "", phoneEnding: nil))
        #expect(problems(try read("工号,单位\n1,甲\n")) == ["1 columnsMissing"])
        #expect(problems(try read("")) == ["1 columnsMissing"])
        #expect(problems(RosterFile([0xFF, 0xFE, 0x00, 0x01])) == ["1 columnsMissing"])
    }

    @Test func brokenLinesAreNamedAndTheOthersKept() throws {
        let file = try read(
            """
            姓名,工号,单位
            王伟,0012,一中
            ,13,一中
            赵\u{202E}敏,14,一中
            "李"雷,15,一中
            韩梅梅,\(String(repeating: "9", count: 33)),一中
            周末,1.23457E+17,一中
            王伟,０012,二中
            吴双,0012,一中
            吴双,0012,三中

            郑和,,一中
            郑和,,一中
            冯唐,,\(String(repeating: "校", count: 101))
            ,,
            陈晨,="0099",一中
            "褚时,16,一中
            """)
        #expect(
            problems(file) == [
                "3 nameMissing", "4 nameInvalid", "5 quoteInvalid", "6 numberInvalid", "7 numberInvalid",
                "8 numberDuplicate", "9 numberDuplicate", "13 personDuplicate", "14 affiliationInvalid",
                "17 quoteInvalid",
            ])
        #expect(file.people.map(\.name) == ["王伟", "吴双", "郑和", "陈晨"])
        #expect(file.people.last?.number == "0099")
    }

    @Test func aBrokenCharacterCostsItsLineOnly() throws {
        var bytes = Array("姓名,工号\n王伟,1\n李".utf8)
        bytes += [0xC3, 0x28]
        bytes += Array(",2\n赵敏,3\n".utf8)
        let file = RosterFile(bytes)
        #expect(file.encoding == .utf8 && problems(file) == ["3 encodingInvalid"])
        #expect(file.people.map(\.name) == ["王伟", "赵敏"])
        var national = try #require(TextEncoding.gb18030.encode("姓名,工号\n王伟,1\n"))
        national += [0x81, 0x20] + Array(",2\n".utf8)
        national += try #require(TextEncoding.gb18030.encode("赵敏,3\n"))
        #expect(problems(RosterFile(national)) == ["3 encodingInvalid"])
        #expect(RosterFile(national).people.map(\.name) == ["王伟", "赵敏"])
    }

    @Test func aHeadInEnglishDoesNotHideGB18030() throws {
        let file = try read("name,number\n王伟,1\n李雷,2\n", .gb18030)
        #expect(file.encoding == .gb18030 && file.people.map(\.name) == ["王伟", "李雷"])
    }

    @Test func aClassExpectsOnlySoMany() throws {
        let rows = (0...SessionLimits.expectedCountMaximum).map { "甲,\($0)\n" }.joined()
        let file = try read("姓名,工号\n" + rows)
        #expect(file.people.count == SessionLimits.expectedCountMaximum)
        #expect(problems(file) == ["\(SessionLimits.expectedCountMaximum + 2) tooManyRows"])
    }

    @Test func quotesSpanLinesAndDoubleInside() {
        var reader = DelimitedText(Array("a,\"b\r\nc\"\"d\"\r\n\r\n\"\",x\n\"e".utf8))
        let bytes = { (text: String) in Array(text.utf8) }
        #expect(reader.next() == .init(line: 1, fields: [bytes("a"), bytes("b\r\nc\"d")]))
        #expect(reader.next() == .init(line: 4, fields: [[], bytes("x")]))
        #expect(reader.next() == .init(line: 5, fields: nil))
        #expect(reader.next() == nil)
    }

    /// Any bytes at all: the reader ends, and never gives more lines than there are.
    @Test func noBytesStopTheReader() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var state = seed
        let alphabet = Array("\"\",,\n\r a王".utf8) + [0xFF, 0x81, 0x30]
        for _ in 0..<2_000 {
            let bytes = (0..<40).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return alphabet[Int(state >> 33) % alphabet.count]
            }
            var reader = DelimitedText(bytes)
            var count = 0
            while let record = reader.next() {
                count += 1
                #expect(record.line <= 41 && count <= 41, "seed \(seed)")
                if count > 41 { return }
            }
            let file = RosterFile(Array("姓名,工号\n".utf8) + bytes)
            #expect(file.people.allSatisfy { PersonName.isValid($0.name) }, "seed \(seed)")
        }
    }

    @Test func everyCharacterSurvivesGB18030() throws {
        let text = "王𬭎·䶮㐂①\u{20000}\u{2CB4E}é"
        #expect(TextEncoding.gb18030.decode(try #require(TextEncoding.gb18030.encode(text))) == text)
        #expect(TextEncoding.gb18030.encode("\u{2CB4E}")?.count == 4)
    }
}
