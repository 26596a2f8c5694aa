import LiveRelayWire
import Recorder
import SessionModel

@testable import LiveRelay

/// Classes in memory, decided by the real model: what it refuses, this refuses too.
actor ApiDirectory: ClassDirectory {
    private struct Class {
        var session: Session
        var events: [RecordedEvent] = []
        var people: [PersonEntry]
        var texts: [TextEntry] = []
        var segments: [AudioSegment] = []
    }

    private let createdAt: WallTime
    private var classes: [SessionID: Class] = [:]
    private var order: [SessionID] = []
    private(set) var time = SessionTime.zero
    private var traffic = ClassTraffic()
    private var disk = ClassDiskUse(log: 0, texts: 0, recording: 0)

    init(createdAt: WallTime) { self.createdAt = createdAt }

    // MARK: What tests do

    /// Moves time on.
    func wait(seconds: Int64) { time = time.advanced(byMilliseconds: seconds * 1_000) }

    /// Has a command carried out, as the relay would.
    @discardableResult
    func carryOut(
        _ command: Command, by actor: Actor, in session: SessionID, people: [PersonEntry] = [],
        texts: [TextEntry] = []
    ) throws -> [Event] {
        guard var held = classes[session] else { throw ClassDirectoryFailure.classUnknown }
        let decision = try held.session.decide(command, by: actor, at: time)
        held.events += held.session.record(decision.events, by: actor, cause: nil, at: time)
        for ballot in decision.ballots { held.session.cast(ballot) }
        held.people += people
        held.texts += texts
        classes[session] = held
        return decision.events
    }

    /// Lets somebody take a seat, with a name.
    func join(_ person: PersonEntry, as role: Role, in session: SessionID) throws -> SeatID? {
        try carryOut(
            .join(person: person.person, role: role, members: []), by: .relay, in: session, people: [person])
        return classes[session]?.session.seats.last { $0.person == person.person }?.id
    }

    /// Puts a recorded file on the list.
    func add(_ segment: AudioSegment, to session: SessionID) { classes[session]?.segments.append(segment) }

    /// What every class has cost from now on.
    func bill(_ traffic: ClassTraffic, _ disk: ClassDiskUse) {
        self.traffic = traffic
        self.disk = disk
    }

    /// The names that the class keeps.
    func people(of session: SessionID) -> [PersonEntry] { classes[session]?.people ?? [] }

    // MARK: ClassDirectory

    func create(_ plan: SessionPlan, people: [PersonEntry]) async throws(ClassDirectoryFailure) -> ClassEntry
    {
        let id = SessionID(unchecked: "k" + Secret.text(bytes: 16))
        var session = Session(id: id)
        let events = session.record([.scheduled(plan)], by: .administrator, cause: nil, at: time)
        classes[id] = Class(session: session, events: events, people: people)
        order.append(id)
        return try entryNow(id)
    }

    func list(_ filter: ClassFilter, offset: Int, limit: Int) async throws(ClassDirectoryFailure) -> ClassPage
    {
        var rows: [ClassEntry] = []
        for id in order { rows.append(try entryNow(id)) }
        let passing = rows.filter { filter.admits($0.card) }
            .sorted { $0.card.plannedStart > $1.card.plannedStart }
        return ClassPage(total: passing.count, rows: Array(passing.dropFirst(offset).prefix(limit)))
    }

    func entry(_ session: SessionID) async throws(ClassDirectoryFailure) -> ClassEntry {
        try entryNow(session)
    }

    private func entryNow(_ session: SessionID) throws(ClassDirectoryFailure) -> ClassEntry {
        guard let held = classes[session], let card = ClassCard(held.session) else { throw .classUnknown }
        let lecturer = held.session.plan?.lecturer
        return ClassEntry(
            card: card,
            presence: PresenceCount(
                present: held.session.presentCount, expected: held.session.expected.count),
            lecturer: lecturer, lecturerName: held.people.last { $0.person == lecturer }?.name)
    }

    func end(_ session: SessionID) async throws(ClassDirectoryFailure) -> ClassEntry {
        do {
            try carryOut(.end, by: .administrator, in: session)
        } catch let failure as ClassDirectoryFailure {
            throw failure
        } catch {
            throw .sessionEnded
        }
        return try entryNow(session)
    }

    func expect(_ people: [PersonEntry], in session: SessionID) async throws(ClassDirectoryFailure) {
        do {
            try carryOut(.expect(people.map(\.person)), by: .administrator, in: session, people: people)
        } catch {
            throw .sessionEnded
        }
    }

    func inspections(_ scope: AccessScope) async throws(ClassDirectoryFailure) -> [InspectionRow] {
        var rows: [InspectionRow] = []
        for id in order {
            let entry = try entryNow(id)
            guard scope.covers(entry.card.organisation), entry.card.phase != .ended else { continue }
            rows.append(
                InspectionRow(
                    id: id, title: entry.card.title, kind: entry.card.kind, phase: entry.card.phase,
                    plannedStart: entry.card.plannedStart, plannedMinutes: entry.card.plannedMinutes,
                    timeZone: entry.card.timeZone, lecturers: [], present: entry.presence.present,
                    expected: entry.presence.expected, hands: 0, longestHandMilliseconds: 0,
                    quietMilliseconds: nil, startedAt: nil, alarms: [.lecturerMissing]))
        }
        return rows
    }

    func recording(of session: SessionID) async throws(ClassDirectoryFailure) -> ClassRecording {
        guard let held = classes[session] else { throw .classUnknown }
        return ClassRecording(
            header: LogHeader(session: session, epoch: "e1", createdAt: createdAt), events: held.events,
            people: held.people, texts: held.texts, segments: held.segments, now: time,
            traffic: traffic, disk: disk)
    }
}
