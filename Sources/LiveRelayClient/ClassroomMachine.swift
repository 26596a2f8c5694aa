import Foundation
public import LiveRelayWire
public import SessionModel

// One who takes part, without a socket and without a clock: inputs and the time come in, effects go out.
//
//   idle ──start──▶ opening ──opened──▶ greeting ──hello──▶ inClass
//                      ▲                   │ closed             │ closed, or nothing heard
//                      └──── waiting ◀─────┴────────────────────┘
//   from everywhere: a close code of 45xx, `stop`, or the end of `leave` ──▶ finished

/// Keeps somebody in class: joins, comes back by resume token and number of the last event, keeps commands
/// until they are answered, and notices a dead line.
///
/// Times are milliseconds of a monotonic clock. Every input returns the effects to carry out, in order.
public struct ClassroomMachine: Sendable {
    /// A goodbye that is not answered by then is over anyway.
    static let leaveMillisecondsMaximum: UInt64 = 2_000
    /// Pings keep the session clock in step.
    static let pingMilliseconds: UInt64 = 4_000

    private enum State {
        case idle
        case waiting(until: UInt64)
        case opening(socket: Int, deadline: UInt64)
        case greeting(socket: Int, deadline: UInt64, sentAt: UInt64, isResume: Bool)
        case inClass(socket: Int, Liveness, pingAt: UInt64)
        case finished
    }

    private struct Position {
        let epoch: String
        var n: UInt64
        /// What the last digest said. Chat of a large class is gathered for half a second, so a digest may
        /// overtake an event; only when the next digest comes has everything before this one arrived.
        var announced: UInt64
    }

    private let credential: JoinCredential
    private let prefix: String
    private var panels: Set<Panel>
    /// Whether a panel is shown whose past no snapshot has told yet.
    private var lacksPanel = false
    private var chance: Chance
    private var schedule = ReconnectSchedule()
    private var pending = PendingCommands()
    private var state = State.idle
    private var sockets = 0
    private var commands: UInt64 = 0
    private var resumeToken: String?
    private var position: Position?
    private var leaveBy: UInt64?
    private var effects: [ClassroomEffect] = []
    /// The session clock as far as it is known.
    public private(set) var clock = SessionClock()

    /// Somebody who has not started yet. The seed spreads reconnects and makes the ids of commands; it must
    /// differ from one start of a program to the next.
    public init(credential: JoinCredential, panels: Set<Panel> = Set(Panel.allCases), seed: UInt64) {
        self.credential = credential
        self.panels = panels
        chance = Chance(seed: seed)
        prefix = String(seed, radix: 36)
    }

    /// Whether commands and sound go out at once.
    public var isInClass: Bool {
        if case .inClass = state { true } else { false }
    }

    /// Whether nothing will be tried any more.
    public var isFinished: Bool {
        if case .finished = state { true } else { false }
    }

    /// When `tick` is due next; nil while there is nothing to wait for.
    public var nextDeadline: UInt64? {
        let own: UInt64? =
            switch state {
            case .idle, .finished: nil
            case .waiting(let until): until
            case .opening(_, let deadline): deadline
            case .greeting(_, let deadline, _, _): deadline
            case .inClass(_, let liveness, let pingAt): min(liveness.deadline, pingAt)
            }
        return [own, pending.nextDeadline(isOnline: isInClass), leaveBy].compactMap { $0 }.min()
    }

    // MARK: What the owner does

    /// Goes to class. Ignored when already started.
    public mutating func start(at now: UInt64) -> [ClassroomEffect] {
        if case .idle = state { openSocket(at: now) }
        return take()
    }

    /// Asks for something; the answer comes as a notice, exactly one.
    public mutating func send(
        _ command: ClientCommand, at now: UInt64
    ) -> (id: CommandID, effects: [ClassroomEffect]) {
        let id = nextCommandID()
        submit(.command(id, command), id, at: now)
        return (id, take())
    }

    /// Searches the people of the class; answered by `people`.
    public mutating func findPeople(
        _ search: String, offset: Int, at now: UInt64
    ) -> (id: CommandID, effects: [ClassroomEffect]) {
        let id = nextCommandID()
        submit(.findPeople(id, search: search, offset: offset), id, at: now)
        return (id, take())
    }

