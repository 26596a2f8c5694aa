import CNet

/// One socket on its loop: first HTTP, then, after an upgrade, a WebSocket. Not `Sendable`; `id` may travel.
///
/// Joins the three that know nothing of each other: `Socket`, `TLSEngine` and the stage (HTTP or WebSocket).
/// How the link comes up is in `Connection+Opening.swift`, reading in `+Reading`, writing in `+Writing`.
public final class Connection {
    /// How far the link has come.
    enum Link: Equatable {
        /// A client that looks up or reaches its host.
        case connecting
        /// Accepted from a trusted proxy, whose PROXY header comes first.
        case introducing(ProxyHeaderReader)
        /// Accepted; the first byte tells TLS from HTTP.
        case sniffing
        /// TLS, waiting for its turn.
        case parked
        /// The TLS handshake is under way.
        case handshaking
        /// Bytes of the stage flow.
        case established
        /// All is sent; what still comes is thrown away until the peer ends or a deadline passes, because
        /// closing a socket with unread bytes would reset it and could destroy our last words on their way.
        case lingering
        /// Closed.
        case dead
    }

    /// The end that was decided on: once the queue is empty the stream ends.
    struct Ending {
        /// When the rest is given up, whatever comes.
        let fixedDeadline: UInt64
        /// How slowly the rest may be taken, where it is an answer.
        var pace: ReaderPace?

        var deadline: UInt64 { min(fixedDeadline, pace?.deadline ?? .max) }
    }

    // What every delivery looks at stands first, so that one line of the processor's cache holds it.

    /// Why a frame may not go straight to the socket; a delivery to thousands asks nothing else.
    var hurdles: Hurdles = [.notOpen, .notEstablished]
    /// The socket's, while it is watched; -1 when there is none.
    private(set) var descriptor: Int32 = -1
    var tls: TLSEngine?
    /// What a fan-out gave to the socket at once; the queue counts all else.
    var fannedOut = SentBytes()
    /// Bytes that the socket, or TLS, has taken since the connection began.
    var takenBytes: UInt64 = 0

    /// Names the connection in the whole process.
    public let id: ConnectionID
    /// The far end's numeric address, without port; a client's is the host's name until it is connected.
    public internal(set) var peerAddress: String
    /// Whether TLS carries it.
    public internal(set) var isSecure = false
    /// The subprotocol agreed on.
    public internal(set) var subprotocol: String?
    /// The loop's core.
    public unowned let core: LoopCore

    private let sharedLimits: SharedLimits
    var limits: TransportLimits {
        sharedLimits.values
    }
    let site: HTTPSite?
    var stage: any ConnectionStage
    var link: Link {
        didSet { hurdles.set(.notEstablished, link != .established) }
    }
    var socket: Socket?
    var attempt: ConnectionAttempt?
    /// Whether the gate counts it, as one that waits or has a place.
    var isAtGate = false
    /// The address under which a client's WebSocket is on its way.
    var openingAddress: HostAddress?
    var linkDeadline: UInt64?
    /// When the listener gave it to its loop.
    let beganAt: UInt64
    var ending: Ending?
    /// The last word is said, and it is for the peer to end the stream.
    var leavesEndToPeer = false

    var outbound: OutboundQueue {
        didSet { hurdles.set(.queued, !outbound.isEmpty) }
    }
    /// Bytes thrown away after our last word.
    var discardedBytes = 0
    /// What the peer's TLS may say beside the bytes of the stage.
    var tlsMessages: Budget
    /// The socket was full; the set tells when it is not.
    var isBlocked: Bool {
        get { hurdles.contains(.blocked) }
        set { hurdles.set(.blocked, newValue) }
    }
    /// How messages are compressed, if they are.
    var outgoing: OutgoingCompression? {
        didSet { hurdles.set(.compresses, outgoing != nil) }
    }
    var acceptsFrames: Bool {
        get { !hurdles.contains(.notOpen) }
        set { hurdles.set(.notOpen, !newValue) }
    }
    var masksFrames: Bool {
        get { hurdles.contains(.masks) }
        set { hurdles.set(.masks, newValue) }
    }

    var leftover: [UInt8] = []
    var isReadingPaused = false
    /// Bytes were left unread because the stage did not want them.
    var isReadingStopped = false

    private var token: UInt64?
    private var watchedEvents: UInt32 = 0
    private var timer: (id: TimerID, deadline: UInt64)?
    /// The last measured round trip of a ping; nil before the first pong.
    public internal(set) var roundTripMilliseconds: UInt64?

