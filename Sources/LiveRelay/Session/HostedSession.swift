import LiveRelayWire
import Logging
import Recorder
import SessionModel
import WebSocketCore

/// Carries out on its home loop what the synchronous parts of one class decide: appends to the log, hands
/// frames to the loops of the members, keeps the pulse, and feeds the recorder.
final class HostedSession {
    let host: SessionHost
    var id: SessionID { host.id }

    let header: LogHeader
    let log: EventLogFile
    /// What members were sent.
    var traffic: TrafficAccount
    /// The sound that was on disk when the class was opened.
    private let manifest: Manifest
    private let clock: SessionClock
    private unowned let shard: Shard
    private var router = AudioRouter()
    /// Who might be heard before this start of the relay.
    private let soundRights: SoundRights
    private var recording: SessionRecording?
    private var memberLoops: MemberLoops
    private var waiters: [Int: (Bool) -> Void] = [:]
    private var nextWaiter = 1
    private var isFlushAwaited = false
    private var isBeating = false
    /// Whether the class is over and being signed, and who waits for that.
    private var isConcluding = false
    private var whenConcluded: [@Sendable () -> Void] = []
    /// Whether something happened that the index of classes does not know yet.
    private var isIndexDue = true
    private var interruptions: [SessionTime] = []
    /// How long to wait before the log is read back; 0 after it took something.
    private var readBackDelayMilliseconds: UInt64 = 0
    /// Seats that staff want not to be heard while the log cannot say so.
    private var silenced: Set<SeatID> = []
    /// Why nothing is recorded, as the recorder says; the log may not have heard of it yet.
    private var recordingPause: RecordingPauseCause?

    var relay: Relay { shard.relay }
    var core: LoopCore { shard.core }

    /// A class as it was recovered from disk.
    convenience init(_ opened: OpenedClass, shard: Shard) {
        let recovered = opened.recovered
        self.init(
            recovered.header, recovered.files, opened.manifest, opened.traffic, shard: shard,
            state: RecoveredState(recovered.state))
    }

    /// A class whose folder was just made.
    convenience init(_ header: LogHeader, _ files: ClassFiles, shard: Shard) {
        self.init(
            header, files, Manifest(session: header.session), ClassTraffic(), shard: shard,
            state: RecoveredState(session: Session(id: header.session), view: ClassView()))
    }

    private init(
        _ header: LogHeader, _ files: ClassFiles, _ manifest: Manifest, _ traffic: ClassTraffic, shard: Shard,
        state: RecoveredState
    ) {
        self.header = header
        self.manifest = manifest
        self.traffic = TrafficAccount(traffic)
        self.clock = SessionClock(
            createdAt: header.createdAt, last: state.session.time, wall: Clock.wall(),
            monotonicMilliseconds: shard.core.now)
        self.shard = shard
        soundRights = SoundRights(state.base, after: state.events)
        let relay = shard.relay
        let home = shard.core.loop
        host = SessionHost(
            epoch: header.epoch, session: state.session, view: state.view,
            surroundings: SessionHost.Surroundings(
                clock: clock,
                resumeToken: { [authorizer = relay.authorizer] seat, session, wall in
                    authorizer.resumeToken(
                        session: session, seat: seat.id, person: seat.person, role: seat.role, now: wall)
                },
                random: SystemRandomNumberGenerator()))
        host.diskLevel = shard.diskLevel
        host.spreadMilliseconds = shard.spreadMilliseconds
        log = EventLogFile(
            header.session, files: files, storage: relay.storage,
            runOnFileThread: { relay.files.submit($0) }, schedule: { work in home.execute { _ in work() } })
        memberLoops = MemberLoops(loopsCount: relay.loops.count)
    }

    // MARK: Life

    /// The relay starts, or starts again, with this class.
    func start() {
        let time = host.time(core.now)
        // Refused by an ended class only, and those are not started.
        host.decideIfAllowed(
            .startRelay(
                run: host.session.run &+ 1, wall: Clock.wall(),
                silentSince: relay.lastAlive.map { clock.time(atWall: $0) }), by: .relay, at: time)
        router.soundIsDue(since: time)
        beat()
        signDaily()
        keepTraffic()
        perform()
    }