    /// Tells whether the sound is heard; lost where there is no line.
    public mutating func report(_ playback: PlaybackReport) -> [ClassroomEffect] {
        post(.playback(playback))
        return take()
    }

    /// Changes what is shown, now and after every reconnect.
    public mutating func show(_ panels: Set<Panel>) -> [ClassroomEffect] {
        lacksPanel = lacksPanel || !panels.isSubset(of: self.panels)
        self.panels = panels
        post(.panels(panels))
        return take()
    }

    /// Sends sound; lost where there is no line. `Publication` keeps it for the record.
    public mutating func send(_ audio: AudioMessage) -> [ClassroomEffect] {
        if case .inClass(let socket, _, _) = state {
            effects.append(.sendBinary(socket: socket, audio.bytes))
        }
        return take()
    }

    /// Sends a probe, which comes back unchanged.
    public mutating func probe(_ bytes: [UInt8]) -> [ClassroomEffect] {
        if case .inClass(let socket, _, _) = state {
            effects.append(.sendBinary(socket: socket, [AudioMessage.probeMark] + bytes))
        }
        return take()
    }

    /// Says goodbye; `ended` follows.
    public mutating func leave(at now: UInt64) -> [ClassroomEffect] {
        guard isInClass else { return stop(at: now) }
        if leaveBy == nil {
            leaveBy = now + Self.leaveMillisecondsMaximum
            submit(.command(nextCommandID(), .leave), nil, at: now)
        }
        return take()
    }

    /// Goes without a goodbye: to the class it looks like a lost line.
    public mutating func stop(at now: UInt64) -> [ClassroomEffect] {
        if !isFinished {
            closeSocket()
            finish(.stopped)
        }
        return take()
    }

    // MARK: What the socket does

    /// The upgrade is done.
    public mutating func opened(socket: Int, at now: UInt64) -> [ClassroomEffect] {
        guard case .opening(socket, _) = state else { return take() }
        let resume = resumeRequest
        state = .greeting(
            socket: socket, deadline: now + schedule.tryMilliseconds(at: now), sentAt: now,
            isResume: resume != nil)
        write(
            resume.map(ClientMessage.resume) ?? .join(JoinRequest(credential: credential, panels: panels)),
            to: socket)
        return take()
    }

    /// A text message came. What cannot be read is ignored, as is every type of a newer relay.
    public mutating func received(
        text: some Collection<UInt8>, socket: Int, at now: UInt64
    ) -> [ClassroomEffect] {
        guard socket == currentSocket else { return take() }
        if case .inClass(_, var liveness, let pingAt) = state {
            liveness.heardText(at: now)
            state = .inClass(socket: socket, liveness, pingAt: pingAt)
        }
        if let message = try? ServerMessage(json: Data(text)) { receive(message, socket: socket, at: now) }
        return take()
    }

    /// A binary message came.
    public mutating func received(binary: [UInt8], socket: Int, at now: UInt64) -> [ClassroomEffect] {
        guard case .inClass(socket, var liveness, let pingAt) = state else { return take() }
        if let audio = AudioMessage(bytes: binary) {
            liveness.heardAudio(isSilence: audio.packets.isEmpty, at: now)
            effects.append(.deliver(.audio(audio)))
        } else {
            liveness.heardText(at: now)
            if binary.first == AudioMessage.probeMark {
                effects.append(.deliver(.probe(Array(binary.dropFirst()))))
            }
        }
        state = .inClass(socket: socket, liveness, pingAt: pingAt)
        return take()
    }

    /// The socket ended, or never came to be.
    public mutating func closed(socket: Int, _ end: SocketEnd, at now: UInt64) -> [ClassroomEffect] {
        guard socket == currentSocket else { return take() }
        guard leaveBy == nil else {
            finish(.code(.left))
            return take()
        }
        switch end {
        case .code(let number): closed(by: number, at: now)
        case .untrusted(let reason): finish(.untrusted(reason))
        case .status(let status):
            if status >= 500 || status == 429 {
                loseLine(.failed("HTTP \(status)"), at: now)
            } else {
                finish(.status(status))
            }
        case .failed(let reason): loseLine(.failed(reason), at: now)
        }
        return take()
    }

