import LiveRelayWire
@testable import Recorder
import SessionModel
@testable import WebSocketCore

@testable import LiveRelay

/// A class, its disk and the people in it in a virtual world: one seed fixes everything that happens.
///
/// The real `SessionHost`, `EventLogFile` and `ClassFolder` run; the disk loses unsynced bytes at power cuts, fails
/// and fills up; connections are cut; commands are sent again. Checkers run at every crash and at the end.
/// A failure prints the seed and the last steps; `./run simulate --seeds 1 --seed S` repeats it.
final class Simulation {
    /// Work that file threads or the loop will do, in the order of a real queue of each kind.
    private final class Queues: @unchecked Sendable {
        // Confined to the one thread of the simulation; `Sendable` only because the log's closures have to be.
        var file: [@Sendable () -> Void] = []
        var loop: [@Sendable () -> Void] = []
        var appended: [(ticket: Int, result: Result<LogPosition, EventLogFailure>)] = []
        var readBack: [Result<RecoveredState, ClassFolderFailure>] = []
    }

    let seed: UInt64
    let id = SessionID(unchecked: "simulated")
    let storage: VirtualStorage
    private(set) var trace: [String] = []
    private(set) var now: UInt64 = 1_000
    private var random: SeededGenerator
    private var queues = Queues()
    private var host: SessionHost
    private var log: EventLogFile
    private(set) var clients: [SimulatedClient]
    private var nextConnection: UInt64 = 1
    private var owners: [ConnectionID: Int] = [:]
    private let createdAt = WallTime(milliseconds: 1_790_000_000_000)

    init(seed: UInt64, clients count: Int) throws {
        self.seed = seed
        random = SeededGenerator(state: seed)
        storage = VirtualStorage(seed: seed)
        clients = (0..<count).map { SimulatedClient(index: $0, role: $0 == 0 ? .lecturer : .participant) }
        let header = LogHeader(session: id, epoch: "e1", createdAt: createdAt)
        let files = try ClassFolder.create(header, in: storage)
        let queues = queues
        log = Simulation.log(id, files, storage, queues)
        host = Simulation.host(
            RecoveredState(session: Session(id: id), view: ClassView()), createdAt, now, seed)
        let plan = SessionPlan(
            title: "模拟课堂", kind: .smallInteractive, plannedStart: createdAt, plannedMinutes: 45)
        host.schedule(plan, people: [], run: 1, at: host.time(now))
        perform()
        try settle()
    }

    private static func log(
        _ id: SessionID, _ files: ClassFiles, _ storage: VirtualStorage, _ queues: Queues
    ) -> EventLogFile {
        EventLogFile(
            id, files: files, storage: storage, runOnFileThread: { queues.file.append($0) },
            schedule: { queues.loop.append($0) })
    }

    private static func host(
        _ state: RecoveredState, _ createdAt: WallTime, _ now: UInt64, _ seed: UInt64
    ) -> SessionHost {
        let clock = SessionClock(
            createdAt: createdAt, last: state.session.time,
            wall: WallTime(milliseconds: createdAt.milliseconds + Int64(now)), monotonicMilliseconds: now)
        return SessionHost(
            epoch: "e1", session: state.session, view: state.view,
            surroundings: SessionHost.Surroundings(
                clock: clock, resumeToken: { seat, _, _ in "resume-\(seat.id)" },
                random: SeededGenerator(state: seed ^ now)))
    }

    // MARK: Steps

    /// Runs to the end; whatever is thrown on the way carries the seed and the last steps.
    func run(steps: Int) throws {
        do {
            for _ in 0..<steps { try step() }
            try checkAtTheEnd()
        } catch let failure as SimulationFailure {
            throw failure
        } catch {
            try require(false, "\(error)")
        }
    }

    /// Does one thing that the seed chooses.
    func step() throws {
        switch random.below(100) {
        case 0..<45: try runFileWork()
        case 45..<70: try runLoopWork()
        case 70..<88: clientActs(random.below(clients.count))
        case 88..<92: disconnect(random.below(clients.count))
        case 92..<95: pass(milliseconds: UInt64(random.below(5_000)))
        case 95: beat()
        case 96: failNextSync()
        case 97: fillDisk()
        case 98: try crash(isPowerCut: true)
        default: try crash(isPowerCut: false)
        }
    }

    private func note(_ line: String) {
        trace.append("\(now) \(line)")
        if trace.count > 200 { trace.removeFirst(100) }
    }

    private func runFileWork() throws {
        guard !queues.file.isEmpty else { return try runLoopWork() }
        queues.file.removeFirst()()
    }

