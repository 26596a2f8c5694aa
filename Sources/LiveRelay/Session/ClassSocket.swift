import LiveRelayWire
import Recorder
import SessionModel
import WebSocketCore

/// One WebSocket on its way into a class and in it: reads messages where they arrive, and hands them to the
/// loop that decides for the class.
final class ClassSocket: WebSocketDelegate {
    private enum State {
        /// The first message must come before the deadline.
        case awaitingJoin(TimerID)
        /// Somebody is looking whether the token or the code is good.
        case atTheDoor
        /// In class, or about to be told why not.
        case inClass(SessionID)
        case over
    }

    /// More than any page or publisher sends, little enough for one socket not to fill a loop.
    static let messagesPerSecondMaximum = 300
    /// What a publisher has gathered after its network stood still for as long as clients wait before they
    /// reconnect.
    static let messagesBurstMaximum = 1_000

    private let relay: Relay
    private unowned let core: LoopCore
    private var state = State.over
    private var budget = Budget(
        perSecond: ClassSocket.messagesPerSecondMaximum, burst: ClassSocket.messagesBurstMaximum)
    private var probes = Budget(
        perSecond: WireLimits.probesPerSecondMaximum, burst: WireLimits.probesPerSecondMaximum)

    init(relay: Relay, core: LoopCore) {
        self.relay = relay
        self.core = core
    }

    func opened(_ connection: Connection) {
        core.attached(Shard.self)?.sockets[connection.id] = self
        let wait = UInt64(WireLimits.joinMillisecondsMaximum)
        let id = connection.id
        state = .awaitingJoin(
            core.schedule(afterMilliseconds: wait) { [weak self] in self?.joinIsDue(id) })
    }

    private func joinIsDue(_ id: ConnectionID) {
        guard case .awaitingJoin = state, let connection = core.connection(id) else { return }
        refuse(connection, .joinExpected)
    }

    func closed(_ connection: Connection, _ outcome: CloseOutcome) {
        core.attached(Shard.self)?.sockets[connection.id] = nil
        switch state {
        case .awaitingJoin(let timer): core.cancel(timer)
        case .inClass(let session):
            let id = connection.id
            let cause = outcome.interruption
            core.attached(Shard.self)?.remove(id, of: session)
            relay.onHome(session) { $0.sessions[session]?.disconnected(id, cause: cause) }
        case .atTheDoor, .over: break
        }
        state = .over
    }

    func received(_ message: WebSocketMessage, on connection: Connection) {
        guard budget.spend(now: core.now) else {
            return connection.close(.policy, reason: "tooManyMessages")
        }
        switch message {
        case .text(let bytes): text(bytes, on: connection)
        case .binary(let bytes): binary(bytes, on: connection)
        }
    }

    // MARK: Sound

    private func binary(_ bytes: [UInt8], on connection: Connection) {
        switch bytes.first {
        case AudioMessage.probeMark where bytes.count <= AudioMessage.probeBytesMaximum:
            guard probes.spend(now: core.now) else { return }
            connection.send(.binary(bytes), .control)
        case AudioMessage.audioMark:
            guard case .inClass(let session) = state, let message = AudioMessage(bytes: bytes) else {
                return refuse(connection, .audioInvalid)
            }
            let id = connection.id
            relay.onHome(session) { $0.sessions[session]?.sound(message, from: id) }
        default: refuse(connection, .audioInvalid)
        }
    }

    // MARK: Control

    private func text(_ bytes: [UInt8], on connection: Connection) {
        guard bytes.count <= WireLimits.messageBytesMaximum else {
            return refuse(connection, .messageTooLong)
        }
        let message: ClientMessage
        do {
            message = try ClientMessage(json: bytes)
        } catch {
            return misunderstood(error, on: connection)
        }
        switch state {
        case .awaitingJoin(let timer): first(message, on: connection, deadline: timer)
        case .atTheDoor: connection.send(ServerMessage.error(.malformed, of: nil).frame, .control)
        case .inClass(let session): member(message, of: session, on: connection)
        case .over: break
        }
    }

    private func misunderstood(_ failure: ClientMessageFailure, on connection: Connection) {
        let answer: ServerMessage
        switch failure {
        case .malformed(nil): answer = .error(.malformed, of: nil)
        case .malformed(let id?): answer = .rejected(id, .malformed)
        case .unknownType(let type, nil): answer = .error(.unknownType, of: type)
        case .unknownType(_, let id?): answer = .rejected(id, .unknownType)
        case .wireUnsupported: return refuse(connection, .wireUnsupported)
        }
        if case .awaitingJoin = state { return refuse(connection, .joinExpected) }
        connection.send(answer.frame, .control)
    }

    private func first(_ message: ClientMessage, on connection: Connection, deadline: TimerID) {
        let id = connection.id
        let address = connection.peerAddress
        let relay = relay
        let loop = core.loop
        let backHome: @Sendable (Result<SessionID, DisconnectCode>) -> Void = { result in
            loop.execute { core in
                guard let connection = core.connection(id) else { return }
                core.attached(Shard.self)?.sockets[id]?.admitted(result, connection)
            }
        }
        switch message {
        case .join(let request):
            core.cancel(deadline)
            state = .atTheDoor
            Task {
                let admission = await relay.authorizer.authorize(
                    request.credential, from: address, now: Clock.wall())
                backHome(admission.map(\.session))
                guard case .success(let admitted) = admission else { return }
                relay.join(id, admitted, panels: request.panels)
            }
        case .resume(let request):
            core.cancel(deadline)
            state = .atTheDoor
            let admission = relay.authorizer.authorize(request, now: Clock.wall())
            admitted(admission.map(\.session), connection)
            guard case .success(let resumed) = admission else { return }
            relay.resume(id, resumed, request)
        case .ping(let at): pong(at, on: connection)
        case .command, .findPeople, .playback, .panels: refuse(connection, .joinExpected)
        }
    }

