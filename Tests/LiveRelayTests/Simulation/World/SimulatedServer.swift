import LiveRelayWire
import Recorder
import SessionModel
import TestSupport

@testable import LiveRelay
@testable import WebSocketCore

/// One life of the server's process: two loops with the members on each, file threads, a door, and the class.
///
/// `@unchecked Sendable`: a world is one thread; closures of the log and of the door ask for it by their
/// type.
final class SimulatedServer: @unchecked Sendable {
    /// The connections of one loop, and the members among them.
    final class Floor: MemberLines {
        var lines: [ConnectionID: ServerLine] = [:]
        private let loop: VirtualLoop

        init(_ loop: VirtualLoop) { self.loop = loop }

        func line(_ id: ConnectionID) -> ServerLine? { lines[id] }

        func send(_ frame: SharedFrame, to lines: ContiguousArray<ServerLine>, _ dropClass: DropClass) {
            for line in lines { line.send(frame, dropClass) }
        }

        func atEndOfTurn(_ call: @escaping () -> Void) { loop.atEndOfTurn(call) }

        func corked(_ work: () -> Void) { work() }
    }

    typealias Opened = (Result<SimulatedClass, Shard.OpenFailure>) -> Void

    static let loopsCount = 2

    let world: World
    let loops: [VirtualLoop]
    let floors: [Floor]
    private(set) var fanOuts: [FanOut<Floor>] = []
    private(set) var hosted: SimulatedClass?
    private var waiting: [Opened]?
    private(set) var isAlive = true
    private(set) var isStopping = false
    /// When the server before this one was last alive.
    let lastAlive: WallTime?

    /// The loop that decides for the class.
    var home: VirtualLoop { loops[0] }

    init(_ world: World) {
        self.world = world
        lastAlive = world.lastAlive
        loops = (0..<Self.loopsCount).map { VirtualLoop(index: $0, world.agenda, world.lots) }
        floors = loops.map { Floor($0) }
        fanOuts = floors.map { floor in
            FanOut(core: floor) { [unowned self] id in gone(id, .network) }
        }
    }

    // MARK: Life

    /// Opens the class, as a server does that starts.
    func start() {
        home.execute { [self] in open { _ in } }
        noteAlive()
    }

    /// Notes now and then that the server runs, so that the next one knows since when it did not.
    private func noteAlive() {
        world.lastAlive = world.wall
        home.after(AliveMark.periodMilliseconds) { [self] in noteAlive() }
    }

    /// The process is no more; nothing of it runs again.
    func die() {
        isAlive = false
        for loop in loops { loop.die() }
    }

    /// Lets go of everything that holds on to it.
    func fallApart() {
        hosted = nil
        waiting = nil
        fanOuts = []
        for floor in floors { floor.lines = [:] }
    }

    /// Stops in order: everybody is told when to come back, and what happened is on the disk when `isDone`
    /// is called.
    func stop(isDone: @escaping () -> Void) {
        isStopping = true
        let comeBack = ComeBack(people: world.devices.count, isPortKept: false)
        for (floor, fanOut) in zip(floors, fanOuts) {
            fanOut.tell(staff: comeBack.forStaff.frame, others: comeBack.forOthers.frame)
            for line in floor.lines.values.sorted(by: { $0.id.number < $1.id.number }) {
                line.close(
                    CloseCode(rawValue: DisconnectCode.shutdown.rawValue),
                    reason: DisconnectCode.shutdown.name)
            }
        }
        // Time for people to take their last messages.
        home.after(1_000) { [self] in
            guard let hosted else { return isDone() }
            hosted.rest(isDone)
        }
    }

    /// Work that blocks, on a thread of its own.
    func submit(_ work: @escaping () -> Void) {
        let world = world
        let usual = world.lots.milliseconds(0...8)
        world.agenda.at(max(world.agenda.now + usual, world.diskStallsUntil)) { [self] in
            guard isAlive else { return }
            work()
            if world.storage.hasLostPower { world.diedInTheMiddle() }
        }
    }

    // MARK: Connections

