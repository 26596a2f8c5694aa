import LiveRelayWire
import Recorder
import SessionModel
import WebSocketCore

/// Drives a `ClassSocketMachine` with one WebSocket, and hands what it says to the loop that decides for the
/// class.
final class ClassSocket: WebSocketDelegate {
    private let relay: Relay
    private unowned let core: LoopCore
    private var machine = ClassSocketMachine()
    /// The first message must come before it rings.
    private var joinTimer: TimerID?

    init(relay: Relay, core: LoopCore) {
        self.relay = relay
        self.core = core
    }

    func opened(_ connection: Connection) {
        core.attached(Shard.self)?.sockets[connection.id] = self
        let id = connection.id
        joinTimer = core.schedule(afterMilliseconds: UInt64(WireLimits.joinMillisecondsMaximum)) {
            [weak self] in
            guard let self, let connection = core.connection(id) else { return }
            joinTimer = nil
            perform(machine.joinIsDue(), connection)
        }
    }

    func received(_ message: WebSocketMessage, on connection: Connection) {
        perform(machine.received(message, now: core.now, wall: Clock.wall()), connection)
    }

    func closed(_ connection: Connection, _ outcome: CloseOutcome) {
        core.attached(Shard.self)?.sockets[connection.id] = nil
        perform(machine.closed(outcome), connection)
    }

    private func perform(_ effects: [ClassSocketMachine.Effect], _ connection: Connection) {
        if let joinTimer, !machine.awaitsJoin {
            core.cancel(joinTimer)
            self.joinTimer = nil
        }
        let id = connection.id
        for effect in effects {
            switch effect {
            case .send(let frame): connection.send(frame, .reply)
            case .close(let code, let reason): connection.close(code, reason: reason)
            case .askToJoin(let request): join(request, connection)
            case .askToResume(let request): resume(request, connection)
            case .tell(let session, let message):
                relay.onHome(session) { shard in
                    shard.sessions[session]?.run { host, now in
                        host.received(message, from: id, now: now)
                    }
                }
            case .sound(let session, let message):
                relay.onHome(session) { $0.sessions[session]?.sound(message, from: id) }
            case .gone(let session, let cause):
                core.attached(Shard.self)?.remove(id, of: session)
                relay.onHome(session) { $0.sessions[session]?.disconnected(id, cause: cause) }
            }
        }
    }

    private func join(_ request: JoinRequest, _ connection: Connection) {
        let id = connection.id
        let address = connection.peerAddress
        let relay = relay
        let loop = core.loop
        Task {
            let admission = await relay.authorizer.authorize(
                request.credential, from: address, now: Clock.wall())
            loop.execute { core in
                guard let connection = core.connection(id) else { return }
                core.attached(Shard.self)?.sockets[id]?.admitted(admission.map(\.session), connection)
            }
            guard case .success(let admitted) = admission else { return }
            relay.join(id, admitted, panels: request.panels)
        }
    }

    private func resume(_ request: ResumeRequest, _ connection: Connection) {
        let admission = relay.authorizer.authorize(request, now: Clock.wall())
        admitted(admission.map(\.session), connection)
        guard case .success(let resumed) = admission else { return }
        relay.resume(connection.id, resumed, request)
    }

    /// The door has answered.
    private func admitted(_ result: Result<SessionID, DisconnectCode>, _ connection: Connection) {
        perform(machine.admitted(result), connection)
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
