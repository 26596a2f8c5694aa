import SessionModel
import TestSupport
import Testing

@testable import Recorder

@Suite("The folder of a class")
struct ClassFolderTests {
    private let paths = ClassPaths(Fixture.session)

    @Test func givesBackWhatWasCommitted() throws {
        let storage = VirtualStorage()
        var files = try ClassFolder.create(Fixture.header, in: storage)
        let lin = try #require(
            PersonEntry(
                person: PersonID(unchecked: "lin"), name: "\u{2CB4E}·林", number: "007", affiliation: nil,
                source: .roster))
        try files.commit(
            [ClassCommit(people: [lin], events: [Fixture.event(1, .scheduled(Fixture.plan))])], to: storage)
        for (index, text) in Fixture.stubbornTexts.enumerated() {
            try files.commit([try Fixture.chat(UInt64(index + 2), text)], to: storage)
        }
        let recovered = try ClassFolder.open(Fixture.session, in: storage)
        #expect(recovered.header == Fixture.header)
        #expect(recovered.state.people == [lin])
        #expect(recovered.state.texts.map(\.text) == Fixture.stubbornTexts)
        #expect(
            recovered.state.texts.map { Array($0.text.utf8) } == Fixture.stubbornTexts.map { Array($0.utf8) })
        #expect(recovered.events.map(\.n) == Array(1...UInt64(Fixture.stubbornTexts.count + 1)))
        #expect(recovered.repair.isNothing)
        #expect(try ClassFolder.list(in: storage) == [Fixture.session])
        for (event, text) in zip(recovered.events.dropFirst(), recovered.state.texts) {
            guard case .chatPosted(_, _, let reference) = event.event else {
                Issue.record("not a chat line: \(event)")
                continue
            }
            #expect(reference == text.reference)
        }
    }

    @Test func refusesNUL() {
        let salt = [UInt8](repeating: 1, count: 32)
        #expect(TextEntry(ref: TextID(unchecked: "x"), salt: salt, text: "a\u{0}b") == nil)
        #expect(TextEntry(ref: TextID(unchecked: "x"), salt: [1], text: "ab") == nil)
        #expect(
            PersonEntry(
                person: PersonID(unchecked: "p"), name: "\u{0}", number: nil, affiliation: nil, source: .guest
            ) == nil)
    }

    @Test func isMadeOnce() throws {
        let storage = VirtualStorage()
        _ = try ClassFolder.create(Fixture.header, in: storage)
        #expect(throws: StorageFailure.exists) { try ClassFolder.create(Fixture.header, in: storage) }
        #expect(throws: ClassFolderFailure.storage(.missing)) {
            try ClassFolder.open(SessionID(unchecked: "another"), in: storage)
        }
    }

    @Test func leavesACorruptLogAlone() throws {
        let storage = VirtualStorage()
        var files = try ClassFolder.create(Fixture.header, in: storage)
        for n in 1...4 as ClosedRange<UInt64> { try files.commit([try Fixture.chat(n, "好")], to: storage) }
        storage.corrupt(paths.events) { $0[$0.count / 2] ^= 1 }
        let before = storage.contents(paths.events)
        #expect { try ClassFolder.open(Fixture.session, in: storage) } throws: { failure in
            guard case ClassFolderFailure.corrupt(let corruption) = failure else { return false }
            return corruption.line == 3
        }
        #expect(storage.contents(paths.events) == before)
    }

    @Test func aDamagedTextIsMissingAndTheRestIsThere() throws {
        let storage = VirtualStorage()
        var files = try ClassFolder.create(Fixture.header, in: storage)
        for n in 1...3 as ClosedRange<UInt64> { try files.commit([try Fixture.chat(n, "好")], to: storage) }
        storage.corrupt(paths.texts) { $0[0] = 0 }
        let recovered = try ClassFolder.open(Fixture.session, in: storage)
        #expect(recovered.state.texts.map(\.ref.text) == ["x2", "x3"])
        #expect(recovered.repair.damagedTextLines == [1])
    }

    @Test func aStoreOfWhichTheDiskTookOnlyTheEndIsCutWhereNoEventSpeaksOfIt() throws {
        let storage = VirtualStorage()
        var files = try ClassFolder.create(Fixture.header, in: storage)
        try files.commit([try Fixture.chat(1, "一"), try Fixture.chat(2, "二")], to: storage)
        files.close(storage)
        let path = ClassPaths(Fixture.session).texts
        let durable = try #require(storage.contents(path))
        // Two more were written and not synced; of the first the disk took nothing.
        let lost = try JSONLines.bytes(of: [try Fixture.text(3, "三"), try Fixture.text(4, "四")])
        let first = try #require(lost.firstIndex(of: LineFeed.byte))
        for count in [first, first + 1, first + 5] {
            storage.corrupt(path) { bytes in
                bytes = durable + [UInt8](repeating: 0, count: count) + lost[count...]
            }
            let opened = try ClassFolder.open(Fixture.session, in: storage)
            #expect(opened.repair.isTextTorn && opened.repair.damagedTextLines.isEmpty)
            #expect(storage.contents(path)?.count == durable.count)
            opened.files.close(storage)
        }
    }

    @Test func aHoleInWhatWasDurableIsDamageAndNothingIsCutForIt() throws {
        let storage = VirtualStorage()
        var files = try ClassFolder.create(Fixture.header, in: storage)
        try files.commit([try Fixture.chat(1, "一"), try Fixture.chat(2, "二")], to: storage)
        files.close(storage)
        let path = ClassPaths(Fixture.session).texts
        storage.corrupt(path) { for index in 3..<40 { $0[index] = 0 } }
        let holed = storage.contents(path)
        let opened = try ClassFolder.open(Fixture.session, in: storage)
        #expect(!opened.repair.isTextTorn && opened.repair.damagedTextLines == [1])
        #expect(storage.contents(path) == holed)
    }

    @Test func forgetsOneTextOnePersonAndAllTexts() throws {
        let storage = VirtualStorage()
        var files = try ClassFolder.create(Fixture.header, in: storage)
        for n in 1...3 as ClosedRange<UInt64> {
            try files.commit([try Fixture.chat(n, "第\(n)句")], to: storage)
        }
        try files.commit([ClassCommit(erasedTexts: [TextID(unchecked: "x2")])], to: storage)
        try files.commit([try Fixture.chat(4, "第4句")], to: storage)
        #expect(
            try ClassFolder.open(Fixture.session, in: storage).state.texts.map(\.ref.text) == [
                "x1", "x3", "x4",
            ])
        let gone = ClassCommit(events: [Fixture.event(5, .textsRemoved(.notRecorded))])
        try files.commit([gone], to: storage)
        #expect(storage.contents(paths.texts) == nil)
        let recovered = try ClassFolder.open(Fixture.session, in: storage)
        #expect(recovered.state.texts.isEmpty && recovered.events.count == 5)
    }

    @Test func aClosedPollForgetsItsAnswers() throws {
        let storage = VirtualStorage()
        var files = try ClassFolder.create(Fixture.header, in: storage)
        let poll = PollID(unchecked: "p1")
        try files.commit(
            [ClassCommit(ballots: [Ballot(poll: poll, seat: Fixture.lin, option: 1)])], to: storage)
        #expect(try ClassFolder.open(Fixture.session, in: storage).state.boxes.map(\.options) == [[1]])
        let closed = Fixture.event(1, .pollClosed(poll, count: 1, sums: nil))
        try files.commit([ClassCommit(events: [closed])], to: storage)
        let box = try #require(storage.contents(paths.ballotBox(poll)))
        #expect(String(decoding: box, as: UTF8.self) == "{\"poll\":\"p1\",\"seats\":[\"s1\"],\"v\":1}\n")
    }

    @Test func aFullDiskLeavesTheLogAsItWas() throws {
        let storage = VirtualStorage()
        var files = try ClassFolder.create(Fixture.header, in: storage)
        try files.commit([try Fixture.chat(1, "好")], to: storage)
        let before = storage.contents(paths.events)
        for room in [0, 1, 100, 250, 300] {
            let used = ["events", "texts"].reduce(0) {
                $0 + (storage.contents("\(paths.folder)/\($1).jsonl")?.count ?? 0)
            }
            storage.capacityBytes = used + room
            #expect {
                try files.commit([try Fixture.chat(2, "好")], to: storage)
            } throws: { failure in
                let failure = failure as? CommitFailure
                return failure?.cause == .noSpace && failure?.isOutcomeUnknown == false
            }
            #expect(storage.contents(paths.events) == before)
        }
        storage.capacityBytes = .max
        try files.commit([try Fixture.chat(2, "好")], to: storage)
        #expect(try ClassFolder.open(Fixture.session, in: storage).events.count == 2)
    }
}
