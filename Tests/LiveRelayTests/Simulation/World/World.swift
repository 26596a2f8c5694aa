import LiveRelayWire
import Recorder
import SessionModel
import TestSupport

@testable import LiveRelay
@testable import LiveRelayClient
@testable import WebSocketCore

/// A class, its server, its disk, its network and everybody in it, on virtual time: one seed fixes all that
/// happens.
///
/// Real are the host, the log with its folder, the fan-outs, the way of a socket into a class, the WebSocket
/// machines and queues of both ends, and the machine of every client with what it keeps and sends again.
/// Faults come for a while; then everything heals, and what was promised must hold. `docs/simulation.md`
/// describes it.
final class World {
    /// How long after the end of the faults people still act, and when the class is looked at.
    private static let actingMilliseconds: UInt64 = 48_000
    private static let calmMilliseconds: UInt64 = 72_000
    /// Whoever waits longest between two tries is back by then.
    private static let backMilliseconds: UInt64 = 38_000

    let seed: UInt64
    let bug: PlantedBug?
    let agenda = Agenda()
    let lots: Lots
    let journal: Journal
    let storage: VirtualStorage
    let id = SessionID(unchecked: "simulated")
    let epoch = "e1"
    let createdAt = WallTime(milliseconds: 1_790_000_000_000)
    let door: Door
    let kind: ClassKind
    let duplicateLogin: DuplicateLogin
    /// Whether snapshots of the class are taken now and then, far more often than by a server.
    let takesSnapshots: Bool
    private(set) lazy var witness = Witness(self)
    private(set) var devices: [SimulatedDevice] = []
    var server: SimulatedServer?
    /// Links that somebody still holds.
    var links: [VirtualLink] = []
    var limits = TransportLimits()
    /// How the wall clock differs from the time that passes.
    var wallOffset: Int64 = 0
    /// The disk answers nothing before.
    var diskStallsUntil: UInt64 = 0
    var diskLevel = DiskLevel.plenty
    /// What happens to the process whose disk loses power in the middle of a call.
    var crashInTheMiddle: Crash?
    var anonymousPolls: Set<PollID> = []
    /// When the server last noted that it runs.
    var lastAlive: WallTime?
    var acknowledgedCount = 0
    private(set) var faultsEnd: UInt64 = 0
    private var connectionsCount: UInt64 = 0
    /// Every server and link there ever was, to be taken apart at the end: in a run of ten thousand worlds
    /// none may outlive its own.
    private var pastServers: [SimulatedServer] = []
    private var pastLinks: [VirtualLink] = []

    /// How a server goes.
    enum Crash: String, CaseIterable {
        /// kill -9: what was written stays, synced or not.
        case kill
        /// A power cut: what was not synced is lost in part or whole.
        case powerCut
        /// In order.
        case stop
    }

    init(seed: UInt64, bug: PlantedBug? = nil, checkers: Set<Checker> = Set(Checker.allCases)) {
        self.seed = seed
        self.bug = bug
        lots = Lots(seed: seed)
        storage = VirtualStorage(seed: seed)
        journal = Journal(seed: seed, agenda, checkers: checkers)
        door = Door(session: id)
        kind = seed % 4 == 0 ? .largeLecture : .smallInteractive
        takesSnapshots = seed % 2 == 0
        duplicateLogin = DuplicateLogin.allCases[Int(seed % 3)]
        // Small enough for a slow reader to fill them.
        limits.queueBytesMaximum = 16_384
        limits.mediaQueueBytesMaximum = 4_096
    }

    var wall: WallTime {
        WallTime(milliseconds: createdAt.milliseconds + Int64(agenda.now) + wallOffset)
    }

    /// Whether people act; at the end they only look.
    var isActing: Bool { agenda.now < faultsEnd + Self.actingMilliseconds }

    /// What was asked for from here on must be answered.
    var answersDueFrom: UInt64 { faultsEnd + Self.backMilliseconds }

    var isFaulty: Bool { agenda.now < faultsEnd }

    // MARK: A run

    /// Runs from the first join to the last check.
    func run() throws {
        defer { fallApart() }
        try begin()
        faultsEnd = agenda.now + lots.milliseconds(30_000...80_000)
        nextFault()
        agenda.at(faultsEnd) { [self] in heal() }
        for device in devices {
            let last = faultsEnd + Self.actingMilliseconds
            agenda.at(lots.milliseconds(answersDueFrom...last)) { [self] in cutWhileAsking(device) }
        }
        let end = faultsEnd + Self.calmMilliseconds
        while agenda.runNext(before: end) {
            if let failure = journal.failure { throw failure }
        }
        checkAtTheEnd()
        if let failure = journal.failure { throw failure }
    }

    private func fallApart() {
        agenda.forget()
        for server in pastServers { server.fallApart() }
        for device in devices { device.fallApart() }
        for link in pastLinks { (link.device, link.server) = (nil, nil) }
        (pastServers, pastLinks, links, devices, server) = ([], [], [], [], nil)
    }

    private func newServer() -> SimulatedServer {
        let made = SimulatedServer(self)
        pastServers.append(made)
        server = made
        return made
    }

