/// Counts the TLS handshakes of one loop, so that a storm of joins neither stalls the sound nor fills the
/// memory.
struct HandshakeGate {
    private var stepsThisTurn = 0
    /// Handshakes under way.
    private(set) var activeCount = 0
    /// Calls that begin a handshake; false when the connection has gone meanwhile.
    private var waiting: [() -> Bool] = []
    private var waitingHead = 0

    /// A new turn has a new budget of steps.
    mutating func beginTurn() {
        stepsThisTurn = 0
    }

    /// Whether one more step may be taken in this turn; counts it.
    mutating func takeStep(_ limits: TransportLimits) -> Bool {
        guard stepsThisTurn < limits.tlsHandshakeStepsPerTurn else { return false }
        stepsThisTurn += 1
        return true
    }

    /// Whether a handshake may begin now; else `begin` is called when another has ended.
    mutating func enter(_ limits: TransportLimits, _ begin: @escaping () -> Bool) -> Bool {
        guard activeCount < limits.tlsHandshakesMaximum else {
            waiting.append(begin)
            return false
        }
        activeCount += 1
        return true
    }

    /// A handshake has ended: the next that waits takes over its place. Nil gives the place back.
    mutating func next() -> (() -> Bool)? {
        guard waitingHead < waiting.count else {
            waiting.removeAll()
            waitingHead = 0
            activeCount -= 1
            return nil
        }
        defer { waitingHead += 1 }
        return waiting[waitingHead]
    }
}
