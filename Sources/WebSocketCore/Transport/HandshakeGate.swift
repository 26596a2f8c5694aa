/// Counts the TLS handshakes of one loop, so that a storm of joins neither stalls the sound nor fills the memory.
struct HandshakeGate {
    private var stepsThisTurn = 0
    /// Handshakes under way.
    private(set) var activeCount = 0
    /// Calls that begin a handshake, waiting for one to end.
    private var waiting: [() -> Void] = []
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

    /// Whether a handshake may begin now; else `begin` is called when another ends.
    mutating func enter(_ limits: TransportLimits, _ begin: @escaping () -> Void) -> Bool {
        guard activeCount < limits.tlsHandshakesMaximum else {
            waiting.append(begin)
            return false
        }
        activeCount += 1
        return true
    }

    /// A handshake has ended; the next one that waits, which takes over the place.
    mutating func leave() -> (() -> Void)? {
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