    init(
        link: Link, stage: any ConnectionStage, site: HTTPSite?, limits: SharedLimits, peerAddress: String,
        core: LoopCore
    ) {
        id = ConnectionID(number: cnet_next_number(), loopIndex: core.loop.index)
        self.link = link
        self.stage = stage
        self.site = site
        sharedLimits = limits
        self.peerAddress = peerAddress
        self.core = core
        beganAt = core.now
        tlsMessages = Budget(
            perSecond: limits.values.tlsMessagesPerSecondMaximum, burst: limits.values.tlsMessagesBurstMaximum
        )
        outbound = OutboundQueue(mediaBytesMaximum: limits.values.mediaQueueBytesMaximum)
        core.adopt(self)
    }

    // MARK: For the application

    /// Whether frames may still be sent: the upgrade is done and no close frame has gone out.
    public var isOpen: Bool {
        acceptsFrames
    }

    /// Sends a frame, or queues it when the socket is full. Ignored when the connection is not open. Never
    /// calls the delegate before it returns.
    public func send(_ frame: SharedFrame, _ dropClass: DropClass) {
        guard acceptsFrames else { return }
        let frame = packed(frame, dropClass)
        if masksFrames {
            transmit(masked(frame.opcode, frame.payload, isCompressed: frame.isCompressed), dropClass)
        } else {
            transmit(frame, dropClass)
        }
    }

    /// Begins the closing handshake: control frames that wait go first. Ignored when already closing.
    public func close(_ code: CloseCode, reason: String) {
        guard acceptsFrames, let webSocket = stage as? WebSocketStage else { return }
        webSocket.close(code, reason: reason, self)
        settleDeadline()
    }

    /// Ends the connection at once, without a closing handshake. The delegate hears it before the turn is
    /// over.
    public func abort() {
        if let socket { cnet_reset_on_close(socket.descriptor) }
        kill(.aborted)
    }

    /// Bytes waiting for the socket.
    public var queuedBytes: Int {
        outbound.bytes
    }

    /// Media frames dropped since the connection opened.
    public var droppedMediaCount: Int {
        outbound.droppedMediaCount
    }

    /// What the socket was given since this was last asked, also after the connection closed: frames, and
    /// before the upgrade what HTTP said, as control.
    public func takeSentBytes() -> SentBytes {
        var sent = outbound.takeSent()
        sent += fannedOut
        fannedOut = SentBytes()
        return sent
    }

    /// Stops reading until `resumeReading()`: the peer is held back by TCP. Silence of a paused peer is not
    /// held against it.
    public func pauseReading() {
        isReadingPaused = true
    }

    /// Reads on, from the next turn.
    public func resumeReading() {
        guard isReadingPaused else { return }
        isReadingPaused = false
        continueReading()
    }

    /// Whether it may go where descriptors have run out: nothing has been asked on it for a while.
    var isSpare: Bool {
        let now = core.now
        switch link {
        case .introducing, .sniffing: return now >= beganAt + limits.shortageSilenceMilliseconds
        case .parked, .handshaking: return now >= beganAt + limits.shortageIdleMilliseconds
        case .established:
            guard let since = (stage as? HTTPServerStage)?.idleSince else { return false }
            return now >= since + limits.shortageIdleMilliseconds
        // These have a deadline of seconds, and their last word is worth more than their descriptor.
        case .connecting, .lingering, .dead: return false
        }
    }

    // MARK: Watching

    /// Begins to watch a new socket; false when the system refuses.
    func watch(_ socket: Socket, events: UInt32) -> Bool {
        unwatch()
        guard let token = core.watch(socket.descriptor, self, events: events) else { return false }
        self.socket = socket
        descriptor = socket.descriptor
        self.token = token
        watchedEvents = events
        return true
    }

    func unwatch() {
        guard let token, let socket else { return }
        core.unwatch(socket.descriptor, token)
        self.token = nil
    }

    /// Watches for what the link's state needs.
    func settleInterest() {
        guard let token, let socket else { return }
        var events: UInt32 = 0
        switch link {
        case .connecting: events = EPOLLOUT.rawValue
        // The end of a hello that is never complete is no byte to read, but has to be noticed.
        case .introducing, .sniffing: events = EPOLLIN.rawValue | EPOLLRDHUP.rawValue
        case .lingering: events = EPOLLIN.rawValue
        // Who gave up in front of the door must not cost a handshake when it opens.
        case .parked: events = EPOLLRDHUP.rawValue
        case .dead: events = 0
        case .handshaking: return
        case .established:
            if !isReadingStopped { events |= EPOLLIN.rawValue }
            if isBlocked { events |= EPOLLOUT.rawValue }
        }
        watch(for: events, token, socket)
    }