    /// Time went by.
    public mutating func tick(at now: UInt64) -> [ClassroomEffect] {
        if let leaveBy, leaveBy <= now {
            closeSocket()
            finish(.code(.left))
            return take()
        }
        switch state {
        case .idle, .finished: break
        case .waiting(let until): if until <= now { openSocket(at: now) }
        case .opening(_, let deadline), .greeting(_, let deadline, _, _):
            if deadline <= now {
                closeSocket()
                loseLine(.silence, at: now)
            }
        case .inClass(let socket, var liveness, let pingAt):
            let isDead = liveness.isDead(at: now)
            state = .inClass(socket: socket, liveness, pingAt: pingAt)
            if isDead {
                closeSocket()
                _ = schedule.nextTry(at: now, isDoorClosed: false, &chance)
                effects.append(.deliver(.interrupted(.silence, nextTryMilliseconds: 0)))
                openSocket(at: now)
            } else if pingAt <= now {
                ping(socket, liveness, at: now)
            }
        }
        for id in pending.expired(at: now) { effects.append(.deliver(.answer(id, .unanswered))) }
        sendDue(at: now)
        return take()
    }

    // MARK: Inside

    private var resumeRequest: ResumeRequest? {
        guard let resumeToken, let position else { return nil }
        let epoch = lacksPanel ? "" : position.epoch
        return ResumeRequest(token: resumeToken, epoch: epoch, n: position.n, panels: panels)
    }

    private var currentSocket: Int? {
        switch state {
        case .idle, .waiting, .finished: nil
        case .opening(let socket, _): socket
        case .greeting(let socket, _, _, _): socket
        case .inClass(let socket, _, _): socket
        }
    }

    private mutating func receive(_ message: ServerMessage, socket: Int, at now: UInt64) {
        switch message {
        case .hello(let hello): greet(hello, socket: socket, at: now)
        case .snapshot(let snapshot):
            position = Position(epoch: snapshot.epoch, n: snapshot.n, announced: snapshot.n)
            lacksPanel = false
            effects.append(.deliver(.snapshot(snapshot)))
        case .event(let notice):
            // What came before the line broke may come again after a resume: every event counts once.
            guard let position, position.epoch == notice.epoch, notice.n > position.n else { return }
            self.position?.n = notice.n
            effects.append(.deliver(.event(notice)))
        case .digest(let digest):
            if let position {
                self.position?.n = max(position.n, position.announced)
                self.position?.announced = digest.n
            }
            schedule.spread(digest.spread)
            effects.append(.deliver(.digest(digest)))
        case .accepted(let accepted):
            answer(accepted.id, .accepted(accepted), at: now)
        case .rejected(let id, let code): answer(id, .rejected(code), at: now)
        case .retry(let id, let after): pending.retry(id, after: after, at: now)
        case .people(let page):
            if pending.answered(page.id) { effects.append(.deliver(.people(page))) }
            sendDue(at: now)
        case .position(let position, let total):
            effects.append(.deliver(.position(position, total: total)))
        case .recorded(let sound): effects.append(.deliver(.recorded(sound)))
        case .pong(let at, let t, _):
            guard at >= 0, at <= Double(now), let sentAt = UInt64(exactly: at.rounded()) else { return }
            clock.sample(sentAt: sentAt, session: t, receivedAt: now)
        case .reconnect(let after, let jitter): schedule.ask(after: after, jitter: jitter)
        case .error(let code, let type): effects.append(.deliver(.unreadable(code, of: type)))
        }
    }

    private mutating func greet(_ hello: Hello, socket: Int, at now: UInt64) {
        guard case .greeting(socket, _, let sentAt, _) = state else { return }
        if position?.epoch != hello.epoch {
            position = nil
            clock.reset()
        }
        clock.sample(sentAt: sentAt, session: hello.t, receivedAt: now)
        resumeToken = hello.resumeToken
        pending.inFlightCountMaximum = max(1, hello.limits.commandsInFlight)
        schedule.reset()
        let liveness = Liveness(at: now, digestMilliseconds: hello.digestMilliseconds)
        state = .inClass(socket: socket, liveness, pingAt: now)
        effects.append(.deliver(.joined(hello)))
        pending.sendAllAgain(at: now)
        ping(socket, liveness, at: now)
        sendDue(at: now)
    }

