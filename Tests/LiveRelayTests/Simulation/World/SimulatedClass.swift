import LiveRelayWire
import Recorder
import SessionModel
import TestSupport

@testable import LiveRelay
@testable import WebSocketCore

/// Carries out for the simulation what `HostedSession` carries out for a server: the real host, log, router
/// and member loops, on virtual time.
///
/// `@unchecked Sendable`: a world is one thread; closures of the log ask for it by their type.
final class SimulatedClass: @unchecked Sendable {
    let host: SessionHost
    let log: EventLogFile
    private unowned let server: SimulatedServer
    private let world: World
    private var router = AudioRouter()
    private var loops = MemberLoops(loopsCount: SimulatedServer.loopsCount)
    private var isFlushAwaited = false
    private var isGone = false
    private var waiters: [Int: () -> Void] = [:]
    private var nextWaiter = 1
    /// Commands that came, for the planted bug that forgets them.
    private var known: Set<String> = []
    private var remembered: [SharedFrame] = []
    /// Seats that staff want not to be heard while the log cannot say so.
    private var silenced: Set<SeatID> = []
    /// How long to wait before the log is read back; 0 after that was done.
    private var readBackDelay: UInt64 = 0

    var now: UInt64 { world.agenda.now }

    convenience init(_ recovered: RecoveredClass, _ server: SimulatedServer) {
        self.init(server.world.recovered(recovered), recovered.files, server)
    }

    init(_ state: RecoveredState, _ files: ClassFiles, _ server: SimulatedServer) {
        self.server = server
        world = server.world
        host = SessionHost(
            epoch: world.epoch, session: state.session, view: state.view,
            surroundings: SessionHost.Surroundings(
                clock: SessionClock(
                    createdAt: world.createdAt, last: state.session.time, wall: world.wall,
                    monotonicMilliseconds: world.agenda.now),
                resumeToken: { [door = world.door] seat, _, _ in door.resumeToken(seat) },
                random: SaltSource(world.lots.next())))
        log = EventLogFile(
            world.id, files: files, storage: world.storage, runOnFileThread: { server.submit($0) },
            schedule: { server.home.execute($0) })
        world.witness.checkReplay(of: host, "opened")
    }

    // MARK: Life

    func start() {
        host.diskLevel = world.diskLevel
        let clock = host.surroundings.clock
        host.decideIfAllowed(
            .startRelay(
                run: host.session.run &+ 1, wall: world.wall,
                silentSince: server.lastAlive.map { clock.time(atWall: $0) }), by: .relay, at: host.time(now))
        beat()
        perform()
    }

    func schedule(_ plan: SessionPlan, people: [PersonEntry]) {
        host.schedule(plan, people: people, run: 1, at: host.time(now))
        beat()
        perform()
    }

    func close() {
        isGone = true
        log.close()
    }

    /// What the server does before it stops in order.
    func rest(_ completion: @escaping () -> Void) {
        whenDurable { [self] in
            let server = server
            let isDone = Completion(completion)
            guard host.session.phase != .ended else { return completion() }
            log.saveSnapshot { server.home.execute(isDone.call) }
        }
    }

    private func whenDurable(_ completion: @escaping () -> Void) {
        guard host.isRunning else { return completion() }
        waiters[nextWaiter] = completion
        nextWaiter += 1
        host.post(.conclude(nextWaiter - 1))
        perform()
    }

    private func beat() {
        server.home.after(Pulse.periodMilliseconds) { [weak self] in
            guard let self, !isGone else { return }
            let tracks = router.heard(
                in: host.session, at: host.time(now), periodMilliseconds: Pulse.periodMilliseconds)
            host.beat(tracks: tracks, now: now)
            perform()
            if world.takesSnapshots, world.lots.percent(10) { log.saveSnapshot {} }
            if host.session.phase == .ended, host.isSettled, host.attendees.isEmpty {
                server.retire()
            } else {
                beat()
            }
        }
    }

    func disk(_ level: DiskLevel) {
        host.diskLevel = level
        tellRecordingPause()
        perform()
    }

    /// What the recorder does is told once the log can be written.
    private func tellRecordingPause() {
        guard host.isRunning else { return }
        let isPaused = host.diskLevel >= .recordingStops
        host.decideIfAllowed(
            isPaused ? .pauseRecording(.noSpace) : .resumeRecording, by: .relay, at: host.time(now))
    }

