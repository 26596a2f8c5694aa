import LiveRelayWire
import Recorder
import SessionModel
import WebSocketCore

/// All classes of this server: those that are open on their home loops, and those that rest on disk.
struct Directory: ClassDirectory {
    let relay: Relay

    private typealias Answer<Value: Sendable> = Result<Value, ClassDirectoryFailure>

    func create(
        _ plan: SessionPlan, people: [PersonEntry]
    ) async throws(ClassDirectoryFailure) -> ClassEntry {
        let header = LogHeader(
            session: SessionID(unchecked: "k" + Secret.text(bytes: Self.sessionBytesCount)),
            epoch: "e" + Secret.text(bytes: Self.epochBytesCount), createdAt: Clock.wall())
        let relay = relay
        let answer: Answer<ClassEntry> = await relay.ask(
            header.session, otherwise: .failure(.storageFailed)
        ) { shard, answer in
            // The reserve is for the classes that there are.
            guard shard.diskLevel < .textsStop else { return answer(.failure(.noSpace)) }
            relay.files.submit {
                let made: Result<ClassFiles, StorageFailure>
                do throws(StorageFailure) {
                    made = .success(try ClassFolder.create(header, in: relay.storage))
                } catch {
                    made = .failure(error)
                }
                relay.onHome(header.session) { shard in
                    switch made {
                    case .failure(let failure): answer(.failure(ClassDirectoryFailure(failure)))
                    case .success(let files):
                        let hosted = shard.host(header, files, plan: plan, people: people)
                        hosted.whenDurable { isDurable in
                            answer(isDurable ? hosted.entry : .failure(.storageFailed))
                        }
                    }
                }
            }
        }
        let entry = try answer.get()
        await relay.indexNow(header.session)
        return entry
    }

    /// 128 random bits: links are not to be guessed.
    private static let sessionBytesCount = 16
    /// Two logs of one class never get the same by chance.
    private static let epochBytesCount = 6

    func list(
        _ filter: ClassFilter, offset: Int, limit: Int
    ) async throws(ClassDirectoryFailure) -> ClassPage {
        let page: CataloguePage
        do {
            page = try await relay.catalogue.page(
                CatalogueFilter(phase: filter.phase, scope: filter.scope.path), offset: offset,
                limit: limit)
        } catch {
            throw .storageFailed
        }
        return ClassPage(total: page.total, rows: page.rows.map(ClassEntry.init))
    }

    func entry(_ session: SessionID) async throws(ClassDirectoryFailure) -> ClassEntry {
        let answer: Answer<ClassEntry> = await relay.ask(
            session, otherwise: .failure(.storageFailed)
        ) { shard, answer in
            shard.open(session) { result in
                answer(
                    result.mapError(ClassDirectoryFailure.init).flatMap(\.entry))
            }
        }
        guard case .failure(.sessionEnded) = answer else { return try answer.get() }
        return try await ended(session)
    }

    private func ended(_ session: SessionID) async throws(ClassDirectoryFailure) -> ClassEntry {
        let relay = relay
        let answer: Answer<ClassEntry> = await withCheckedContinuation { continuation in
            relay.files.submit {
                guard let state = try? ClassFolder.state(of: session, in: relay.storage),
                    let entry = ClassEntry(RecoveredState(state))
                else { return continuation.resume(returning: .failure(.storageFailed)) }
                continuation.resume(returning: .success(entry))
            }
        }
        return try answer.get()
    }

    func end(_ session: SessionID) async throws(ClassDirectoryFailure) -> ClassEntry {
        try await decide(.end, in: session, people: [])
        return try await entry(session)
    }

    func expect(_ people: [PersonEntry], in session: SessionID) async throws(ClassDirectoryFailure) {
        var rest = people[...]
        while !rest.isEmpty {
            let some = Array(rest.prefix(SessionLimits.expectedPerEventCountMaximum))
            rest = rest.dropFirst(some.count)
            try await decide(.expect(some.map(\.person)), in: session, people: some)
        }
    }

