import LiveRelayWire
import SessionModel

@testable import LiveRelay
@testable import WebSocketCore

/// The server's end of a link: the real WebSocket machine, the real queue and the real way into a class, as a
/// `Connection` joins them.
final class ServerLine: MemberLine {
    let id: ConnectionID
    let link: VirtualLink
    private unowned let server: SimulatedServer
    private let world: World
    private let limits: TransportLimits
    private var machine: ConnectionMachine
    private var outbound: OutboundQueue
    private var socket = ClassSocketMachine()
    private var isBlocked = false
    private var isEnding = false
    private var isTold = false
    private var timerAt: UInt64?
    private var largestFrameBytes = 0
    /// Whether frames may still be sent.
    private(set) var isOpen = true
    /// Texts that may not leave on this line: they were taken out of sight before it came.
    var forbidden: [String] = []
    /// The number of the last event that left on this line, or that a snapshot stood for.
    var lastN: UInt64 = 0

    init(id: ConnectionID, _ link: VirtualLink, _ server: SimulatedServer, _ world: World) {
        self.id = id
        self.link = link
        self.server = server
        self.world = world
        limits = world.limits
        machine = ConnectionMachine(role: .server, limits: limits, now: world.agenda.now)
        outbound = OutboundQueue(mediaBytesMaximum: limits.mediaQueueBytesMaximum)
        loop.after(UInt64(WireLimits.joinMillisecondsMaximum)) { [weak self] in
            guard let self else { return }
            perform(socket.joinIsDue())
        }
        settleDeadline()
    }

    private var loop: VirtualLoop { server.loops[id.loopIndex] }

    // MARK: Sending

    func send(_ frame: SharedFrame, _ dropClass: DropClass) {
        guard isOpen else { return }
        world.witness.leaves(frame, on: self)
        transmit(frame, dropClass)
    }

    func close(_ code: CloseCode, reason: String) {
        guard isOpen, let payload = machine.close(code, reason: reason, now: loop.now) else { return }
        isOpen = false
        outbound.isEmpty
            ? transmit(SharedFrame(opcode: .close, payload: payload), .control)
            : outbound.add(SharedFrame(opcode: .close, payload: payload), .control, now: loop.now)
        settleDeadline()
    }

    func takeSentBytes() -> SentBytes { outbound.takeSent() }

    private func transmit(_ frame: SharedFrame, _ dropClass: DropClass) {
        largestFrameBytes = max(largestFrameBytes, frame.count)
        guard outbound.isEmpty, !isBlocked else { return enqueue(frame, dropClass) }
        let count = link.write(frame.bytes[...], towards: .device)
        guard count < frame.count else { return }
        if count == 0 {
            outbound.add(frame, dropClass, now: loop.now)
        } else {
            outbound.pin(frame, offset: count)
        }
        isBlocked = true
    }

    private func enqueue(_ frame: SharedFrame, _ dropClass: DropClass) {
        if dropClass.isKept, outbound.controlBytes >= limits.queueBytesMaximum,
            world.bug != .letsQueuesGrow
        {
            return slowConsumer()
        }
        outbound.add(frame, dropClass, now: loop.now)
        // What overflows is closed, so a queue is at its limit when it takes its last frame, or a reply.
        let largest = largestFrameBytes + Self.replyBytesMaximum
        world.journal.require(
            outbound.controlBytes < limits.queueBytesMaximum + largest
                && outbound.mediaBytes <= limits.mediaQueueBytesMaximum + largest, .limits,
            "\(link.name) has \(outbound.controlBytes) and \(outbound.mediaBytes) bytes waiting")
    }

    /// A pong, a ping and a close frame.
    private static let replyBytesMaximum = 384

    private func slowConsumer() {
        world.journal.note(link.name, "reads too slowly")
        outbound.forgetUnoffered()
        if let payload = machine.close(limits.slowConsumerCode, reason: "slow consumer", now: loop.now) {
            outbound.add(SharedFrame(opcode: .close, payload: payload), .control, now: loop.now)
        }
        isOpen = false
        tell(.failed(.slowConsumer))
        end()
    }

    /// The window has room again.
    func hasRoom() {
        guard isBlocked, server.isAlive else { return }
        isBlocked = false
        while let batch = outbound.nextBatch(now: loop.now) {
            let count = link.write(batch.frame.bytes[batch.offset...], towards: .device)
            if count > 0 { outbound.took(batch, count) }
            guard count == batch.count else {
                isBlocked = true
                return
            }
        }
        if isEnding { link.finish(towards: .device) }
    }

    // MARK: Receiving

    func receive(_ bytes: [UInt8]) {
        guard server.isAlive, !isEnding else { return }
        var position = 0
        while let event = machine.receive(bytes.span, &position, now: loop.now) { perform(event) }
        settleDeadline()
    }

    func ended(isReset: Bool) {
        guard server.isAlive else { return }
        if isReset {
            isOpen = false
            tell(.failed(.broken("reset")))
            isEnding = true
        } else if let event = machine.peerEnded() {
            perform(event)
        }
    }

    private func perform(_ event: ConnectionMachine.Event) {
        switch event {
        case .message(let message):
            perform(socket.received(message, now: loop.now, wall: world.wall))
        case .sendPong(let payload):
            let frame = SharedFrame(opcode: .pong, payload: payload)
            if outbound.isEmpty, !isBlocked { transmit(frame, .control) } else { outbound.addPong(frame) }
        case .sendPing(let payload): transmit(SharedFrame(opcode: .ping, payload: payload), .control)
        case .roundTrip: break
        case .ended(let outcome, let closePayload):
            if let closePayload { transmit(SharedFrame(opcode: .close, payload: closePayload), .control) }
            isOpen = false
            tell(outcome)
            end()
        }
    }

    private func perform(_ effects: [ClassSocketMachine.Effect]) {
        for effect in effects {
            switch effect {
            case .send(let frame): send(frame, .reply)
            case .close(let code, let reason): close(code, reason: reason)
            case .askToJoin(let request): server.askToJoin(request, self)
            case .askToResume(let request):
                // Up to here the device says that it has everything.
                lastN = request.n
                server.askToResume(request, self)
            case .tell(_, let message): server.tell(message, from: id)
            case .sound(_, let message): server.sound(message, from: id)
            case .gone(_, let cause): server.gone(id, cause)
            }
        }
    }

    /// The door has answered.
    func admitted(_ result: Result<SessionID, DisconnectCode>) { perform(socket.admitted(result)) }

    // MARK: The end

    private func end() {
        isEnding = true
        if outbound.isEmpty { link.finish(towards: .device) }
    }

    private func tell(_ outcome: CloseOutcome) {
        guard !isTold else { return }
        isTold = true
        loop.execute { [self] in
            server.forget(self)
            perform(socket.closed(outcome))
        }
    }

    private func settleDeadline() {
        guard let deadline = machine.nextDeadline else { return }
        if let timerAt, timerAt <= deadline { return }
        timerAt = deadline
        world.agenda.at(deadline) { [weak self] in
            guard let self, timerAt == deadline else { return }
            timerAt = nil
            guard server.isAlive else { return }
            if let due = machine.nextDeadline, due <= loop.now, let event = machine.timeout(now: loop.now) {
                perform(event)
            }
            settleDeadline()
        }
    }
}
