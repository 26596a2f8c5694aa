import Foundation
import LiveRelayWire
import SessionModel
import Testing

@testable import LiveRelay

@Suite("The door")
struct AccessDoorTests {
    private let now = WallTime(milliseconds: 1_795_395_600_000)
    private let device = "a-random-secret-0"
    private let lesson = SessionID(unchecked: "k1")

    /// A door over a store in a folder of its own.
    private func withDoor(_ test: (Authorizer) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/liverelay-door-" + Secret.text(bytes: 9)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let identity = try Identity(path: folder + "/identity.sqlite")
        try await test(
            try await Authorizer.load(
                keysFolder: folder, identity: identity, limiter: AttemptLimiter(patienceMilliseconds: 0)))
    }

    private func person(_ name: String, _ number: String = "", _ affiliation: String = "") -> RosterPerson {
        RosterPerson(name: name, number: number, affiliation: affiliation, phoneEnding: nil)
    }

    private func join(
        _ door: Authorizer, _ code: JoinCode, _ name: String, _ number: String = "", device: String? = nil
    ) async -> Result<Admission, DisconnectCode> {
        await door.authorize(
            .code(code.digits, name: name, number: number, device: device ?? self.device), from: "10.0.0.1",
            now: now)
    }

    @Test func namesakesAreToldApartByNumber() async throws {
        try await withDoor { door in
            let code = try await door.identity.assignCode(to: lesson)
            let rows = try await door.identity.importRoster(
                [person("王伟", "0012", "一中"), person("王伟", "12", "二中")], into: lesson)
            let first = try await join(door, code, " 王伟 ", "００１２").get()
            #expect(first.person == rows[0].person && first.affiliation == "一中" && first.isVerified)
            #expect(first.number == "0012", "the number is shown as the roster has it")
            #expect(try await join(door, code, "王伟", "12").get().person == rows[1].person)
            let unknown = try await join(door, code, "王伟", "012").get()
            #expect(!unknown.isVerified && unknown.number == "012" && unknown.name == "王伟")
            #expect(try await join(door, code, "王伟").get().isVerified == false)
        }
    }

    @Test func aNameAloneIsEnoughOnlyWhereTheRosterHasNoNumber() async throws {
        try await withDoor { door in
            let code = try await door.identity.assignCode(to: lesson)
            let rows = try await door.identity.importRoster(
                [
                    person("李𬭎"), person("买买提•艾力"), person("赵敏", "7"), person("钱多", "", "甲"),
                    person("钱多", "", "乙"), person("Zoe\u{301}"),
                ], into: lesson)
            #expect(try await join(door, code, "李𬭎").get().person == rows[0].person)
            #expect(try await join(door, code, "买买提·艾力").get().name == "买买提•艾力")
            #expect(try await join(door, code, "赵敏").get().isVerified == false)
            #expect(try await join(door, code, "钱多").get().isVerified == false, "two people have this name")
            #expect(try await join(door, code, "Zo\u{E9}").get().person == rows[5].person)
        }
    }