    private func begin() throws {
        let header = LogHeader(session: id, epoch: epoch, createdAt: createdAt)
        let files = try ClassFolder.create(header, in: storage)
        let server = newServer()
        let hosted = SimulatedClass(
            RecoveredState(session: Session(id: id), view: ClassView()), files, server)
        server.host(hosted)
        let plan = SessionPlan(
            title: "模拟课堂", kind: kind, plannedStart: createdAt, plannedMinutes: 45,
            duplicateLogin: duplicateLogin)
        hosted.schedule(plan, people: [])
        devices = [
            SimulatedDevice("lecturer", "zhang", .lecturer, self),
            SimulatedDevice("assistant", "he", .assistant, self),
            SimulatedDevice("supervisor", "xun", .supervisor, self),
        ]
        for number in 1...(3 + Int(seed % 3)) {
            devices.append(SimulatedDevice("learner\(number)", "p\(number)", .participant, self))
        }
        // Some come with two devices.
        devices.append(SimulatedDevice("learner1'", "p1", .participant, self))
        if seed % 5 == 0 { devices.append(SimulatedDevice("lecturer'", "zhang", .lecturer, self)) }
        for device in devices { agenda.after(lots.milliseconds(0...6_000)) { device.begin() } }
    }

    func nextConnection() -> UInt64 {
        connectionsCount += 1
        return connectionsCount
    }

    // MARK: Connections

    /// A device opens a connection; it is told of the line at once, and later whether anybody answered.
    func connect(_ device: SimulatedDevice, _ number: Int, _ begun: (DeviceLine) -> Void) {
        let link = VirtualLink(name: "\(device.name)#\(number)", owner: device, world: self)
        let line = DeviceLine(number: number, link, device, self)
        link.device = line
        begun(line)
        links.removeAll { $0.isOver }
        links.append(link)
        pastLinks.append(link)
        agenda.after(lots.milliseconds(2...120)) { [self] in
            guard let server, let accepted = server.accept(link) else {
                // A machine that is off says nothing; one whose server is down refuses.
                if !isPowerOff { line.ended(isReset: true) }
                return
            }
            link.server = accepted
            agenda.after(lots.milliseconds(2...120)) { device.opened(line) }
        }
    }

    private(set) var isPowerOff = false

    /// A device's page is over; people open it again where that may help.
    func finished(_ device: SimulatedDevice, _ ending: ClassroomEnding) {
        if case .code(let code) = ending, code == .ended || code == .banned { return }
        agenda.after(lots.milliseconds(2_000...15_000)) { [self] in
            // Late in the calm nobody opens a page again, so that everybody has time to come back.
            guard device.machine.isFinished, agenda.now < faultsEnd + 20_000 else { return }
            device.begin()
        }
    }

    // MARK: The server

    /// The process or its machine goes, and comes back after a while.
    func crash(_ crash: Crash) {
        guard let server, server.isAlive, !server.isStopping else { return }
        journal.note("server", "goes: \(crash.rawValue)")
        switch crash {
        case .kill, .powerCut: gone(crash)
        case .stop: server.stop { [self] in agenda.after(20) { [self] in if server.isAlive { gone(.kill) } } }
        }
    }

    /// The disk lost its power in the middle of a call, or the process died there.
    func diedInTheMiddle() {
        journal.note("server", "dies in the middle of a call")
        gone(crashInTheMiddle ?? .powerCut)
    }

    private func gone(_ crash: Crash) {
        server?.die()
        server = nil
        crashInTheMiddle = nil
        let isPowerCut = crash == .powerCut
        isPowerOff = isPowerCut
        for link in links { isPowerCut ? link.serverVanished() : link.serverDied(isReset: lots.percent(40)) }
        links = []
        if isPowerCut { storage.crash() } else { storage.killProcess() }
        storage.failures = [:]
        if let contents = readDisk() {
            witness.checkLog(contents)
            checkBallots(contents)
        }
        agenda.after(lots.milliseconds(200...8_000)) { [self] in
            if lots.percent(15) { wallOffset += Int64(lots.below(1_200_000)) - 600_000 }
            journal.note("server", "starts")
            isPowerOff = false
            newServer().start()
        }
    }

    /// What a class that was opened says, or a planted bug makes of it.
    func recovered(_ recovered: RecoveredClass) -> RecoveredState {
        let state = RecoveredState(recovered.state)
        guard bug == .recoversInPart, let contents = readDisk() else { return state }
        var session = Session(id: id)
        for event in contents.events {
            switch event.event {
            case .muted, .handRaised:
                session.apply(
                    RecordedEvent(n: event.n, t: event.t, by: event.by, cause: event.cause, event: .opened))
            default: session.apply(event)
            }
        }
        return RecoveredState(session: session, view: state.view, base: state.base, events: state.events)
    }

    // MARK: The disk

    /// What the disk says now, whatever fails on it; nil before the class is there.
    func readDisk() -> ClassContents? {
        storage.undisturbed { try? ClassFolder.read(id, in: storage) }
    }

    /// For the planted bug that keeps a list of votes.
    func writeDown(_ line: String) {
        storage.undisturbed {
            guard let file = try? storage.open("classes/\(id)/votes.txt", .append) else { return }
            try? storage.append(Array(line.utf8), to: file)
            storage.close(file)
        }
    }
}