    private func runLoopWork() throws {
        if !queues.loop.isEmpty { queues.loop.removeFirst()() }
        let answers = queues.appended
        queues.appended = []
        for (ticket, result) in answers {
            host.appended(ticket, result)
            if case .failure(let failure) = result { note("append \(ticket) failed: \(failure)") }
            perform()
        }
        let rebuilt = queues.readBack
        queues.readBack = []
        for result in rebuilt {
            switch result {
            case .success(let state):
                note("read back, n \(state.session.lastN)")
                host.rebuild(session: state.session, view: state.view)
            case .failure(let failure):
                note("not read back: \(failure)")
                host.giveUp()
                perform()
                return try reopen()
            }
            perform()
        }
    }

    private func pass(milliseconds: UInt64) { now += milliseconds }

    private func beat() {
        now += Pulse.periodMilliseconds
        host.beat(tracks: [], now: now)
        perform()
    }

    private func failNextSync() {
        storage.failures[storage.callsCount + random.below(6)] = .io(errno: 5)
        note("a call of the disk will fail")
    }

    private func fillDisk() {
        if storage.failuresByKind[.append] == nil {
            storage.failuresByKind[.append] = .noSpace
            note("disk full")
        } else {
            storage.failuresByKind = [:]
            note("disk has room")
        }
    }

    // MARK: Clients

    private func clientActs(_ index: Int) {
        guard let connection = clients[index].connection else { return connect(index) }
        guard host.attendees[connection] != nil else { return }
        guard let (command, asked) = clients[index].act(&random, host.session) else { return }
        note("\(clients[index].name) \(command) \(asked)")
        host.command(command, asked, from: connection, now: now)
        perform()
    }

    private func connect(_ index: Int) {
        let connection = ConnectionID(number: nextConnection, loopIndex: 0)
        nextConnection += 1
        owners[connection] = index
        clients[index].connection = connection
        if let request = clients[index].resumeRequest, let seat = clients[index].seat {
            note("\(clients[index].name) resumes after \(request.n)")
            host.resume(connection, seat: seat, request, now: now)
        } else if let arrival = clients[index].arrival {
            note("\(clients[index].name) joins")
            host.join(connection, arrival, panels: Set(Panel.allCases), now: now)
        }
        perform()
    }

    private func disconnect(_ index: Int) {
        guard let connection = clients[index].connection else { return }
        note("\(clients[index].name) is cut off")
        clients[index].connection = nil
        owners[connection] = nil
        host.disconnected(connection, cause: .network, now: now)
        perform()
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
        let queues = queues
        switch effect {
        case .append(let commit, let position, let ticket):
            log.append(commit, after: position) { queues.appended.append((ticket, $0)) }
        case .deliver(let deliveries): for delivery in deliveries { deliver(delivery) }
        case .durable, .abandon: break
        case .readBack(let isOutcomeUnknown):
            let id = id
            if isOutcomeUnknown {
                log.readBack { queues.readBack.append($0.map { RecoveredState(id, $0) }) }
                return
            }
            let result: Result<RecoveredState, ClassFolderFailure>
            do {
                result = .success(RecoveredState(id, try ClassFolder.read(id, in: storage)))
            } catch {
                result = .failure((error as? ClassFolderFailure) ?? .storage(.missing))
            }
            queues.readBack.append(result)
        }
    }

    private func deliver(_ delivery: Delivery) {
        switch delivery {
        case .broadcast(let frame, let audience, _):
            for index in clients.indices where clients[index].isMember {
                guard let seat = clients[index].seat, audience.includes(seat, role: clients[index].role)
                else { continue }
                clients[index].receive(frame)
            }
        case .send(let frame, let connection): owners[connection].map { clients[$0].receive(frame) }
        case .admit(let member, let greeting):
            guard let index = owners[member.connection] else { return }
            clients[index].isMember = true
            for frame in greeting { clients[index].receive(frame) }
        case .dismiss(let connection, let code):
            guard let index = owners.removeValue(forKey: connection) else { return }
            note("\(clients[index].name) is sent away: \(code.name)")
            clients[index].sentAway(code)
        case .digest, .panels, .settle, .conclude: break
        }
    }

    // MARK: Crashes

    private func crash(isPowerCut: Bool) throws {
        note(isPowerCut ? "power cut" : "kill -9")
        if isPowerCut { storage.crash() } else { storage.killProcess() }
        try reopen()
    }

