/// One WebSocket of either role, without a socket: bytes and time go in, messages and frames to send come out
/// (RFC 6455 §5 to §7).
///
///     open ──close()──▶ closing ──peer's close──▶ closed
///     open ──peer's close, violation, silence──▶ closed
///
/// Frames to send are told as opcode and payload; the driver encodes them, masked with a key of its own for a
/// client.
struct ConnectionMachine {
    /// Which side of the connection this is.
    enum Role: Equatable, Sendable {
        case server
        case client

        /// The other side.
        var peer: Role {
            self == .server ? .client : .server
        }
    }

    /// What the driver must do or tell.
    enum Event: Equatable {
        /// A message for the application.
        case message(WebSocketMessage)
        /// Send a pong with this payload (§5.5.3); only the latest waiting one matters.
        case sendPong([UInt8])
        /// Send a ping with this payload.
        case sendPing([UInt8])
        /// Our ping came back.
        case roundTrip(milliseconds: UInt64)
        /// Send this close payload if there is one, then end the stream. Nothing is read or sent after this.
        case ended(CloseOutcome, closePayload: [UInt8]?)
    }

    private enum State {
        case open
        case closing(CloseCode, reason: String, deadline: UInt64)
        case closed
    }

    private let pingIntervalMilliseconds: UInt64
    private let pongMilliseconds: UInt64
    private let closeMilliseconds: UInt64
    private var parser: FrameParser
    private var assembler: MessageAssembler
    private var budget: FrameBudget
    private var state = State.open
    private var nextPing: UInt64
    /// The payload of the ping on its way, when it left, and by when a sign of life is due.
    private var ping: (payload: [UInt8], sentAt: UInt64)?
    private var lifeDeadline: UInt64?

    /// With an inflater, the peer may send compressed messages.
    init(role: Role, limits: TransportLimits, now: UInt64, inflater: MessageInflater? = nil) {
        pingIntervalMilliseconds = limits.pingIntervalMilliseconds
        pongMilliseconds = limits.pongMilliseconds
        closeMilliseconds = limits.closeHandshakeMilliseconds
        let messageBytesMaximum = limits.messageBytesMaximum
        parser = FrameParser(
            peer: role.peer,
            payloadBytesMaximum: inflater == nil
                ? messageBytesMaximum : MessageInflater.packedBytesMaximum(messageBytesMaximum),
            allowsCompression: inflater != nil)
        assembler = MessageAssembler(
            messageBytesMaximum: messageBytesMaximum, fragmentCountMaximum: limits.fragmentCountMaximum,
            inflater: inflater)
        budget = FrameBudget(limits)
        nextPing = now + pingIntervalMilliseconds
    }

    /// Whether frames may still be sent.
    var isOpen: Bool {
        if case .open = state { return true }
        return false
    }

    /// Whether nothing more will happen.
    var isClosed: Bool {
        if case .closed = state { return true }
        return false
    }

    /// When `timeout` wants to be called; nil once closed.
    var nextDeadline: UInt64? {
        switch state {
        case .open: min(nextPing, lifeDeadline ?? .max)
        case .closing(_, _, let deadline): deadline
        case .closed: nil
        }
    }

    /// A sign of life other than bytes read, such as progress of a full socket.
    mutating func heard() {
        lifeDeadline = nil
    }

    /// Takes bytes from `position` on, as far as the next event; nil when the input is used up.
    mutating func receive(_ input: Span<UInt8>, _ position: inout Int, now: UInt64) -> Event? {
        lifeDeadline = nil
        do throws(ProtocolViolation) {
            while !isClosed {
                switch try parser.step(input, &position) {
                case .needsMore:
                    return nil
                case .header(let header):
                    try budget.take(header, now: now)
                    try assembler.begin(header)
                case .payload(let header, let range, let phase):
                    try assembler.append(input, range, phase: phase, of: header)
                case .end(let header):
                    if let whole = try assembler.end(header), let event = try take(whole, now) {
                        return event
                    }
                }
            }
        } catch {
            return violated(error)
        }
        position = input.count
        return nil
    }

