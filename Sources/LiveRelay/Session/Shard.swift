import Logging
import Recorder
import SessionModel
import WebSocketCore

/// What one loop holds of the classes: those whose home it is, and its share of the members of all.
final class Shard {
    /// Why a class cannot be attended.
    enum OpenFailure: Error, Hashable {
        /// No such class.
        case unknown
        /// The class is over.
        case ended
        /// The disk refused.
        case storage
        /// The log is broken in the middle and was left alone.
        case corrupt
    }

    typealias Opened = (Result<HostedSession, OpenFailure>) -> Void

    let relay: Relay
    unowned let core: LoopCore
    /// Sockets of this loop, so that the door's answer finds the one that knocked.
    var sockets: [ConnectionID: ClassSocket] = [:]
    private(set) var sessions: [SessionID: HostedSession] = [:]
    /// What the room on the disk allows.
    private(set) var diskLevel = DiskLevel.plenty
    /// Over how long people spread if the server dies; see `ComeBack`.
    private(set) var spreadMilliseconds: Int?
    private var opening: [SessionID: [Opened]] = [:]
    private var fanOuts: [SessionID: FanOut<LoopCore>] = [:]

    init(relay: Relay, core: LoopCore) {
        self.relay = relay
        self.core = core
    }

    /// The room on the disk changed what may be written.
    func disk(_ level: DiskLevel) {
        diskLevel = level
        for hosted in sessions.values { hosted.disk(level) }
    }

    /// There are more people on this server now, or fewer.
    func spread(_ milliseconds: Int?) {
        spreadMilliseconds = milliseconds
        for hosted in sessions.values { hosted.spread(milliseconds) }
    }

    // MARK: Members on this loop

    /// The members of a class on this loop.
    func fanOut(_ session: SessionID) -> FanOut<LoopCore> {
        if let known = fanOuts[session] { return known }
        let relay = relay
        let made = FanOut(core: core) { connection in
            relay.onHome(session) { $0.sessions[session]?.disconnected(connection, cause: .network) }
        }
        fanOuts[session] = made
        return made
    }

    /// A member's socket is gone.
    func remove(_ connection: ConnectionID, of session: SessionID) {
        guard let fanOut = fanOuts[session] else { return }
        fanOut.remove(connection)
        guard fanOut.isDone else { return }
        fanOuts[session] = nil
        let sent = fanOut.takeSentBytes()
        relay.onHome(session) { $0.sessions[session]?.traffic.add(sent) }
    }

    /// What the members of a class on this loop were sent since this was last asked.
    func takeSentBytes(of session: SessionID) -> SentBytes {
        fanOuts[session]?.takeSentBytes() ?? SentBytes()
    }

    /// The server goes: the members on this loop hear when to come back.
    func sayComeBack(_ comeBack: ComeBack) {
        let (staff, others) = (comeBack.forStaff.frame, comeBack.forOthers.frame)
        for fanOut in fanOuts.values { fanOut.tell(staff: staff, others: others) }
    }

    // MARK: Classes at home here

    /// The class, opened from disk when it is not open yet. `completion` runs on this loop.
    func open(_ session: SessionID, completion: @escaping Opened) {
        if let hosted = sessions[session] { return completion(.success(hosted)) }
        if opening[session] != nil {
            opening[session]?.append(completion)
            return
        }
        opening[session] = [completion]
        let relay = relay
        relay.files.submit {
            let result: Result<OpenedClass, ClassFolderFailure>
            do throws(ClassFolderFailure) {
                result = .success(try OpenedClass(session, in: relay.storage))
            } catch {
                result = .failure(error)
            }
            relay.onHome(session) { $0.opened(session, result) }
        }
    }

    private func opened(_ session: SessionID, _ result: Result<OpenedClass, ClassFolderFailure>) {
        let waiting = opening.removeValue(forKey: session) ?? []
        let answer: Result<HostedSession, OpenFailure>
        switch result {
        case .success(let opened): answer = host(opened)
        case .failure(.corrupt(let corruption)):
            relay.logger.error(
                "log corrupt", metadata: ["class": "\(session)", "at": "\(corruption)"])
            answer = .failure(.corrupt)
        case .failure(.storage(.missing)): answer = .failure(.unknown)
        case .failure(.storage(let failure)):
            relay.logger.error("class not opened", metadata: ["class": "\(session)", "why": "\(failure)"])
            answer = .failure(.storage)
        }
        for completion in waiting { completion(answer) }
    }

    private func host(_ opened: OpenedClass) -> Result<HostedSession, OpenFailure> {
        let recovered = opened.recovered
        let hosted = HostedSession(opened, shard: self)
        if !recovered.repair.isNothing {
            relay.logger.warning(
                "class repaired",
                metadata: [
                    "class": "\(hosted.id)", "tornBytes": "\(recovered.repair.tornLogBytes)",
                ])
        }
        guard hosted.host.session.phase != .ended else {
            hosted.close()
            return .failure(.ended)
        }
        sessions[hosted.id] = hosted
        hosted.start()
        return .success(hosted)
    }

    /// Hosts a class whose folder was just made.
    func host(
        _ header: LogHeader, _ files: ClassFiles, plan: SessionPlan, people: [PersonEntry]
    ) -> HostedSession {
        let hosted = HostedSession(header, files, shard: self)
        sessions[hosted.id] = hosted
        hosted.schedule(plan, people: people)
        return hosted
    }

    /// A class is over and everything of it is on disk.
    func retire(_ session: SessionID) {
        sessions.removeValue(forKey: session)?.close()
    }
}

/// A class as it was found on disk, its sound with it.
struct OpenedClass: Sendable {
    let recovered: RecoveredClass
    let manifest: Manifest
    let traffic: ClassTraffic

    /// Opens a class and puts right what a crash left. Blocks.
    init(_ session: SessionID, in storage: any Storage) throws(ClassFolderFailure) {
        // Nobody was told anything by this run yet, so no event has to be told again.
        recovered = try ClassFolder.open(session, in: storage, eventsAfter: .max)
        traffic = ClassTraffic.read(session, in: storage)
        do throws(AudioRecoveryFailure) {
            manifest = try AudioRecovery.open(session, in: storage)
        } catch {
            switch error {
            case .storage(let failure): throw .storage(failure)
            case .manifestInvalid: throw .storage(.io(errno: 0))
            }
        }
    }
}
