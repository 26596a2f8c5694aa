import SessionModel
import Testing

@testable import Recorder

@Suite("The index of classes")
struct CatalogueTests {
    private func row(
        _ id: String, _ title: String, at start: Int64, phase: Phase = .scheduled, organisation: [String] = []
    ) throws -> CatalogueRow {
        var plan = Fixture.plan
        plan.title = title
        plan.plannedStart = WallTime(milliseconds: start)
        plan.organisation = organisation.map { NamedPart(id: $0, name: $0) }
        plan.project = NamedPart(id: "国培2026", name: "国培计划")
        let header = LogHeader(
            session: SessionID(unchecked: id), epoch: "e", createdAt: WallTime(milliseconds: 0))
        var state = Session(id: header.session)
        state.apply(Fixture.event(1, .scheduled(plan)))
        var row = try #require(CatalogueRow(header, state, lecturerName: "林·\u{2CB4E}"))
        row.phase = phase
        return row
    }

    @Test func givesBackWhatWasPutIn() async throws {
        let catalogue = try Catalogue()
        let row = try row("a", "大单元'; DROP TABLE session; --", at: 5, organisation: ["gd", "gz"])
        try await catalogue.put(row)
        #expect(try await catalogue.row(row.session) == row)
        var later = row
        later.phase = .ended
        later.present = 12
        try await catalogue.put(later)
        #expect(try await catalogue.row(row.session) == later)
        #expect(try await catalogue.endedSessions() == [row.session])
        let segment = AudioSegment(
            file: "00001-t1-r1.opus", track: TrackID(1), seat: Fixture.lin, run: 1, channels: 1,
            firstSequence: 0,
            lastSequence: nil, firstCapture: 0, samples: 48_312, preSkip: 312,
            anchors: [AudioAnchor(fileMilliseconds: 0, session: SessionTime(milliseconds: 7))],
            state: .closed,
            sha256: nil)
        try await catalogue.put(Manifest(session: row.session, segments: [segment]))
        try await catalogue.put(Manifest(session: SessionID(unchecked: "unknown"), segments: [segment]))
        let recordings = try await catalogue.recordings(of: row.session)
        #expect(recordings.map(\.milliseconds) == [1_000] && recordings.map(\.start.milliseconds) == [7])
        try await catalogue.remove(row.session)
        #expect(try await catalogue.recordings(of: row.session).isEmpty)
        #expect(try await catalogue.row(row.session) == nil)
    }

    @Test func anOlderRowThatComesLaterChangesNothing() async throws {
        let catalogue = try Catalogue()
        let header = Fixture.header
        var state = Session(id: header.session)
        state.apply(Fixture.event(1, .scheduled(Fixture.plan)))
        let planned = try #require(CatalogueRow(header, state, lecturerName: nil))
        state.apply(Fixture.event(2, .opened))
        let open = try #require(CatalogueRow(header, state, lecturerName: nil))
        try await catalogue.put(open)
        try await catalogue.put(planned)
        #expect(try await catalogue.row(header.session) == open)
    }

    @Test func pagesByScopePhaseAndTitle() async throws {
        let catalogue = try Catalogue()
        try await catalogue.put(try row("a", "语文·古诗", at: 1, organisation: ["gd", "gz"]))
        try await catalogue.put(try row("b", "数学", at: 3, phase: .ended, organisation: ["gd"]))
        try await catalogue.put(try row("c", "语文·作文", at: 2, organisation: ["gd", "gz", "s1"]))
        try await catalogue.put(try row("d", "英语", at: 9, organisation: ["gdx"]))
        func ids(_ filter: CatalogueFilter, _ offset: Int = 0, _ limit: Int = 50) async throws -> String {
            let page = try await catalogue.page(filter, offset: offset, limit: limit)
            return "\(page.total): " + page.rows.map(\.session.text).joined()
        }
        #expect(try await ids(CatalogueFilter()) == "4: dbca")
        #expect(try await ids(CatalogueFilter(), 1, 2) == "4: bc")
        #expect(try await ids(CatalogueFilter(scope: ["gd"])) == "3: bca")
        #expect(try await ids(CatalogueFilter(scope: ["gd", "gz"])) == "2: ca")
        #expect(try await ids(CatalogueFilter(phase: .ended)) == "1: b")
        #expect(try await ids(CatalogueFilter(title: "语文")) == "2: ca")
        #expect(try await ids(CatalogueFilter(title: "%")) == "0: ")
        #expect(try await ids(CatalogueFilter(project: "国培2026"), -1, -1) == "4: ")
    }

    @Test func isMadeAnewFromTheClasses() async throws {
        let folder = TemporaryFolder()
        let storage = FileStorage(root: folder.path)
        var files = try ClassFolder.create(Fixture.header, in: storage)
        let lin = PersonID(unchecked: "lin")
        var plan = Fixture.plan
        plan.lecturer = lin
        let name = try #require(
            PersonEntry(person: lin, name: "林老师", number: "0001", affiliation: nil, source: .roster))
        try files.commit(
            [
                ClassCommit(
                    people: [name],
                    events: [
                        Fixture.event(1, .scheduled(plan)), Fixture.event(2, .opened),
                        Fixture.event(3, .started),
                        Fixture.event(4, .joined(Fixture.wang, person: lin, role: .participant, members: [])),
                        Fixture.event(5, .ended(.requested)),
                    ])
            ], to: storage)
        _ = try ClassFolder.create(
            LogHeader(
                session: SessionID(unchecked: "broken"), epoch: "e", createdAt: WallTime(milliseconds: 0)),
            in: storage)
        try storage.replace("classes/broken/events.jsonl", with: Array("nonsense\n".utf8))
        let path = folder.path + "/index.sqlite"
        do {
            let catalogue = try Catalogue(path: path)
            #expect(catalogue.isNew)
            let failures = try catalogue.rebuild(from: storage)
            #expect(failures.keys.map(\.text) == ["broken"])
            let row = try #require(try await catalogue.row(Fixture.session))
            #expect(row.phase == .ended && row.lecturerName == "林老师" && row.present == 1)
        }
        #expect(try !Catalogue(path: path).isNew)
    }

    @Test func aDamagedIndexIsThrownAway() async throws {
        let folder = TemporaryFolder()
        let storage = FileStorage(root: folder.path)
        try storage.replace("index.sqlite", with: Array("SQLite format 3\u{0} and then nonsense".utf8))
        let catalogue = try Catalogue(path: folder.path + "/index.sqlite")
        #expect(catalogue.isNew)
        try await catalogue.put(try row("a", "语文", at: 1))
        #expect(try await catalogue.page(CatalogueFilter(), offset: 0, limit: 9).total == 1)
    }
}