    /// Plans the class.
    func schedule(_ plan: SessionPlan, people: [PersonEntry]) {
        host.schedule(plan, people: people, run: 1, at: host.time(core.now))
        beat()
        signDaily()
        keepTraffic()
        perform()
    }

    /// Sees to it that the log is signed once a day while the class runs.
    private func signDaily() {
        _ = core.schedule(afterMilliseconds: Self.signingCheckMilliseconds) { [weak self] in
            guard let self else { return }
            log.signDaily(by: relay.signer, at: Clock.wall())
            signDaily()
        }
    }

    /// Often enough that a day with many restarts has its head, too.
    private static let signingCheckMilliseconds: UInt64 = 60 * 60 * 1_000

    /// Closes the log once what is in flight has landed.
    func close() { log.close() }

    /// The server stops: whoever is still here is interrupted by it, and the sound is closed. `completion` is
    /// called on this loop once everything is on disk, or cannot be.
    func stop(completion: @escaping @Sendable () -> Void) {
        let id = id
        let relay = relay
        guard let recording else { return settle(then: completion) }
        recording.end {
            relay.onHome(id) { shard in
                guard let hosted = shard.sessions[id] else { return completion() }
                hosted.recording?.finished()
                hosted.settle(then: completion)
            }
        }
    }

    /// Waits for the log, and where the class is over for its signature, else for a snapshot.
    private func settle(then completion: @escaping @Sendable () -> Void) {
        whenDurable { [weak self] _ in
            guard let self else { return completion() }
            guard host.session.phase == .ended else {
                return saveTraffic { [log] in log.saveSnapshot(completion: completion) }
            }
            whenConcluded.append(completion)
            conclude()
        }
    }

    private func beat() {
        guard !isBeating else { return }
        isBeating = true
        _ = core.schedule(afterMilliseconds: Pulse.periodMilliseconds) { [weak self] in
            guard let self else { return }
            isBeating = false
            let tracks = router.heard(
                in: host.session, at: host.time(core.now), periodMilliseconds: Pulse.periodMilliseconds)
            host.beat(tracks: tracks, now: core.now)
            recording?.beat()
            perform()
            tellIndex()
            retireOrGoOn()
        }
    }

    /// At most once a beat, so that a storm of joins costs the index one row.
    private func tellIndex() {
        guard isIndexDue, host.isSettled else { return }
        isIndexDue = false
        if let row = catalogueRow { relay.index(row) }
    }

    /// How the index shows the class.
    var catalogueRow: CatalogueRow? {
        let lecturer = host.session.plan?.lecturer.flatMap { host.view.people[$0]?.name }
        return CatalogueRow(header, host.session, lecturerName: lecturer)
    }

    private func retireOrGoOn() {
        let isOver = host.session.phase == .ended && host.isSettled && host.attendees.isEmpty
        if isOver, recording?.isFinished ?? true, waiters.isEmpty {
            conclude()
        } else {
            beat()
        }
    }

    private func conclude() {
        guard !isConcluding else { return }
        isConcluding = true
        let relay = relay
        let id = id
        saveTraffic {
            relay.files.submit {
                relay.conclude(id)
                relay.onHome(id) { $0.sessions[id]?.concluded() }
            }
        }
    }

    /// The log is signed and the index knows: the class rests on disk from now on.
    private func concluded() {
        let completions = whenConcluded
        whenConcluded = []
        shard.retire(id)
        for completion in completions { completion() }
    }

    /// The room on the disk changed: the sound stops first, then what people type.
    func disk(_ level: DiskLevel) {
        host.diskLevel = level
        recording?.disk(level)
        perform()
    }

    /// Over how long people spread if the server dies changed.
    func spread(_ milliseconds: Int?) { host.spreadMilliseconds = milliseconds }

    // MARK: Inputs