    private func pong(_ at: Double, on connection: Connection) {
        let wall = Clock.wall()
        connection.send(ServerMessage.pong(at: at, t: .zero, wall: wall).frame, .control)
    }

    /// The door has answered.
    private func admitted(_ result: Result<SessionID, DisconnectCode>, _ connection: Connection) {
        guard case .atTheDoor = state else { return }
        switch result {
        case .success(let session): state = .inClass(session)
        case .failure(let code): refuse(connection, code)
        }
    }

    private func member(_ message: ClientMessage, of session: SessionID, on connection: Connection) {
        let id = connection.id
        relay.onHome(session) { shard in
            guard let hosted = shard.sessions[session] else { return }
            hosted.run { host, now in
                switch message {
                case .command(let command, let asked): host.command(command, asked, from: id, now: now)
                case .findPeople(let search, let text, let offset):
                    host.findPeople(search, search: text, offset: offset, from: id)
                case .playback(let report): host.playback(report, from: id, now: now)
                case .panels(let panels): host.show(panels, on: id, now: now)
                case .ping(let at): host.sendNow(.send(host.pong(at: at, now: now).frame, to: id))
                case .join, .resume:
                    host.sendNow(.send(ServerMessage.error(.malformed, of: nil).frame, to: id))
                }
            }
        }
    }

    private func refuse(_ connection: Connection, _ code: DisconnectCode) {
        if case .inClass = state {} else { state = .over }
        connection.close(CloseCode(rawValue: code.rawValue), reason: code.name)
    }
}

/// How many things may happen: so many a second on the average, and so many at once after a pause, since a
/// network that stood still delivers what gathered all together.
struct Budget {
    let perSecond: Int
    let burst: Int
    private var left: Int
    private var refilledAt: UInt64 = 0

    init(perSecond: Int, burst: Int) {
        self.perSecond = perSecond
        self.burst = burst
        left = burst
    }

    /// Whether one more may happen now, by the monotonic clock in milliseconds.
    mutating func spend(now: UInt64) -> Bool {
        let elapsed = Int(clamping: now - min(refilledAt, now))
        let refill = min(elapsed, 60_000) * perSecond / 1_000
        if refill > 0 {
            left = min(burst, left + refill)
            refilledAt = now
        }
        guard left > 0 else { return false }
        left -= 1
        return true
    }
}

extension CloseOutcome {
    /// Why the seat is interrupted.
    fileprivate var interruption: InterruptionCause {
        switch self {
        case .closed(let code, _, let byPeer):
            !byPeer && code.rawValue == DisconnectCode.tooSlow.rawValue
                ? .tooSlow : !byPeer && code.rawValue == DisconnectCode.shutdown.rawValue ? .server : .network
        case .failed: .network
        }
    }
}

extension Relay {
    /// Takes somebody whom the door let in to the class.
    func join(_ connection: ConnectionID, _ admission: Admission, panels: Set<Panel>) {
        let session = admission.session
        onHome(session) { shard in
            shard.open(session) { result in
                switch result {
                case .success(let hosted):
                    guard let arrival = Arrival(admission) else {
                        return shard.sendAway(connection, .nameInvalid)
                    }
                    hosted.arrives(connection) { host, now in
                        host.join(connection, arrival, panels: panels, now: now)
                    }
                case .failure(let failure): shard.sendAway(connection, failure.disconnect)
                }
            }
        }
    }

    /// Takes somebody back whose resume token is good.
    func resume(_ connection: ConnectionID, _ admission: ResumeAdmission, _ request: ResumeRequest) {
        let session = admission.session
        onHome(session) { shard in
            shard.open(session) { result in
                switch result {
                case .success(let hosted):
                    hosted.arrives(connection) { host, now in
                        host.resume(connection, seat: admission.seat, request, now: now)
                    }
                case .failure(let failure): shard.sendAway(connection, failure.disconnect)
                }
            }
        }
    }
}

extension Arrival {
    init?(_ admission: Admission) {
        guard
            let entry = PersonEntry(
                person: admission.person, name: admission.name,
                number: admission.number.isEmpty ? nil : admission.number,
                affiliation: admission.affiliation.isEmpty ? nil : admission.affiliation,
                source: admission.isVerified ? .token : .guest)
        else { return nil }
        self.init(person: entry, role: admission.role)
    }
}

extension Shard {
    /// Closes a connection on whatever loop it lives.
    func sendAway(_ connection: ConnectionID, _ code: DisconnectCode) {
        relay.loops[connection.loopIndex].execute { core in
            core.connection(connection)?.close(CloseCode(rawValue: code.rawValue), reason: code.name)
        }
    }
}

extension Shard.OpenFailure {
    var disconnect: DisconnectCode {
        switch self {
        case .unknown: .classUnknown
        case .ended: .ended
        case .storage, .corrupt: .storageFailed
        }
    }
}