    // MARK: Inputs

    func arrives(_ line: ServerLine, _ work: () -> Void) {
        loops.arrived(line.id)
        line.forbidden = host.session.chat.filter(\.isHidden).compactMap { host.view.texts[$0.text.ref] }
        work()
        perform()
    }

    func received(_ message: ClientMessage, from id: ConnectionID) {
        host.received(spoilt(message, from: id), from: id, now: now)
        perform()
    }

    func disconnected(_ id: ConnectionID, _ cause: InterruptionCause) {
        loops.gone(id)
        host.disconnected(id, cause: cause, now: now)
        perform()
    }

    func sound(_ message: AudioMessage, from id: ConnectionID) {
        guard let seat = host.attendees[id]?.seat, !silenced.contains(seat) else { return }
        // Recordings are not simulated.
        guard !message.flags.contains(.forTheRecord) else { return }
        if router.needsFlush(before: message) { flush(isForced: true) }
        switch router.accept(message, from: seat, in: host.session, at: host.time(now), now: now) {
        case .accepted: awaitFlush()
        case .stale, .ignored: break
        case .invalid:
            host.dismiss(id, .audioInvalid)
            perform()
        }
    }

    private func awaitFlush() {
        guard !isFlushAwaited else { return }
        isFlushAwaited = true
        server.home.execute { [weak self] in
            guard let self else { return }
            isFlushAwaited = false
            flush()
        }
    }

    private func flush(isForced: Bool = false) {
        let batch = host.session.plan?.kind.policy.batchPacketsMaximum ?? 1
        for message in router.flush(
            run: host.session.run, batchPackets: batch, now: now, isForced: isForced)
        {
            let bundle = SoundBundle(message)
            for loop in loops.occupied { onLoop(loop) { $0.sound(bundle) } }
            if world.bug == .doublesSound {
                for loop in loops.occupied { onLoop(loop) { $0.sound(bundle) } }
            }
        }
        guard router.isGathering, !isFlushAwaited else { return }
        isFlushAwaited = true
        server.home.after(UInt64(batch) * 20) { [weak self] in
            guard let self else { return }
            isFlushAwaited = false
            flush()
        }
    }

    private func onLoop(_ index: Int, _ work: @escaping (FanOut<SimulatedServer.Floor>) -> Void) {
        let server = server
        if index == server.home.index { return work(server.fanOuts[index]) }
        server.loops[index].execute { work(server.fanOuts[index]) }
    }

    // MARK: Effects

    private func perform() {
        var effects = host.takeEffects()
        while !effects.isEmpty {
            for effect in effects { perform(effect) }
            effects = host.takeEffects()
        }
        world.witness.checkLimits(of: host)
    }

    private func perform(_ effect: SessionHost.Effect) {
        switch effect {
        case .append(let commit, let position, let ticket):
            let server = server
            log.append(commit, after: position) { [weak self] result in
                server.home.execute { self?.appended(ticket, result) }
            }
            follow(commit)
            if world.bug == .acknowledgesTooEarly {
                server.home.execute { [weak self] in self?.appended(ticket, .success(position)) }
            }
            if world.bug == .tellsBeforeDurable, ticket % 7 == 0 {
                let last = commit.events.last.map {
                    ServerMessage.accepted(Accepted(id: CommandID(unchecked: "early"), n: $0.n))
                }
                for (id, _) in host.attendees { last.map { deliver([.send($0.frame, to: id)]) } }
            }
        case .deliver(let deliveries): deliver(deliveries)
        case .durable: silenced = []
        case .abandon(let waiter): waiters.removeValue(forKey: waiter)?()
        case .readBack(let isOutcomeUnknown): readBackLater(isOutcomeUnknown)
        case .silence(let seat): silenced.insert(seat)
        }
    }

    private func appended(_ ticket: Int, _ result: Result<LogPosition, EventLogFailure>) {
        guard !isGone else { return }
        switch result {
        case .success: readBackDelay = 0
        case .failure(let failure): world.journal.note("server", "append failed: \(failure)")
        }
        host.appended(ticket, result)
        perform()
    }