    /// A device knocks; nil where nobody answers any more.
    func accept(_ link: VirtualLink) -> ServerLine? {
        guard isAlive, !isStopping else { return nil }
        let loop = world.lots.below(Self.loopsCount)
        let line = ServerLine(
            id: ConnectionID(number: world.nextConnection(), loopIndex: loop), link, self, world)
        floors[loop].lines[line.id] = line
        return line
    }

    func forget(_ line: ServerLine) {
        floors[line.id.loopIndex].lines[line.id] = nil
        fanOuts[line.id.loopIndex].remove(line.id)
    }

    func askToJoin(_ request: JoinRequest, _ line: ServerLine) {
        let answer = world.door.admission(request.credential)
        world.agenda.after(world.lots.milliseconds(1...20)) { [self] in
            loops[line.id.loopIndex].execute { line.admitted(answer.map(\.session)) }
            guard isAlive, case .success(let admission) = answer else { return }
            arrives(line) { hosted in
                guard let arrival = Arrival(admission) else { return }
                hosted.host.join(line.id, arrival, panels: request.panels, now: hosted.now)
            }
        }
    }

    func askToResume(_ request: ResumeRequest, _ line: ServerLine) {
        let answer = world.door.admission(request)
        line.admitted(answer.map(\.session))
        guard case .success(let admission) = answer else { return }
        arrives(line) { hosted in
            hosted.host.resume(line.id, seat: admission.seat, request, now: hosted.now)
        }
    }

    private func arrives(_ line: ServerLine, _ work: @escaping (SimulatedClass) -> Void) {
        home.execute { [self] in
            open { [self] result in
                switch result {
                case .success(let hosted): hosted.arrives(line) { work(hosted) }
                case .failure(let failure): sendAway(line, failure.disconnect)
                }
            }
        }
    }

    private func sendAway(_ line: ServerLine, _ code: DisconnectCode) {
        loops[line.id.loopIndex].execute {
            line.close(CloseCode(rawValue: code.rawValue), reason: code.name)
        }
    }

    func tell(_ message: ClientMessage, from id: ConnectionID) {
        home.execute { [self] in hosted?.received(message, from: id) }
    }

    func sound(_ message: AudioMessage, from id: ConnectionID) {
        home.execute { [self] in hosted?.sound(message, from: id) }
    }

    func gone(_ id: ConnectionID, _ cause: InterruptionCause) {
        home.execute { [self] in hosted?.disconnected(id, cause) }
    }

    // MARK: The class

    private func open(_ completion: @escaping Opened) {
        if let hosted { return completion(.success(hosted)) }
        guard waiting == nil else {
            waiting?.append(completion)
            return
        }
        waiting = [completion]
        submit { [self] in
            let result: Result<OpenedClass, ClassFolderFailure>
            do throws(ClassFolderFailure) {
                result = .success(try OpenedClass(world.id, in: world.storage))
            } catch {
                result = .failure(error)
            }
            home.execute { [self] in opened(result) }
        }
    }

    private func opened(_ result: Result<OpenedClass, ClassFolderFailure>) {
        let completions = waiting ?? []
        waiting = nil
        let answer: Result<SimulatedClass, Shard.OpenFailure>
        switch result {
        case .success(let opened):
            let made = SimulatedClass(opened.recovered, self)
            if made.host.session.phase == .ended {
                made.close()
                answer = .failure(.ended)
            } else {
                hosted = made
                made.start()
                answer = .success(made)
            }
        case .failure(.corrupt(let corruption)):
            world.journal.require(false, .acknowledged, "the log is corrupt: \(corruption)")
            answer = .failure(.corrupt)
        case .failure(.storage(let failure)):
            world.journal.note("server", "cannot open the class: \(failure)")
            answer = .failure(.storage)
        }
        for completion in completions { completion(answer) }
    }

    /// A class whose folder was just made.
    func host(_ made: SimulatedClass) { hosted = made }

    /// The class is over, or cannot be read.
    func retire() {
        hosted?.close()
        hosted = nil
    }
}