    /// Watches for just these events; the handshake says itself what it waits for.
    func settleInterest(handshake events: UInt32) {
        guard let token, let socket else { return }
        watch(for: events, token, socket)
    }

    private func watch(for events: UInt32, _ token: UInt64, _ socket: Socket) {
        guard events != watchedEvents else { return }
        watchedEvents = events
        core.rewatch(socket.descriptor, token, events: events)
    }

    // MARK: Deadlines

    /// Stands the timer at the nearest deadline. A timer that stands too early is left: it looks again when
    /// it fires.
    func settleDeadline() {
        guard link != .dead else { return }
        guard let deadline = nextDeadline else { return }
        if let timer {
            guard deadline < timer.deadline else { return }
            core.cancel(timer.id)
        }
        let wait = deadline > core.now ? deadline - core.now : 0
        let id = core.schedule(afterMilliseconds: wait) { [weak self] in self?.timerFired() }
        timer = (id, deadline)
    }

    private var nextDeadline: UInt64? {
        if let ending { return ending.deadline }
        return linkDeadline ?? stage.nextDeadline
    }

    private func timerFired() {
        timer = nil
        guard link != .dead, let deadline = nextDeadline else { return }
        if core.now >= deadline {
            if let ending {
                kill(.timedOut(ending.pace == nil ? .closeHandshake : .write))
            } else if linkDeadline != nil {
                linkTimedOut()
            } else {
                stage.timeout(self)
            }
        }
        settleDeadline()
    }

    // MARK: The end

    /// Ends the stream once everything queued has left, and the connection when the peer has ended too.
    func endAfterFlush(withinMilliseconds period: UInt64) {
        endAfterFlush(Ending(fixedDeadline: core.now + period, pace: nil))
    }

    /// The same for as long as the peer keeps this pace.
    func endAfterFlush(pace: ReaderPace) {
        endAfterFlush(Ending(fixedDeadline: .max, pace: pace))
    }

    private func endAfterFlush(_ ending: Ending) {
        guard link != .dead, self.ending == nil else { return }
        acceptsFrames = false
        self.ending = ending
        if outbound.isEmpty {
            linger()
        }
        settleDeadline()
    }

    /// Everything has left: says so to the peer, unless it has to speak first, and waits for its end.
    func linger() {
        guard link == .established else { return }
        link = .lingering
        let deadline = core.now + limits.closeHandshakeMilliseconds
        ending = Ending(fixedDeadline: min(ending?.deadline ?? deadline, deadline), pace: nil)
        leftover = []
        settleInterest()
        guard !leavesEndToPeer else {
            // TLS may hold the peer's end already, which the set does not show.
            return core.afterTurn { [weak self] in self?.discard() }
        }
        tls?.sayEnd()
        socket?.endWriting()
    }

    /// Closes at once and tells the stage.
    func kill(_ failure: ConnectionFailure) {
        guard link != .dead else { return }
        link = .dead
        acceptsFrames = false
        // What such a peer has not taken in all that time the system would go on offering for minutes.
        if failure == .timedOut(.pong) || failure == .timedOut(.write), let socket {
            cnet_reset_on_close(socket.descriptor)
        }
        unwatch()
        tls = nil
        outgoing = nil
        socket?.close()
        descriptor = -1
        attempt = nil
        leftover = []
        outbound.close()
        if let timer { core.cancel(timer.id) }
        timer = nil
        leaveGate()
        leaveOpening()
        core.release(self)
        stage.failed(failure, self)
    }

    func respond(_ number: UInt64, _ response: HTTPResponse) {
        guard link != .dead, let server = stage as? HTTPServerStage else { return }
        server.respond(number, response, self)
        settleDeadline()
    }
}

extension Connection: SocketSink {
    func ready(_ events: UInt32) {
        switch link {
        case .connecting: connectReady()
        case .introducing(let reader):
            readIntroduction(reader, isEnded: events & EPOLLRDHUP.rawValue != 0)
        case .sniffing: sniff(isEnded: events & EPOLLRDHUP.rawValue != 0)
        case .parked: kill(.endOfStream)
        case .handshaking: continueHandshake()
        case .established:
            if events & EPOLLOUT.rawValue != 0 { flush() }
            if link == .established, events & ~EPOLLOUT.rawValue != 0 {
                readReady(isBroken: events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0)
            }
        case .lingering: discard()
        case .dead: return
        }
        settleDeadline()
    }
}
