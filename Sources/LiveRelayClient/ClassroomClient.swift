public import LiveRelayWire
public import SessionModel
public import WebSocketCore

/// Drives a `ClassroomMachine` with sockets and timers of one event loop. Not `Sendable`: it lives on its
/// loop.
public final class ClassroomClient: WebSocketDelegate {
    /// The subprotocol of the wire.
    static let subprotocol = "liverelay.v1"
    /// A packet that waited this long is of no use live; it is sent for the record later.
    static let audioAgeMaximumMilliseconds: UInt64 = 1_000

    /// The class as it is seen from this seat; nil before the first `hello`.
    public private(set) var classroom: Classroom?
    /// How long the relay took to greet once the line was open; nil before the first greeting.
    public private(set) var greetingMilliseconds: UInt64?
    private var openedAt: UInt64 = 0
    private unowned let core: LoopCore
    private let server: ServerAddress
    private let tls: TLSContext?
    private let limits: TransportLimits
    private let notify: (ClassroomClient, ClassroomNotice) -> Void
    private var machine: ClassroomMachine
    private var socket: (number: Int, connection: Connection?)?
    private var timer: (deadline: UInt64, id: TimerID)?

    /// Somebody who takes part. `notify` is called on the loop, after `classroom` was brought up to date.
    /// `tls` is needed where the address is secure; `limits` are those of its sockets.
    public init(
        on core: LoopCore, server: ServerAddress, tls: TLSContext?, credential: JoinCredential,
        panels: Set<Panel> = Set(Panel.allCases), seed: UInt64, limits: TransportLimits = TransportLimits(),
        notify: @escaping (ClassroomClient, ClassroomNotice) -> Void
    ) {
        self.core = core
        self.server = server
        self.tls = server.isSecure ? tls : nil
        self.limits = limits
        self.notify = notify
        machine = ClassroomMachine(credential: credential, panels: panels, seed: seed)
    }

    /// Whether commands and sound go out at once.
    public var isInClass: Bool { machine.isInClass }

    /// Session time now, as far as it is known.
    public var sessionTime: SessionTime? { machine.clock.time(at: core.now) }

    /// The quickest of the last round trips.
    public var roundTripMilliseconds: UInt64? { machine.clock.roundTripMilliseconds }

    /// Goes to class.
    public func start() { perform(machine.start(at: core.now)) }

    /// Asks for something; the answer comes as a notice.
    @discardableResult
    public func send(_ command: ClientCommand) -> CommandID {
        let sent = machine.send(command, at: core.now)
        perform(sent.effects)
        return sent.id
    }

    /// Searches the people of the class.
    @discardableResult
    public func findPeople(_ search: String, offset: Int = 0) -> CommandID {
        let sent = machine.findPeople(search, offset: offset, at: core.now)
        perform(sent.effects)
        return sent.id
    }

    /// Sends sound; false where there is no line.
    @discardableResult
    public func send(_ audio: AudioMessage) -> Bool {
        let isInClass = machine.isInClass
        perform(machine.send(audio))
        return isInClass
    }

    /// Sends a probe, which comes back.
    public func probe(_ bytes: [UInt8]) { perform(machine.probe(bytes)) }

    /// Tells whether the sound is heard.
    public func report(_ playback: PlaybackReport) { perform(machine.report(playback)) }

    /// Changes what is shown.
    public func show(_ panels: Set<Panel>) { perform(machine.show(panels)) }

    /// One's own vote took effect.
    public func noteVote(in poll: PollID) { classroom?.noteVote(in: poll) }

    /// Says goodbye.
    public func leave() { perform(machine.leave(at: core.now)) }

    /// Goes without a goodbye.
    public func stop() { perform(machine.stop(at: core.now)) }

    /// Breaks the line as a bad network would; for tests of coming back.
    public func breakLine() { socket?.connection?.abort() }

    // MARK: The socket

    /// The upgrade is done.
    public func opened(_ connection: Connection) {
        guard let number = number(of: connection) else { return connection.abort() }
        openedAt = core.now
        perform(machine.opened(socket: number, at: core.now))
    }

    /// A message has come.
    public func received(_ message: WebSocketMessage, on connection: Connection) {
        guard let number = number(of: connection) else { return }
        switch message {
        case .text(let bytes): perform(machine.received(text: bytes, socket: number, at: core.now))
        case .binary(let bytes): perform(machine.received(binary: bytes, socket: number, at: core.now))
        }
    }

    /// The connection has ended.
    public func closed(_ connection: Connection, _ outcome: CloseOutcome) {
        guard let number = number(of: connection) else { return }
        socket = nil
        perform(machine.closed(socket: number, SocketEnd(outcome), at: core.now))
    }

    /// The number under which the machine knows a connection; nil for one that was let go.
    private func number(of connection: Connection) -> Int? {
        guard let socket, socket.connection?.id == connection.id else { return nil }
        return socket.number
    }

    // MARK: Effects

    private func perform(_ effects: [ClassroomEffect]) {
        for effect in effects {
            switch effect {
            case .open(let number): open(number)
            case .sendText(let number, let bytes):
                guard number == socket?.number else { continue }
                socket?.connection?.send(.text(bytes), .control)
            case .sendBinary(let number, let bytes):
                guard number == socket?.number else { continue }
                socket?.connection?.send(
                    .binary(bytes), .media(ageLimitMilliseconds: Self.audioAgeMaximumMilliseconds))
            case .close(let number):
                guard let socket, number == socket.number else { continue }
                self.socket = nil
                socket.connection?.close(.normal, reason: "")
            case .deliver(let notice): deliver(notice)
            }
        }
        setTimer()
    }

    private func open(_ number: Int) {
        socket = (number, nil)
        let connection = ClientConnector.connect(
            to: server.host, port: server.port, tls: tls, path: "/ws", subprotocols: [Self.subprotocol],
            on: core, limits: limits, delegate: self)
        socket = (number, connection)
    }

    private func deliver(_ notice: ClassroomNotice) {
        if case .joined(let hello) = notice {
            greetingMilliseconds = core.now - openedAt
            if classroom == nil { classroom = Classroom(hello) }
        }
        classroom?.apply(notice)
        notify(self, notice)
    }

    private func setTimer() {
        // With each message the deadline moves away: a timer that stands earlier looks again when it rings,
        // which costs less than a new one for each message.
        guard let deadline = machine.nextDeadline else { return }
        if let timer {
            guard deadline < timer.deadline else { return }
            core.cancel(timer.id)
        }
        let wait = deadline > core.now ? deadline - core.now : 0
        let id = core.schedule(afterMilliseconds: wait) { [weak self] in
            guard let self else { return }
            self.timer = nil
            guard !self.machine.isFinished else { return }
            self.perform(self.machine.tick(at: self.core.now))
        }
        timer = (deadline, id)
    }
}

extension SocketEnd {
    init(_ outcome: CloseOutcome) {
        switch outcome {
        case .closed(let code, _, let isByPeer):
            self = isByPeer ? .code(code.rawValue) : .failed("closed")
        case .failed(.notTrusted(let reason)): self = .untrusted(reason)
        case .failed(.httpStatus(let status)): self = .status(status)
        case .failed(let failure): self = .failed(failure.description)
        }
    }
}