    private mutating func ping(_ socket: Int, _ liveness: Liveness, at now: UInt64) {
        write(.ping(at: Double(now)), to: socket)
        state = .inClass(socket: socket, liveness, pingAt: now + Self.pingMilliseconds)
    }

    private mutating func answer(_ id: CommandID, _ answer: CommandAnswer, at now: UInt64) {
        if pending.answered(id) { effects.append(.deliver(.answer(id, answer))) }
        sendDue(at: now)
    }

    private mutating func closed(by number: UInt16, at now: UInt64) {
        guard let code = DisconnectCode(rawValue: number) else {
            let isComeBack = [1001, 1005, 1006, 1011, 1012, 1013].contains(number) || (4000..<4500) ~= number
            if isComeBack { loseLine(.failed("\(number)"), at: now) } else { finish(.closed(number)) }
            return
        }
        if code.isComeBack {
            loseLine(.code(code), isDoorClosed: code == .notYetOpen, at: now)
        } else if case .greeting(_, _, _, true) = state, Self.isOnlyTheResumeRefused(code) {
            resumeToken = nil
            position = nil
            loseLine(.code(code), at: now)
        } else {
            finish(.code(code))
        }
    }

    /// A resume token is older than the right to join, and may fail where joining anew does not.
    private static func isOnlyTheResumeRefused(_ code: DisconnectCode) -> Bool {
        code == .tokenInvalid || code == .tokenExpired || code == .classUnknown
    }

    private mutating func openSocket(at now: UInt64) {
        sockets += 1
        state = .opening(socket: sockets, deadline: now + schedule.tryMilliseconds(at: now))
        effects.append(.open(socket: sockets))
    }

    private mutating func closeSocket() {
        if let socket = currentSocket { effects.append(.close(socket: socket)) }
    }

    private mutating func loseLine(_ loss: LineLoss, isDoorClosed: Bool = false, at now: UInt64) {
        let until = schedule.nextTry(at: now, isDoorClosed: isDoorClosed, &chance)
        state = .waiting(until: until)
        effects.append(.deliver(.interrupted(loss, nextTryMilliseconds: until - now)))
    }

    private mutating func finish(_ ending: ClassroomEnding) {
        state = .finished
        leaveBy = nil
        for id in pending.abandon() { effects.append(.deliver(.answer(id, .unanswered))) }
        effects.append(.deliver(.ended(ending)))
    }

    private mutating func nextCommandID() -> CommandID {
        commands += 1
        return CommandID(unchecked: "\(prefix)-\(commands)")
    }

    private mutating func submit(_ message: ClientMessage, _ id: CommandID?, at now: UInt64) {
        guard let bytes = try? message.json() else { return }
        guard let id else {
            if let socket = currentSocket { effects.append(.sendText(socket: socket, Array(bytes))) }
            return
        }
        if isFinished {
            effects.append(.deliver(.answer(id, .unanswered)))
        } else if pending.isFull {
            effects.append(.deliver(.answer(id, .rejected(.tooManyInFlight))))
        } else {
            pending.add(id, Array(bytes), at: now)
            sendDue(at: now)
        }
    }

    private mutating func sendDue(at now: UInt64) {
        guard case .inClass(let socket, _, _) = state else { return }
        for text in pending.due(at: now) { effects.append(.sendText(socket: socket, text)) }
    }

    private mutating func post(_ message: ClientMessage) {
        if case .inClass(let socket, _, _) = state { write(message, to: socket) }
    }

    private mutating func write(_ message: ClientMessage, to socket: Int) {
        guard let bytes = try? message.json() else { return }
        effects.append(.sendText(socket: socket, Array(bytes)))
    }

    private mutating func take() -> [ClassroomEffect] {
        defer { effects.removeAll() }
        return effects
    }
}
