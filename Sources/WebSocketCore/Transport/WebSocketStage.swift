/// WebSocket on a connection: moves bytes and time into the machine, and what comes out to the delegate and
/// the queue.
final class WebSocketStage: ConnectionStage {
    private var machine: ConnectionMachine
    private var delegate: (any WebSocketDelegate)?
    private let replyBytesMaximum: Int
    private let closeMilliseconds: UInt64
    /// Bytes inflated on the loop in one turn; nil where this connection inflates nothing.
    private let inflatedBytesMaximum: Int?
    private let role: ConnectionMachine.Role
    private var isHeldBack = false
    /// The loop has inflated enough for one turn.
    private var awaitsTurn = false

    init(
        role: ConnectionMachine.Role, delegate: any WebSocketDelegate, limits: TransportLimits, now: UInt64,
        inflater: MessageInflater?
    ) {
        self.role = role
        machine = ConnectionMachine(role: role, limits: limits, now: now, inflater: inflater)
        inflatedBytesMaximum = inflater == nil ? nil : limits.inflatedBytesPerTurn
        self.delegate = delegate
        replyBytesMaximum = limits.replyBytesMaximum
        closeMilliseconds = limits.closeHandshakeMilliseconds
    }

    /// A peer that does not take our replies is not read from: it could make us owe it more for ever. What
    /// this side says by itself holds nobody back: two sides that both have much to say would wait for each
    /// other.
    var wantsBytes: Bool {
        !isHeldBack && !awaitsTurn && !machine.isClosed
    }

    var nextDeadline: UInt64? {
        machine.nextDeadline
    }

    func established(_ connection: Connection) {
        delegate?.opened(connection)
    }

    func receive(_ input: Span<UInt8>, _ position: inout Int, _ connection: Connection) {
        guard mayInflate(connection) else { return }
        while let event = machine.receive(input, &position, now: connection.core.now) {
            perform(event, connection)
            isHeldBack = connection.outbound.replyBytes > replyBytesMaximum
            guard wantsBytes, !connection.isReadingPaused, connection.link == .established else { return }
            guard mayInflate(connection) else { return }
        }
    }

    /// Whether the loop may inflate more in this turn. A few bytes can swell to a thousand times as many, so
    /// that bytes read are no measure of the work; whoever comes too late goes on in the next turn.
    private func mayInflate(_ connection: Connection) -> Bool {
        guard let inflatedBytesMaximum,
            connection.core.compression.inflatedBytes >= inflatedBytesMaximum
        else { return true }
        awaitsTurn = true
        connection.core.afterTurn { [weak self, weak connection] in
            self?.awaitsTurn = false
            // TLS may hold bytes that the set does not show, so that nothing else would come back to them.
            connection?.isReadingStopped = true
            connection?.continueReading()
        }
        return false
    }

    func peerEnded(_ connection: Connection) {
        if let event = machine.peerEnded() { perform(event, connection) }
    }

    func progressed(_ connection: Connection) {
        guard isHeldBack else { return }
        // Bytes that a full socket takes again were acknowledged by a living peer.
        machine.heard()
        isHeldBack = connection.outbound.replyBytes > replyBytesMaximum
    }

    func timeout(_ connection: Connection) {
        if connection.isReadingPaused { machine.heard() }
        if let event = machine.timeout(now: connection.core.now) { perform(event, connection) }
    }

    func failed(_ failure: ConnectionFailure, _ connection: Connection) {
        tell(.failed(failure), connection)
    }

    /// Begins the closing handshake.
    func close(_ code: CloseCode, reason: String, _ connection: Connection) {
        guard let payload = machine.close(code, reason: reason, now: connection.core.now) else { return }
        connection.transmitControl(.close, payload)
        connection.acceptsFrames = false
    }

    /// Control frames have filled their bound: what waits is forgotten, the peer is told to come back.
    func slowConsumer(_ connection: Connection) {
        guard machine.isOpen else { return }
        connection.forgetQueue()
        let code = connection.limits.slowConsumerCode
        if let payload = machine.close(code, reason: "slow consumer", now: connection.core.now) {
            connection.transmitControl(.close, payload)
        }
        tell(.failed(.slowConsumer), connection)
        connection.endAfterFlush(withinMilliseconds: closeMilliseconds)
    }

    private func perform(_ event: ConnectionMachine.Event, _ connection: Connection) {
        switch event {
        case .message(let message):
            delegate?.received(message, on: connection)
        case .sendPong(let payload):
            connection.transmitPong(payload)
        case .sendPing(let payload):
            connection.transmitControl(.ping, payload)
        case .roundTrip(let milliseconds):
            connection.roundTripMilliseconds = milliseconds
        case .ended(let outcome, let closePayload):
            end(outcome, closePayload, connection)
        }
    }

    private func end(_ outcome: CloseOutcome, _ closePayload: [UInt8]?, _ connection: Connection) {
        connection.acceptsFrames = false
        if let closePayload { connection.transmitControl(.close, closePayload) }
        tell(outcome, connection)
        switch outcome {
        case .closed:
            // §7.1.1: the server ends the stream first, so that it and not the client remembers the address
            // pair; a client waits for that, but not for ever.
            connection.leavesEndToPeer = role == .client
            connection.endAfterFlush(withinMilliseconds: closeMilliseconds)
        case .failed(.protocolViolation):
            connection.endAfterFlush(withinMilliseconds: closeMilliseconds)
        case .failed(let failure):
            connection.kill(failure)
        }
    }

    /// Tells the delegate, once, at the end of the turn and so never from inside a call of its own.
    private func tell(_ outcome: CloseOutcome, _ connection: Connection) {
        guard let delegate else { return }
        self.delegate = nil
        connection.core.atEndOfTurn { delegate.closed(connection, outcome) }
    }
}
