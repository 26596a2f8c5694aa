import LiveRelayWire
import Recorder
import SessionModel
import Testing

@testable import LiveRelay

/// A class of 45 minutes that is told second by second: who comes, who goes, what is said. It begins ten
/// minutes before midnight.
struct ReportScript {
    /// 23:50 in China.
    static let evening = WallTime(milliseconds: 1_795_449_000_000)

    let directory = ApiDirectory(createdAt: ReportScript.evening)
    let session: SessionID
    private(set) var seats: [String: SeatID] = [:]

    static let people: [(id: String, name: String, number: String, affiliation: String)] = [
        ("p1", "王伟", "0012", "第一中学"),
        ("p2", "王伟", "12", "=HYPERLINK(\"x\")"),
        ("p3", "李𬭎", "110101199003074512", "第一中学,东校区"),
        ("p4", "买买提·艾力", "-7", "\"引号\"小学"),
        ("p5", "赵敏", "", ""),
    ]

    init() async throws {
        let plan = SessionPlan(
            title: "夜课 𬭎", kind: .smallInteractive, plannedStart: ReportScript.evening, plannedMinutes: 45)
        session = try await directory.create(plan, people: []).card.id
        try await run(.startRelay(run: 1, wall: ReportScript.evening), by: .relay)
        let listed = try Self.people.map {
            try Self.entry($0.id, $0.name, $0.number, $0.affiliation, .roster)
        }
        try await directory.expect(listed, in: session)
    }

    static func entry(
        _ id: String, _ name: String, _ number: String, _ affiliation: String, _ source: PersonSource
    ) throws -> PersonEntry {
        try #require(
            PersonEntry(
                person: PersonID(unchecked: id), name: name, number: number, affiliation: affiliation,
                source: source))
    }

    func run(_ command: Command, by actor: Actor, texts: [TextEntry] = []) async throws {
        try await directory.carryOut(command, by: actor, in: session, texts: texts)
    }

    mutating func join(_ id: String, _ role: Role = .participant, as entry: PersonEntry? = nil) async throws {
        let known = Self.people.first { $0.id == id }
        let made = try known.map { try Self.entry(id, $0.name, $0.number, $0.affiliation, .roster) }
        let person = try #require(entry ?? made)
        seats[id] = try await directory.join(person, as: role, in: session)
    }

    func leave(_ id: String) async throws { try await run(.leave, by: .seat(try seat(id))) }

    func seat(_ id: String) throws -> SeatID { try #require(seats[id]) }

    /// A typed text with the reference that stands in the log.
    static func text(_ number: Int, _ text: String) throws -> TextEntry {
        try #require(
            TextEntry(
                ref: TextID(unchecked: "x\(number)"), salt: [UInt8](repeating: UInt8(number), count: 32),
                text: text))
    }

    /// The whole class. Times in seconds: door 0, start 60, break 1,200 to 1,500, end 2,760.
    static func told() async throws -> ReportScript {
        var script = try await ReportScript()
        let at = script.directory
        try await script.run(.open, by: .administrator)
        try await script.join("z", .lecturer, as: entry("z", "张华", "", "教研室", .token))
        try await script.join("p1")
        await at.wait(seconds: 60)
        try await script.run(.start, by: .seat(script.seat("z")))
        try await script.join("p3")
        await at.wait(seconds: 10)
        try await script.join("v", .supervisor, as: entry("v", "巡视员", "", "", .token))
        let greeting = try text(1, "老师好 <b>=1+1</b>")
        try await script.run(
            .postChat(text: greeting.reference, characters: 5), by: .seat(script.seat("p1")),
            texts: [greeting])
        let rude = try text(2, "不当言论")
        try await script.run(
            .postChat(text: rude.reference, characters: 4), by: .seat(script.seat("p3")), texts: [rude])
        try await script.run(.hideChat(ChatID(unchecked: "c2")), by: .seat(script.seat("z")))
        await at.wait(seconds: 530)
        try await script.join("p2")
        try await script.leave("v")
        try await script.join("g", as: entry("g", "@路人", "", "", .guest))
        try await script.run(.raiseHand, by: .seat(script.seat("p1")))
        await at.wait(seconds: 30)
        try await script.run(.callToSpeak(script.seat("p1")), by: .seat(script.seat("z")))
        await at.wait(seconds: 45)
        try await script.run(.endTurn(nil), by: .seat(script.seat("p1")))
        await at.wait(seconds: 525)
        try await script.run(.startBreak(minutes: 5), by: .seat(script.seat("z")))
        await at.wait(seconds: 300)
        try await script.run(.endBreak, by: .seat(script.seat("z")))
        try await script.polls()
        await at.wait(seconds: 300)
        try await script.leave("p3")
        await at.wait(seconds: 960)
        try await script.run(.end, by: .seat(script.seat("z")))
        return script
    }

    private func polls() async throws {
        for (number, secrecy) in [(10, PollSecrecy.named), (20, .anonymous)] {
            let texts = try [(number, "听得清吗？"), (number + 1, "清楚"), (number + 2, "不清楚")].map {
                try Self.text($0.0, $0.1)
            }
            let poll = PollID(unchecked: number == 10 ? "p1" : "p2")
            try await run(
                .openPoll(
                    PollQuestion(
                        question: texts[0].reference, options: texts[1...].map(\.reference), secrecy: secrecy)
                ),
                by: .seat(seat("z")), texts: texts)
            try await run(.vote(poll, option: 1), by: .seat(seat("p1")))
            try await run(.closePoll(poll), by: .seat(seat("z")))
        }
    }

    func document(_ audience: ReportAudience = .supervision) async throws -> ReportDocument {
        ReportDocument(
            try await directory.recording(of: session), card: try await directory.entry(session).card,
            audience: audience)
    }
}