    /// Begins the closing handshake (§7.1.2); the payload to send, or nil when it has begun already.
    mutating func close(_ code: CloseCode, reason: String, now: UInt64) -> [UInt8]? {
        guard isOpen else { return nil }
        let deadline = now + closeMilliseconds
        state = .closing(code, reason: reason, deadline: deadline)
        return FrameWriter.closePayload(code, reason: reason)
    }

    /// The stream has ended at the peer.
    mutating func peerEnded() -> Event? {
        switch state {
        case .open, .closing:
            state = .closed
            return .ended(.failed(.endOfStream), closePayload: nil)
        case .closed:
            return nil
        }
    }

    /// To be called at `nextDeadline` or later.
    mutating func timeout(now: UInt64) -> Event? {
        switch state {
        case .closed:
            return nil
        case .closing(_, _, let deadline):
            guard now >= deadline else { return nil }
            state = .closed
            return .ended(.failed(.timedOut(.closeHandshake)), closePayload: nil)
        case .open:
            if let lifeDeadline, now >= lifeDeadline {
                state = .closed
                return .ended(.failed(.timedOut(.pong)), closePayload: nil)
            }
            guard now >= nextPing else { return nil }
            nextPing = now + pingIntervalMilliseconds
            lifeDeadline = lifeDeadline ?? now + pongMilliseconds
            let payload = (0..<8).map { UInt8(truncatingIfNeeded: now >> UInt64(56 - 8 * $0)) }
            ping = (payload, now)
            return .sendPing(payload)
        }
    }

    private mutating func take(_ whole: MessageAssembler.Whole, _ now: UInt64) throws(ProtocolViolation)
        -> Event?
    {
        switch whole {
        case .message(let message):
            // A side that has sent its close frame has nothing more to say, and needs not listen (§5.5.1).
            return isOpen ? .message(message) : nil
        case .control(.ping, let payload):
            // §5.5.2 wants an answer to every ping before the peer's close. After our own close there is
            // none: nothing may follow a close frame that anybody would listen to (§1.4, §5.5.1).
            return isOpen ? .sendPong(payload) : nil
        case .control(.pong, let payload):
            guard let sent = ping, sent.payload == payload else { return nil }
            ping = nil
            return .roundTrip(milliseconds: now >= sent.sentAt ? now - sent.sentAt : 0)
        case .control(_, let payload):
            return try closed(payload)
        }
    }

    /// The peer's close frame (§5.5.1): its code is echoed when it began, and ends the stream when it
    /// answered.
    private mutating func closed(_ payload: [UInt8]) throws(ProtocolViolation) -> Event {
        var code = CloseCode.noCode
        if !payload.isEmpty {
            guard payload.count >= 2 else {
                throw ProtocolViolation(code: .protocolError, reason: "close frame of one byte")
            }
            code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
            guard code.isSendable else {
                throw ProtocolViolation(code: .protocolError, reason: "close code may not be sent")
            }
            guard UTF8Validator.isValid(payload[2...]) else {
                throw ProtocolViolation(code: .invalidPayload, reason: "close reason is not UTF-8")
            }
        }
        defer { state = .closed }
        switch state {
        case .closing(let ours, let reason, _):
            return .ended(.closed(ours, reason: reason, byPeer: false), closePayload: nil)
        case .open, .closed:
            let reason = String(decoding: payload.dropFirst(2), as: UTF8.self)
            return .ended(
                .closed(code, reason: reason, byPeer: true), closePayload: Array(payload.prefix(2)))
        }
    }

    private mutating func violated(_ violation: ProtocolViolation) -> Event {
        let hadSentClose = !isOpen
        state = .closed
        return .ended(
            .failed(.protocolViolation(violation.code)),
            closePayload: hadSentClose
                ? nil : FrameWriter.closePayload(violation.code, reason: violation.reason))
    }
}