    /// Lets the host do something, and carries out what follows.
    func run(_ work: (SessionHost, UInt64) -> Void) {
        work(host, core.now)
        perform()
    }

    /// A new or returning connection; the loop it lives on gets broadcasts from its admission on.
    func arrives(_ connection: ConnectionID, _ work: (SessionHost, UInt64) -> Void) {
        memberLoops.arrived(connection)
        run(work)
    }

    /// A socket is gone.
    func disconnected(_ connection: ConnectionID, cause: InterruptionCause) {
        memberLoops.gone(connection)
        run { host, now in host.disconnected(connection, cause: cause, now: now) }
    }

    /// Decides something for somebody outside the class; `completion` hears whether it became durable.
    func decide(
        _ command: Command, by actor: Actor, people: [PersonEntry] = [],
        completion: @escaping (Result<Void, ClassDirectoryFailure>) -> Void
    ) {
        if let cause = host.rebuildCause { return completion(.failure(ClassDirectoryFailure(cause))) }
        do {
            try host.decide(command, by: actor, at: host.time(core.now), people: people)
        } catch {
            return completion(.failure(ClassDirectoryFailure(error)))
        }
        if host.session.phase == .ended { host.farewell() }
        whenDurable { [host] isDurable in
            completion(
                isDurable ? .success(()) : .failure(ClassDirectoryFailure(host.rebuildCause ?? .other)))
        }
    }

    /// Calls once everything so far is on disk, or is known not to be.
    func whenDurable(_ completion: @escaping (Bool) -> Void) {
        guard host.isRunning else { return completion(false) }
        let waiter = nextWaiter
        nextWaiter += 1
        waiters[waiter] = completion
        host.post(.conclude(waiter))
        perform()
    }

    /// One binary message of a member.
    func sound(_ message: AudioMessage, from connection: ConnectionID) {
        guard let seat = host.attendees[connection]?.seat, !silenced.contains(seat) else { return }
        if message.flags.contains(.forTheRecord) {
            return late(message, from: seat, on: connection)
        }
        let time = host.time(core.now)
        if router.needsFlush(before: message) { flush(isForced: true) }
        switch router.accept(message, from: seat, in: host.session, at: time, now: core.now) {
        case .accepted(let checked):
            if host.session.phase == .live { recording?.take(checked) }
            awaitFlush()
        case .stale(let checked): late(checked, from: seat, on: connection)
        case .ignored: break
        case .invalid: run { host, _ in host.dismiss(connection, .audioInvalid) }
        }
    }

    /// What a broken line or a restart kept from the recording.
    private func late(_ message: AudioMessage, from seat: SeatID, on connection: ConnectionID) {
        switch recording?.takeLate(message, from: seat) ?? .refused {
        case .taken: break
        case .refused:
            let end = message.sequence
            let sound = RecordedSound(
                track: message.track, run: message.run, sequences: end...end, isRefused: true)
            host.sendNow(.send(ServerMessage.recorded(sound).frame, to: connection))
            perform()
        case .invalid: run { host, _ in host.dismiss(connection, .audioInvalid) }
        }
    }

    private func awaitFlush() {
        guard !isFlushAwaited else { return }
        isFlushAwaited = true
        core.atEndOfTurn { [weak self] in
            guard let self else { return }
            isFlushAwaited = false
            flush()
        }
    }

    private func flush(isForced: Bool = false) {
        let batch = host.session.plan?.kind.policy.batchPacketsMaximum ?? 1
        let messages = router.flush(
            run: host.session.run, batchPackets: batch, now: core.now, isForced: isForced)
        for message in messages { soundOut(SoundBundle(message)) }
        guard router.isGathering, !isFlushAwaited else { return }
        // A batch that does not fill leaves when it is old enough.
        isFlushAwaited = true
        _ = core.schedule(afterMilliseconds: UInt64(batch) * 20) { [weak self] in
            guard let self else { return }
            isFlushAwaited = false
            flush()
        }
    }

