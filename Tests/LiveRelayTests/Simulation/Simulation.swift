import Foundation
import LiveRelayWire
import SessionModel
import TestSupport

@testable import LiveRelay
@testable import Recorder
@testable import WebSocketCore

/// A class, its disk and the people in it in a virtual world: one seed fixes everything that happens.
///
/// The real `SessionHost`, `EventLogFile` and `ClassFolder` run; the disk loses unsynced bytes at power cuts,
/// fails and fills up; connections are cut; commands are sent again. Checkers run at every delivery, at every
/// crash and at the end. A failure prints the seed and the last steps; `./run simulate S`
/// repeats it.
final class Simulation {
    /// Work that file threads or the loop will do, in the order of a real queue of each kind.
    private final class Queues: @unchecked Sendable {
        // Confined to the one thread of the simulation; `Sendable` only because the log's closures have to
        // be.
        var file: [@Sendable () -> Void] = []
        var loop: [@Sendable () -> Void] = []
        var appended: [(ticket: Int, result: Result<LogPosition, EventLogFailure>)] = []
        var readBack: [Result<RecoveredState, ClassFolderFailure>] = []

        /// Lets go of work that died with the process.
        func forget() {
            file = []
            loop = []
        }
    }

    let seed: UInt64
    let id = SessionID(unchecked: "simulated")
    let storage: VirtualStorage
    private(set) var trace: [String] = []
    private(set) var now: UInt64 = 1_000
    private var random: SeededGenerator
    private var queues = Queues()
    private(set) var host: SessionHost
    private(set) var log: EventLogFile
    private(set) var clients: [SimulatedClient]
    private var nextConnection: UInt64 = 1
    private var owners: [ConnectionID: Int] = [:]
    /// Sockets that clients have given up and the relay has not missed yet.
    private var lingering: [ConnectionID] = []
    private var findings: [String] = []
    private let createdAt = WallTime(milliseconds: 1_790_000_000_000)