    private func decide(
        _ command: Command, in session: SessionID, people: [PersonEntry]
    ) async throws(ClassDirectoryFailure) {
        let answer: Answer<Bool> = await relay.ask(
            session, otherwise: .failure(.storageFailed)
        ) { shard, answer in
            shard.open(session) { result in
                switch result {
                case .failure(let failure): answer(.failure(ClassDirectoryFailure(failure)))
                case .success(let hosted):
                    hosted.decide(command, by: .administrator, people: people) { result in
                        answer(result.map { true })
                    }
                }
            }
        }
        _ = try answer.get()
    }

    func inspections(_ scope: AccessScope) async throws(ClassDirectoryFailure) -> [InspectionRow] {
        var rows: [InspectionRow] = []
        for loop in relay.loops {
            rows += await relay.ask(loop, otherwise: []) { shard in
                shard.sessions.values.filter {
                    scope.covers($0.host.session.plan?.organisation ?? [])
                }.compactMap(\.inspection)
            }
        }
        return rows.sorted { ($0.plannedStart, $0.id) < ($1.plannedStart, $1.id) }
    }

    func recording(of session: SessionID) async throws(ClassDirectoryFailure) -> ClassRecording {
        let relay = relay
        let sent: ClassTraffic? = await relay.ask(session, otherwise: nil) { shard, answer in
            guard let hosted = shard.sessions[session] else { return answer(nil) }
            hosted.countTraffic { answer($0) }
        }
        let answer: Answer<ClassRecording> = await withCheckedContinuation { continuation in
            relay.files.submit {
                do {
                    let recording = try ClassRecording.read(
                        session, in: relay.storage, wall: Clock.wall(), traffic: sent)
                    continuation.resume(returning: .success(recording))
                } catch let failure as ClassFolderFailure {
                    continuation.resume(returning: .failure(ClassDirectoryFailure(failure)))
                } catch {
                    continuation.resume(returning: .failure(.storageFailed))
                }
            }
        }
        return try answer.get()
    }
}

extension HostedSession {
    /// The class as the HTTP interface shows it.
    var entry: Result<ClassEntry, ClassDirectoryFailure> {
        ClassEntry(RecoveredState(session: host.session, view: host.view)).map { .success($0) }
            ?? .failure(.classUnknown)
    }
}

extension ClassEntry {
    init?(_ state: RecoveredState) {
        guard let card = ClassCard(state.session) else { return nil }
        let lecturer = state.session.plan?.lecturer
        self.init(
            card: card,
            presence: PresenceCount(
                present: state.session.presentCount, expected: state.session.expected.count),
            lecturer: lecturer, lecturerName: lecturer.flatMap { state.view.people[$0]?.name })
    }
}

extension ClassEntry {
    init(_ row: CatalogueRow) {
        self.init(
            card: ClassCard(row), presence: PresenceCount(present: row.present, expected: row.expected),
            lecturer: row.plan.lecturer, lecturerName: row.lecturerName)
    }
}

extension ClassCard {
    fileprivate init(_ row: CatalogueRow) {
        self.init(
            id: row.session, plan: row.plan, phase: row.phase, recordingPause: row.recordingPause,
            openedAt: row.openedAt, startedAt: row.startedAt, breakStartedAt: row.breakStartedAt,
            breakMinutes: row.breakMinutes, endedAt: row.endedAt)
    }
}

extension ClassDirectoryFailure {
    init(_ failure: Shard.OpenFailure) {
        switch failure {
        case .unknown: self = .classUnknown
        case .ended: self = .sessionEnded
        case .storage: self = .storageFailed
        case .corrupt: self = .logCorrupt
        }
    }

    init(_ failure: StorageFailure) { self = failure == .noSpace ? .noSpace : .storageFailed }

    init(_ failure: ClassFolderFailure) {
        switch failure {
        case .corrupt: self = .logCorrupt
        case .storage(.missing): self = .classUnknown
        case .storage(let failure): self.init(failure)
        }
    }

    init(_ cause: SessionHost.RebuildCause) {
        switch cause {
        case .noSpace: self = .noSpace
        case .other: self = .storageFailed
        }
    }

    init(_ rejection: Rejection) {
        switch rejection {
        case .sessionEnded: self = .sessionEnded
        case .noSpace: self = .noSpace
        case .limitReached: self = .tooManyExpected
        default: self = .storageFailed
        }
    }
}