    private func soundOut(_ bundle: SoundBundle) {
        let id = id
        for loop in memberLoops.occupied { onLoop(loop) { $0.fanOut(id).sound(bundle) } }
    }

    func onLoop(_ index: Int, _ work: @escaping @Sendable (Shard) -> Void) {
        if index == core.loop.index { return work(shard) }
        relay.loops[index].execute { core in
            guard let shard = core.attached(Shard.self) else { return }
            work(shard)
        }
    }

    // MARK: Effects

    private func perform() {
        var effects = host.takeEffects()
        while !effects.isEmpty {
            for effect in effects { perform(effect) }
            effects = host.takeEffects()
        }
    }

    private func perform(_ effect: SessionHost.Effect) {
        switch effect {
        case .append(let commit, let position, let ticket):
            let relay = relay
            let id = id
            log.append(commit, after: position) { result in
                relay.onHome(id) { shard in
                    shard.sessions[id]?.run { host, _ in host.appended(ticket, result) }
                }
            }
            follow(commit.events)
        case .deliver(let deliveries): deliver(deliveries)
        case .durable(let events): settled(events)
        case .abandon(let waiter): waiters.removeValue(forKey: waiter)?(false)
        case .readBack(let isOutcomeUnknown):
            relay.logger.error("log failed", metadata: ["class": "\(id)", "unknown": "\(isOutcomeUnknown)"])
            readBackLater(isOutcomeUnknown)
        case .silence(let seat): silenced.insert(seat)
        }
    }

    private func deliver(_ deliveries: [Delivery]) {
        for delivery in deliveries {
            if case .conclude(let waiter) = delivery { waiters.removeValue(forKey: waiter)?(true) }
        }
        let id = id
        let parts = memberLoops.split(deliveries)
        // Before it is handed over, so that no loop finds another one at it and goes without.
        if parts.count > 1 { for frame in deliveries.flatMap(\.frames) { core.compress(frame) } }
        for (loop, part) in parts { onLoop(loop) { $0.fanOut(id).deliver(part) } }
    }

    /// What events do at once, before they are durable: sound obeys the head state, and so does the recorder.
    private func follow(_ events: [RecordedEvent]) {
        for recorded in events {
            switch recorded.event {
            case .started, .breakEnded: router.soundIsDue(since: recorded.t)
            case .breakStarted, .ended: flush(isForced: true)
            case .trackClosed: router.retain(host.session.tracks)
            case .interrupted: interruptions.append(recorded.t)
            default: break
            }
        }
        if recording == nil { recording = makeRecording() }
        recording?.follow(events, in: host.session, view: host.view)
    }

    /// The recording ends once the end is durable: it cannot be taken up again, and an end that the log did
    /// not take is none.
    private func settled(_ events: [RecordedEvent]) {
        isIndexDue = true
        readBackDelayMilliseconds = 0
        // The log takes what staff want again: from now on it says who is not to be heard.
        silenced = []
        guard events.contains(where: { if case .ended = $0.event { true } else { false } }) else { return }
        let relay = relay
        let id = id
        recording?.end { relay.onHome(id) { $0.sessions[id]?.recording?.finished() } }
    }

    private func makeRecording() -> SessionRecording? {
        guard let plan = host.session.plan, plan.isRecorded, host.session.phase != .ended else { return nil }
        let relay = relay
        let id = id
        let home = core.loop
        let clock = clock
        let recorder = AudioRecorderFile(
            manifest: manifest, title: plan.title, createdAt: header.createdAt, storage: relay.storage,
            runOnFileThread: { relay.files.submit($0) }, schedule: { work in home.execute { _ in work() } },
            now: { clock.time(atMonotonic: Clock.monotonicMilliseconds()) },
            notify: { notice in relay.onHome(id) { $0.sessions[id]?.heard(notice) } })
        let recording = SessionRecording(
            recorder, resuming: host.session, view: host.view, rights: soundRights)
        recording.disk(shard.diskLevel)
        return recording
    }