    /// One lecturer, a supervisor as the last, and participants between them.
    init(
        seed: UInt64, clients count: Int, kind: ClassKind = .smallInteractive, disk: VirtualStorage? = nil
    ) throws {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        storage = disk ?? VirtualStorage(seed: seed)
        clients = (0..<count).map { index in
            SimulatedClient(
                index: index, role: index == 0 ? .lecturer : index == count - 1 ? .supervisor : .participant)
        }
        let header = LogHeader(session: id, epoch: "e1", createdAt: createdAt)
        let files = try ClassFolder.create(header, in: storage)
        let queues = queues
        log = Simulation.log(id, files, storage, queues)
        host = Simulation.host(
            RecoveredState(session: Session(id: id), view: ClassView()), createdAt, now, random.next())
        let plan = SessionPlan(
            title: "模拟课堂", kind: kind, plannedStart: createdAt, plannedMinutes: 45,
            duplicateLogin: DuplicateLogin.allCases[Int(seed % 3)])
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
                random: SeededGenerator(seed: seed)))
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
        case 70..<87: clientActs(random.below(clients.count))
        case 87..<91: disconnect(random.below(clients.count))
        case 91: connectAnew(random.below(clients.count))
        case 92: looksAround(random.below(clients.count))
        case 93..<95: pass(milliseconds: UInt64(random.below(5_000)))
        case 95: beat()
        case 96: failNextSync()
        case 97: fillDisk()
        case 98: try crash(isPowerCut: true)
        default: try crash(isPowerCut: false)
        }
        try checkEveryStep()
    }

    func note(_ line: String) {
        trace.append("\(now) \(line)")
        if trace.count > 200 { trace.removeFirst(100) }
    }

    private func runFileWork() throws {
        guard !queues.file.isEmpty else { return try runLoopWork() }
        queues.file.removeFirst()()
        if storage.hasLostPower { throw PowerIsGone() }
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
                host.rebuild(state)
            case .failure(let failure):
                note("not read back: \(failure)")
                return try reopen()
            }
            perform()
        }
    }

    private func pass(milliseconds: UInt64) { now += milliseconds }

    func beat() {
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
        send(index, command, asked)
    }

    /// A client asks for something now.
    func ask(_ index: Int, _ asked: ClientCommand) { send(index, clients[index].ask(asked), asked) }

    private func send(_ index: Int, _ command: CommandID, _ asked: ClientCommand) {
        guard let connection = clients[index].connection else { return }
        note("\(clients[index].name) \(command) \(asked)")
        host.command(command, asked, from: connection, now: now)
        perform()
    }

    /// Sends again what was not answered.
    func askAgain(_ index: Int) throws {
        for (command, asked) in clients[index].inFlight {
            send(index, command, asked)
            try settle()
        }
    }

    func connect(_ index: Int) {
        let connection = ConnectionID(number: nextConnection, loopIndex: 0)
        nextConnection += 1
        owners[connection] = index
        clients[index].connection = connection
        if let request = clients[index].resumeRequest, let seat = clients[index].seat {
            note("\(clients[index].name) resumes after \(request.n)")
            host.resume(connection, seat: seat, request, now: now)
        } else if let arrival = clients[index].arrival {
            note("\(clients[index].name) joins")
            host.join(connection, arrival, panels: clients[index].panels, now: now)
        }
        perform()
    }

    private func disconnect(_ index: Int) {
        guard let connection = clients[index].connection else { return noticeLostSocket() }
        note("\(clients[index].name) is cut off")
        clients[index].connection = nil
        owners[connection] = nil
        host.disconnected(connection, cause: .network, now: now)
        perform()
    }

    /// A client believes its socket dead and comes back on another before the relay knows.
    private func connectAnew(_ index: Int) {
        guard clients[index].isMember, let connection = clients[index].connection else { return }
        owners[connection] = nil
        lingering.append(connection)
        connect(index)
    }

    private func noticeLostSocket() {
        guard !lingering.isEmpty else { return }
        host.disconnected(lingering.removeFirst(), cause: .network, now: now)
        perform()
    }

    /// A client does something that is no command.
    private func looksAround(_ index: Int) {
        guard clients[index].isMember, let connection = clients[index].connection else { return }
        switch random.below(3) {
        case 0:
            clients[index].panels = clients[index].panels.isEmpty ? Set(Panel.allCases) : []
            host.show(clients[index].panels, on: connection, now: now)
        case 1:
            let state: Playback = random.below(2) == 0 ? .playing : .hidden
            let report = PlaybackReport(state: state, delayMilliseconds: 300, gaps: 1)
            host.playback(report, from: connection, now: now)
        default:
            host.findPeople(clients[index].search(), search: "学员", offset: 0, from: connection)
        }
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
        case .durable, .abandon, .silence: break
        case .readBack(let isOutcomeUnknown):
            let id = id
            if isOutcomeUnknown {
                log.readBack { queues.readBack.append($0.map { RecoveredState($0.state) }) }
                return
            }
            let result: Result<RecoveredState, ClassFolderFailure>
            do {
                let state = try ClassFolder.state(of: id, in: storage, eventsAfter: host.durableN)
                result = .success(RecoveredState(state))
            } catch {
                result = .failure(error)
            }
            queues.readBack.append(result)
        }
    }

    private func deliver(_ delivery: Delivery) {
        switch delivery {
        case .broadcast(let frame, let audience, let panel):
            let message = decode(frame)
            for index in clients.indices where clients[index].isMember {
                guard let seat = clients[index].seat, audience.includes(seat, role: clients[index].role),
                    panel.map(clients[index].panelsTold.contains) ?? true
                else { continue }
                clients[index].receive(message)
            }
        case .digest(let staff, let others):
            let messages = (decode(staff), decode(others))
            for index in clients.indices where clients[index].isMember {
                clients[index].receive(clients[index].role.isStaff ? messages.0 : messages.1)
            }
        case .send(let frame, let connection): owners[connection].map { clients[$0].receive(decode(frame)) }
        case .admit(let member, let greeting):
            guard let index = owners[member.connection] else { return }
            clients[index].isMember = true
            clients[index].panelsTold = member.panels
            for frame in greeting { clients[index].receive(decode(frame)) }
        case .dismiss(let connection, let code):
            guard let index = owners.removeValue(forKey: connection) else { return }
            note("\(clients[index].name) is sent away: \(code.name)")
            clients[index].sentAway(code)
        case .panels(let connection, let panels): owners[connection].map { clients[$0].panelsTold = panels }
        case .settle, .conclude: break
        }
    }

    /// Reads what leaves the relay, and looks whether it may: nothing leaves before it is durable.
    private func decode(_ frame: SharedFrame) -> ServerMessage {
        guard let message = try? ServerMessage(json: Data(frame.payload)) else {
            findings.append("something left that is no message")
            return .error(.malformed, of: nil)
        }
        let n: UInt64? =
            switch message {
            case .event(let notice): notice.n
            case .snapshot(let snapshot): snapshot.n
            case .accepted(let accepted): accepted.n
            case .digest(let digest): digest.n
            case .hello, .rejected, .retry, .position, .recorded, .pong, .people, .reconnect, .error: nil
            }
        if let n, n > log.durablePosition.n {
            findings.append("\(message.typeName) \(n) left, durable is \(log.durablePosition.n)")
        }
        return message
    }

    // MARK: Crashes

    func crash(isPowerCut: Bool) throws {
        note(isPowerCut ? "power cut" : "kill -9")
        if isPowerCut { storage.crash() } else { storage.killProcess() }
        try reopen()
    }

    /// The class is opened from disk, as after a start of the relay.
    private func reopen() throws {
        storage.failures = [:]
        storage.failuresByKind = [:]
        queues.forget()
        queues = Queues()
        owners = [:]
        lingering = []
        for index in clients.indices { clients[index].connection = nil }
        let recovered = try OpenedClass(id, in: storage).recovered
        log = Simulation.log(id, recovered.files, storage, queues)
        let state = RecoveredState(recovered.state)
        let events = try ClassFolder.read(id, in: storage).events
        try checkNothingAcknowledgedIsMissing(state.session, events)
        host = Simulation.host(state, createdAt, now, random.next())
        host.decideIfAllowed(
            .startRelay(run: state.session.run + 1, wall: createdAt), by: .relay, at: host.time(now))
        perform()
    }

    /// Faults stop; everything that waits is done.
    func settle() throws {
        storage.failures = [:]
        storage.failuresByKind = [:]
        // Far more turns than anything takes that ends.
        for _ in 0..<10_000 {
            guard isBusy else { return }
            try runFileWork()
            try runLoopWork()
        }
        try require(false, "work without end")
    }

    private var isBusy: Bool {
        !queues.file.isEmpty || !queues.loop.isEmpty || !queues.appended.isEmpty
            || !queues.readBack.isEmpty || !host.isSettled
    }

    /// What deliveries gave cause to object to since the last time somebody asked.
    func takeFindings() -> [String] {
        defer { findings = [] }
        return findings + clients.flatMap(\.complaints)
    }

    func require(_ condition: Bool, _ what: @autoclosure () -> String) throws {
        guard !condition else { return }
        throw SimulationFailure(seed: seed, what: what(), trace: trace.suffix(60).joined(separator: "\n"))
    }
}

/// The power went off in the middle of a call to the disk: nothing runs any more.
struct PowerIsGone: Error {}

/// What a checker found, with the seed and the last steps.
struct SimulationFailure: Error, CustomStringConvertible {
    let seed: UInt64
    let what: String
    let trace: String
    var description: String { "seed \(seed): \(what)\n./run simulate \(seed)\n\(trace)" }
}
