import LiveRelayWire
import SessionModel
import WebSocketCore

/// One WebSocket on its way into a class and in it: reads what comes and says what is to be done.
///
///     awaiting join ──join, resume──▶ at the door ──let in──▶ in class
///           └──too late, or something else──▶ over ◀──refused──┘
///
/// Synchronous and without I/O; `ClassSocket` and the simulation drive it.
struct ClassSocketMachine {
    /// What the driver has to do, in order.
    enum Effect {
        /// Send this to the far end.
        case send(SharedFrame)
        /// Begin the closing handshake.
        case close(CloseCode, reason: String)
        /// Look whether the token or the code is good, and answer with `admitted`.
        case askToJoin(JoinRequest)
        /// Look whether the resume token is good, and answer with `admitted`.
        case askToResume(ResumeRequest)
        /// Hand this to the loop that decides for the class.
        case tell(SessionID, ClientMessage)
        /// Hand this sound to it.
        case sound(SessionID, AudioMessage)
        /// The socket is no member any more, and the class has to hear of it.
        case gone(SessionID, InterruptionCause)
    }

    private enum State {
        /// The first message must come.
        case awaitingJoin
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

    private var state = State.awaitingJoin
    private var budget = Budget(perSecond: messagesPerSecondMaximum, burst: messagesBurstMaximum)
    private var probes = Budget(
        perSecond: WireLimits.probesPerSecondMaximum, burst: WireLimits.probesPerSecondMaximum)

    /// Whether the first message has not come yet.
    var awaitsJoin: Bool {
        if case .awaitingJoin = state { true } else { false }
    }

    /// The first message had to come by now.
    mutating func joinIsDue() -> [Effect] { awaitsJoin ? [refuse(.joinExpected)] : [] }

    /// The socket is gone.
    mutating func closed(_ outcome: CloseOutcome) -> [Effect] {
        defer { state = .over }
        guard case .inClass(let session) = state else { return [] }
        return [.gone(session, outcome.interruption)]
    }

    /// A whole message has come.
    mutating func received(_ message: WebSocketMessage, now: UInt64, wall: @autoclosure () -> WallTime)
        -> [Effect]
    {
        guard budget.spend(now: now) else { return [.close(.policy, reason: "tooManyMessages")] }
        switch message {
        case .text(let bytes): return text(bytes, wall())
        case .binary(let bytes): return binary(bytes, now: now)
        }
    }

    /// The door has answered.
    mutating func admitted(_ result: Result<SessionID, DisconnectCode>) -> [Effect] {
        guard case .atTheDoor = state else { return [] }
        switch result {
        case .success(let session):
            state = .inClass(session)
            return []
        case .failure(let code): return [refuse(code)]
        }
    }

    private mutating func binary(_ bytes: [UInt8], now: UInt64) -> [Effect] {
        switch bytes.first {
        case AudioMessage.probeMark where bytes.count <= AudioMessage.probeBytesMaximum:
            return probes.spend(now: now) ? [.send(.binary(bytes))] : []
        case AudioMessage.audioMark:
            guard case .inClass(let session) = state, let message = AudioMessage(bytes: bytes) else {
                return [refuse(.audioInvalid)]
            }
            return [.sound(session, message)]
        default: return [refuse(.audioInvalid)]
        }
    }

    private mutating func text(_ bytes: [UInt8], _ wall: @autoclosure () -> WallTime) -> [Effect] {
        guard bytes.count <= WireLimits.messageBytesMaximum else { return [refuse(.messageTooLong)] }
        let message: ClientMessage
        do {
            message = try ClientMessage(json: bytes)
        } catch {
            return [misunderstood(error)]
        }
        switch state {
        case .awaitingJoin: return [first(message, wall())]
        case .atTheDoor: return [.send(ServerMessage.error(.malformed, of: nil).frame)]
        case .inClass(let session): return [.tell(session, message)]
        case .over: return []
        }
    }

    private mutating func misunderstood(_ failure: ClientMessageFailure) -> Effect {
        let answer: ServerMessage
        switch failure {
        case .malformed(nil): answer = .error(.malformed, of: nil)
        case .malformed(let id?): answer = .rejected(id, .malformed)
        case .unknownType(let type, nil): answer = .error(.unknownType, of: type)
        case .unknownType(_, let id?): answer = .rejected(id, .unknownType)
        case .wireUnsupported: return refuse(.wireUnsupported)
        }
        return awaitsJoin ? refuse(.joinExpected) : .send(answer.frame)
    }

    private mutating func first(
        _ message: ClientMessage, _ wall: @autoclosure () -> WallTime
    ) -> Effect {
        switch message {
        case .join(let request):
            state = .atTheDoor
            return .askToJoin(request)
        case .resume(let request):
            state = .atTheDoor
            return .askToResume(request)
        case .ping(let at):
            return .send(ServerMessage.pong(at: at, t: .zero, wall: wall()).frame)
        case .command, .findPeople, .playback, .panels: return refuse(.joinExpected)
        }
    }

    private mutating func refuse(_ code: DisconnectCode) -> Effect {
        if case .inClass = state {} else { state = .over }
        return .close(CloseCode(rawValue: code.rawValue), reason: code.name)
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