    /// What the recorder has to tell.
    private func heard(_ notice: AudioNotice) {
        switch notice {
        case .recorded(let track, let run, let sequences):
            guard let seat = recording?.seat(of: track) else { return }
            let sound = RecordedSound(track: track, run: run, sequences: sequences)
            let frame = ServerMessage.recorded(sound).frame
            for connection in host.connectionsBySeat[seat] ?? [] {
                host.sendNow(.send(frame, to: connection))
            }
        case .paused(let cause):
            recordingPause = cause
            tellRecordingPause()
        case .resumed:
            recordingPause = nil
            tellRecordingPause()
        }
        perform()
    }

    /// Sees to it that the log says what the recorder does. While the log cannot be written it is told later;
    /// it is refused where the class has ended or knows already.
    private func tellRecordingPause() {
        guard host.isRunning, recording != nil else { return }
        let command: Command = recordingPause.map { .pauseRecording($0) } ?? .resumeRecording
        host.decideIfAllowed(command, by: .relay, at: host.time(core.now))
    }

    // MARK: A log that fails

    /// How soon a log that could not be read back is tried again: at once first, then after so long,
    /// doubled each time up to the maximum. People are to be back soon after the disk is.
    private static let readBackDelayMillisecondsMinimum: UInt64 = 250
    private static let readBackDelayMillisecondsMaximum: UInt64 = 2_000

    /// Reads the log back until it can be read. The class stays meanwhile: its sound goes on, what is asked
    /// for is answered `retry`, and digests say why.
    private func readBackLater(_ isOutcomeUnknown: Bool) {
        let delay = readBackDelayMilliseconds
        readBackDelayMilliseconds = min(
            max(2 * delay, Self.readBackDelayMillisecondsMinimum), Self.readBackDelayMillisecondsMaximum)
        guard delay > 0 else { return readBack(isOutcomeUnknown) }
        _ = core.schedule(afterMilliseconds: delay) { [weak self] in self?.readBack(isOutcomeUnknown) }
    }

    private func readBack(_ isOutcomeUnknown: Bool) {
        let relay = relay
        let id = id
        let finish: @Sendable (Result<RecoveredState, ClassFolderFailure>) -> Void = { result in
            relay.onHome(id) { $0.sessions[id]?.rebuilt(result, isOutcomeUnknown) }
        }
        if isOutcomeUnknown {
            log.readBack { result in finish(result.map { RecoveredState($0.state) }) }
            return
        }
        let known = host.durableN
        relay.files.submit {
            do {
                let state = try ClassFolder.state(of: id, in: relay.storage, eventsAfter: known)
                finish(.success(RecoveredState(state)))
            } catch let failure as ClassFolderFailure {
                finish(.failure(failure))
            } catch {
                finish(.failure(.storage(.missing)))
            }
        }
    }

    private func rebuilt(
        _ result: Result<RecoveredState, ClassFolderFailure>, _ isOutcomeUnknown: Bool
    ) {
        switch result {
        case .success(let state):
            relay.logger.notice("log read back", metadata: ["class": "\(id)"])
            host.rebuild(state)
            recording?.judge(by: SoundRights(state.base, after: state.events))
            tellRecordingPause()
        case .failure(let failure):
            relay.logger.error("log not read back", metadata: ["class": "\(id)", "why": "\(failure)"])
            // The folder is gone, and so is everybody: whoever comes learns that there is no such class.
            if failure == .storage(.missing), host.attendees.isEmpty { return shard.retire(id) }
            readBackLater(isOutcomeUnknown)
        }
        perform()
    }

    // MARK: Looking in

    /// The row of this class on a supervisor's wall.
    var inspection: InspectionRow? {
        let time = host.time(core.now)
        interruptions.removeAll { $0.milliseconds(to: time) > Inspection.dropWindowMilliseconds }
        return Inspection.row(
            of: host.session, view: host.view, at: time, wall: host.surroundings.clock.wall(at: time),
            createdAt: header.createdAt, lastLoudAt: router.lastLoudAt, dropsCount: interruptions.count)
    }
}