    /// The class is opened from disk, as after a start of the relay.
    private func reopen() throws {
        storage.failures = [:]
        storage.failuresByKind = [:]
        queues = Queues()
        owners = [:]
        for index in clients.indices { clients[index].connection = nil }
        let recovered = try OpenedClass(id, in: storage).recovered
        log = Simulation.log(id, recovered.files, storage, queues)
        let state = RecoveredState(id, recovered)
        try checkNothingAcknowledgedIsMissing(state.session, recovered.events)
        host = Simulation.host(state, createdAt, now, seed)
        host.decideIfAllowed(
            .startRelay(run: state.session.run + 1, wall: createdAt), by: .relay, at: host.time(now))
        perform()
    }

    /// Faults stop; everything that waits is done.
    func settle() throws {
        storage.failures = [:]
        storage.failuresByKind = [:]
        for _ in 0..<10_000 where !queues.file.isEmpty || !queues.loop.isEmpty || !queues.appended.isEmpty
            || !queues.readBack.isEmpty || !host.isSettled
        {
            try runFileWork()
            try runLoopWork()
        }
    }

    // MARK: Checkers

    /// Whatever a client was told is done stands in the log, exactly once; whatever it saw is what the log says.
    private func checkNothingAcknowledgedIsMissing(_ session: Session, _ events: [RecordedEvent]) throws {
        var causes: [String: Int] = [:]
        for event in events {
            guard case .seat(let seat) = event.by, let cause = event.cause else { continue }
            causes["\(seat)/\(cause)", default: 0] |= 1
        }
        for client in clients {
            guard let seat = client.seat else { continue }
            for command in client.acknowledged {
                try require(causes["\(seat)/\(command)"] != nil, "\(client.name)'s \(command) is missing")
            }
            for (n, type) in client.seen {
                let index = Int(n) - 1
                try require(
                    events.indices.contains(index) && events[index].event.typeName == type,
                    "\(client.name) saw \(type) at \(n), which the log does not have")
            }
            for poll in client.votedPolls {
                let hasVoted = session.polls.first { $0.id == poll }?.hasVoted(seat) ?? false
                try require(hasVoted, "\(client.name)'s vote in \(poll) is missing")
            }
        }
        try checkTwice(events)
        try checkBallots(session)
    }

    /// No command took effect twice: its events stand together, as one decision.
    private func checkTwice(_ events: [RecordedEvent]) throws {
        var last: [String: UInt64] = [:]
        for event in events {
            guard case .seat(let seat) = event.by, let cause = event.cause else { continue }
            let key = "\(seat)/\(cause)"
            try require(last[key].map { event.n == $0 + 1 } ?? true, "\(key) took effect twice")
            last[key] = event.n
        }
    }

    /// As many ballots as voters, and no vote in the log.
    private func checkBallots(_ session: Session) throws {
        for poll in session.polls where poll.question.secrecy == .anonymous && poll.isOpen {
            try require(poll.voters.count == poll.ballots.count, "ballots of \(poll.id) do not match voters")
        }
    }

    /// Faults have stopped and everybody is back: the log, the head and everybody's view agree.
    func checkAtTheEnd() throws {
        try settle()
        for index in clients.indices where clients[index].mayComeBack {
            if clients[index].connection == nil { connect(index) }
            try settle()
            for (command, asked) in clients[index].inFlight {
                guard let connection = clients[index].connection else { break }
                host.command(command, asked, from: connection, now: now)
                perform()
                try settle()
            }
        }
        let contents = try ClassFolder.read(id, in: storage)
        let replayed = RecoveredState(id, contents).session
        try checkNothingAcknowledgedIsMissing(replayed, contents.events)
        try require(replayed.lastN == host.session.lastN, "log ends at \(replayed.lastN), head at \(host.session.lastN)")
        try require(replayed == host.session, "the replayed log is not the head")
        for client in clients where client.mayComeBack {
            try require(client.isMember, "\(client.name) did not come back")
            try require(client.inFlight.isEmpty, "\(client.name) waits for \(client.inFlight)")
        }
    }

    private func require(_ condition: Bool, _ what: String) throws {
        guard !condition else { return }
        throw SimulationFailure(seed: seed, what: what, trace: trace.suffix(40).joined(separator: "\n"))
    }
}

/// What a checker found, with the seed and the last steps.
struct SimulationFailure: Error, CustomStringConvertible {
    let seed: UInt64
    let what: String
    let trace: String
    var description: String { "seed \(seed): \(what)\n./run simulate --seeds 1 --seed \(seed)\n\(trace)" }
}

/// SplitMix64: small, seeded, the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }
}