    @Test func aGuestIsTheSamePersonAfterAReload() async throws {
        try await withDoor { door in
            let code = try await door.identity.assignCode(to: lesson)
            let first = try await join(door, code, "孙悟空").get()
            #expect(try await join(door, code, "孙悟空").get().person == first.person)
            #expect(
                try await join(door, code, "孙悟空", device: "another-secret-of-16").get().person != first.person
            )
            #expect(try await join(door, code, "猪八戒").get().person != first.person, "two share one computer")
        }
    }

    @Test func aRosterThatComesAgainKeepsItsPeople() async throws {
        try await withDoor { door in
            let identity = door.identity
            let first = try await identity.importRoster(
                [person("王伟", "0012", "一中"), person("李雷", "", "一中")], into: lesson)
            let again = try await identity.importRoster(
                [person("李雷", "", "一中"), person("王伟", "0012", "第一中学"), person("韩梅梅", "3")], into: lesson)
            #expect(again[0].person == first[1].person && again[1].person == first[0].person)
            let page = try await identity.roster(of: lesson)
            #expect(page.total == 3)
            #expect(page.rows.map(\.affiliation) == ["第一中学", "一中", ""])
            let elsewhere = try await identity.importRoster(
                [person("韩梅梅", "3"), person("王伟", "0012", "三中"), person("李雷", "", "一中")],
                into: SessionID(unchecked: "k2"))
            #expect(elsewhere[0].person == again[2].person, "name, number and 单位 agree: the same person")
            #expect(elsewhere[1].person != first[0].person, "another school's 0012")
            #expect(elsewhere[2].person != first[1].person, "without a number nobody can tell")
        }
    }

    /// Thousands of rows in less time than a walk through the class for each of them would take.
    @Test(.timeLimit(.minutes(1))) func aLargeRosterIsImportedAndComesAgain() async throws {
        try await withDoor { door in
            let people = (0..<4_000).map { person("学员\($0)", String(format: "%06d", $0), "第\($0 % 300)中学") }
            let first = try await door.identity.importRoster(people, into: lesson)
            let again = try await door.identity.importRoster(people, into: lesson)
            #expect(first.count == 4_000 && first == again)
            #expect(try await door.identity.listed(name: "学员77", number: "000077", in: lesson) == first[77])
        }
    }

    @Test func codesAreUniqueAndForgiveHowTheyAreTyped() async throws {
        try await withDoor { door in
            let identity = door.identity
            let fixed = try #require(JoinCode("482915603"))
            #expect(try await identity.assignCode(to: lesson, draw: { fixed }) == fixed)
            #expect(try await identity.assignCode(to: lesson) == fixed, "a class keeps its code")
            await #expect(throws: IdentityFailure.codesExhausted) {
                try await identity.assignCode(to: SessionID(unchecked: "k2"), draw: { fixed })
            }
            #expect(try await identity.session(with: fixed) == lesson)
        }
        #expect(JoinCode("482 915 603")?.digits == "482915603")
        #expect(JoinCode("４８２-915-６０３")?.digits == "482915603")
        for wrong in ["", "48291560", "4829156033", "082915603", "48291560x", "٤٨٢٩١٥٦٠٣", "482915603\n"] {
            #expect(JoinCode(wrong) == nil, "\(wrong)")
        }
    }

    @Test func thousandsOfWrongCodesFindNothing() async throws {
        try await withDoor { door in
            let code = try await door.identity.assignCode(to: lesson)
            var refusals: [DisconnectCode: Int] = [:]
            for guess in 0..<3_000 {
                let result = await door.session(
                    code: String(100_000_000 + guess), from: "203.0.113.9", now: now)
                if case .failure(let why) = result { refusals[why, default: 0] += 1 }
            }
            #expect(refusals[.codeUnknown] == Int(AttemptTable.guessesCountMaximum))
            #expect(refusals[.tooManyAttempts] == 3_000 - Int(AttemptTable.guessesCountMaximum))
            #expect(
                await door.session(code: code.digits, from: "203.0.113.9", now: now)
                    == .failure(.tooManyAttempts))
            #expect(await door.session(code: code.digits, from: "203.0.113.10", now: now) == .success(lesson))
            let later = WallTime(milliseconds: now.milliseconds + AttemptTable.refillMilliseconds)
            #expect(
                await door.session(code: code.digits, from: "203.0.113.9", now: later) == .success(lesson))
            #expect(
                await door.session(code: "12345", from: "203.0.113.9", now: later) == .failure(.codeUnknown),
                "what cannot be a code is not counted")
            for _ in 0..<100 {
                #expect(
                    await door.session(code: code.digits, from: "203.0.113.9", now: later)
                        == .success(lesson),
                    "the address is known to have this code")
            }
        }
    }

    @Test func aSchoolBehindOneAddressComesInAtOnce() async throws {
        try await withDoor { door in
            let code = try await door.identity.assignCode(to: lesson)
            for _ in 0..<1_000 {
                #expect(
                    await door.session(code: code.digits, from: "198.51.100.1", now: now) == .success(lesson))
            }
        }
    }

    @Test func wrongNamesAndDevicesAreRefused() async throws {
        try await withDoor { door in
            let code = try await door.identity.assignCode(to: lesson)
            for name in [
                "", "   ", "\u{200B}", "a\u{0}b", "a\nb", "\u{202E}gnp", String(repeating: "长", count: 65),
            ] {
                #expect(await join(door, code, name) == .failure(.nameInvalid), "\(name.debugDescription)")
            }
            #expect(await join(door, code, "王伟", String(repeating: "1", count: 33)) == .failure(.nameInvalid))
            for device in ["", "short", "with blanks and more", String(repeating: "a", count: 65)] {
                #expect(await join(door, code, "王伟", device: device) == .failure(.joinExpected))
            }
            #expect(try await join(door, code, String(repeating: "长", count: 64)).get().isVerified == false)
        }
    }

    @Test func aTokenLeadsToASeatOnlyWithTheRightRoleAndClass() async throws {
        try await withDoor { door in
            let rows = try await door.identity.importRoster([person("王伟", "0012", "一中")], into: lesson)
            let expires = WallTime(milliseconds: now.milliseconds + 60_000)
            func admission(_ claims: AccessClaims) async throws -> Result<Admission, DisconnectCode> {
                await door.authorize(.token(try await door.tokens.issue(claims)), from: "10.0.0.1", now: now)
            }
            let seat = try await admission(
                AccessClaims(
                    person: rows[0].person, role: .participant, session: lesson, name: "", notBefore: now,
                    expires: expires)
            ).get()
            #expect(seat.name == "王伟" && seat.number == "0012" && seat.affiliation == "一中")
            for role in Role.allCases {
                let claims = AccessClaims(
                    person: PersonID(unchecked: "p"), role: role, session: lesson, name: "甲", notBefore: now,
                    expires: expires)
                let result = try await admission(claims)
                #expect(
                    role.takesSeat ? (try? result.get().role) == role : result == .failure(.roleCannotJoin))
            }
            let scoped = AccessClaims(
                person: PersonID(unchecked: "p"), role: .supervisor, scope: .everything, name: "甲",
                notBefore: now, expires: expires)
            #expect(try await admission(scoped) == .failure(.classUnknown))
            #expect(
                await door.authorize(.token("x.y.z"), from: "10.0.0.1", now: now) == .failure(.tokenInvalid))
        }
    }
}