    /// What events do at once, before they are durable.
    private func follow(_ commit: ClassCommit) {
        for recorded in commit.events {
            world.journal.note("class", "\(recorded.n) \(recorded.event.typeName) by \(recorded.by)")
            switch recorded.event {
            case .started, .breakEnded: router.soundIsDue(since: recorded.t)
            case .breakStarted, .ended: flush(isForced: true)
            case .trackClosed: router.retain(host.session.tracks)
            default: break
            }
        }
        guard world.bug == .writesVotesDown, let ballot = commit.ballots.first else { return }
        world.writeDown("\(ballot.seat) \(ballot.option)\n")
    }

    private func deliver(_ given: [Delivery]) {
        let deliveries = spoilt(given)
        world.witness.checkEarly(deliveries, durable: log.durablePosition.n)
        for delivery in deliveries {
            if case .conclude(let waiter) = delivery { waiters.removeValue(forKey: waiter)?() }
        }
        for (loop, part) in loops.split(deliveries) { onLoop(loop) { $0.deliver(part) } }
    }

    private func readBackLater(_ isOutcomeUnknown: Bool) {
        let delay = readBackDelay
        readBackDelay = min(max(2 * delay, 250), 2_000)
        server.home.after(delay) { [weak self] in
            guard let self, !isGone else { return }
            readBack(isOutcomeUnknown)
        }
    }

    private func readBack(_ isOutcomeUnknown: Bool) {
        let server = server
        let id = world.id
        if isOutcomeUnknown {
            log.readBack { [weak self] result in
                let state = result.map { server.world.recovered($0) }
                server.home.execute { self?.rebuilt(state, isOutcomeUnknown) }
            }
            return
        }
        let known = host.durableN
        server.submit { [weak self] in
            let result: Result<RecoveredState, ClassFolderFailure>
            do throws(ClassFolderFailure) {
                let state = try ClassFolder.state(of: id, in: server.world.storage, eventsAfter: known)
                result = .success(RecoveredState(state))
            } catch {
                result = .failure(error)
            }
            server.home.execute { self?.rebuilt(result, isOutcomeUnknown) }
        }
    }

    private func rebuilt(
        _ result: Result<RecoveredState, ClassFolderFailure>, _ isOutcomeUnknown: Bool
    ) {
        guard !isGone else { return }
        switch result {
        case .success(let state):
            world.journal.note("server", "read back, n \(state.session.lastN)")
            host.rebuild(state)
            tellRecordingPause()
            perform()
            world.witness.checkReplay(of: host, "read back")
        case .failure(let failure):
            world.journal.note("server", "not read back: \(failure)")
            readBackLater(isOutcomeUnknown)
        }
    }

    // MARK: Planted bugs

    private func spoilt(_ message: ClientMessage, from id: ConnectionID) -> ClientMessage {
        guard world.bug == .forgetsOutcomes, case .command(let command, let asked) = message,
            let seat = host.attendees[id]?.seat, !known.insert("\(seat)/\(command)").inserted
        else { return message }
        return .command(CommandID(unchecked: "\(command)-again"), asked)
    }

    private func spoilt(_ deliveries: [Delivery]) -> [Delivery] {
        switch world.bug {
        case .answersFirst:
            let answers = deliveries.filter { if case .send = $0 { true } else { false } }
            return answers + deliveries.filter { if case .send = $0 { false } else { true } }
        case .showsStaffMatters:
            return deliveries.map { delivery in
                guard case .broadcast(let frame, .staff, let panel) = delivery else { return delivery }
                return .broadcast(frame, audience: .everyone, panel: panel)
            }
        case .showsHiddenTexts:
            return deliveries.map { delivery in
                if case .broadcast(let frame, _, .chat) = delivery { remembered.append(frame) }
                guard case .admit(let member, let greeting) = delivery else { return delivery }
                return .admit(member, greeting: greeting + remembered)
            }
        default: return deliveries
        }
    }
}

/// `@unchecked Sendable`: a world is one thread; the log asks for it by its type.
private final class Completion: @unchecked Sendable {
    let call: () -> Void

    init(_ call: @escaping () -> Void) { self.call = call }
}

/// Salts and names of texts for one host; apart from the lots of the world, so that they stay the same
/// whatever else happens.
struct SaltSource: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
