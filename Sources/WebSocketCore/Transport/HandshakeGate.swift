/// Lets the TLS handshakes of one loop begin, so that a storm of joins neither stalls the sound nor fills the
/// memory, and nobody keeps others out by standing still in the door.
///
/// There are so many places. Who finds none waits; networks take turns, so that a crowd from one address does
/// not keep out who comes from another. A handshake that has not moved for a while gives its place to
/// somebody who waits, first where one network holds most: places are lost by standing still, not by being
/// many.
struct HandshakeGate {
    private struct Place {
        let network: PeerNetwork
        /// When its peer last moved the handshake on.
        var movedAt: UInt64
    }

    private var stepsThisTurn = 0
    private var microsecondsThisTurn: UInt64 = 0
    private var places: [ConnectionID: Place] = [:]
    private var placesByNetwork: [PeerNetwork: Int] = [:]
    private var placesMaximum = 0
    private var patienceMilliseconds: UInt64 = 0
    private var waiting: [ConnectionID: PeerNetwork] = [:]
    /// Those who wait, in order of arrival; who has gone is still there until it is their turn.
    private var lines: [PeerNetwork: ArraySlice<ConnectionID>] = [:]
    /// Networks with a line, whose turn it is first.
    private var turns: ArraySlice<PeerNetwork> = []

    /// Handshakes under way.
    var activeCount: Int { places.count }
    /// Connections that wait for a place.
    var waitingCount: Int { waiting.count }

    // MARK: Work in one turn

    /// A new turn has a new budget.
    mutating func beginTurn() {
        stepsThisTurn = 0
        microsecondsThisTurn = 0
    }

    /// Whether one more step may be taken in this turn; counts it.
    mutating func takeStep(_ limits: TransportLimits) -> Bool {
        guard stepsThisTurn < limits.tlsHandshakeStepsPerTurn,
            microsecondsThisTurn < limits.tlsHandshakeMicrosecondsPerTurn
        else { return false }
        stepsThisTurn += 1
        return true
    }

    /// A step has taken so long.
    mutating func spent(microseconds: UInt64) {
        microsecondsThisTurn += microseconds
    }

    // MARK: Places

    /// Whether a handshake may begin now; else it waits, until `next` names it.
    mutating func enter(
        _ connection: ConnectionID, from network: PeerNetwork, now: UInt64, _ limits: TransportLimits
    ) -> Bool {
        placesMaximum = limits.tlsHandshakesMaximum
        patienceMilliseconds = limits.tlsHandshakePatienceMilliseconds
        guard places.count >= placesMaximum else {
            take(connection, network, now)
            return true
        }
        waiting[connection] = network
        if lines[network] == nil { turns.append(network) }
        lines[network, default: []].append(connection)
        return false
    }

    /// The peer has moved its handshake on.
    mutating func moved(_ connection: ConnectionID, now: UInt64) {
        places[connection]?.movedAt = now
    }

    /// A connection's handshake has ended, or it does not wait any more.
    mutating func leave(_ connection: ConnectionID) {
        waiting[connection] = nil
        guard let place = places.removeValue(forKey: connection) else { return }
        let left = placesByNetwork[place.network, default: 1] - 1
        placesByNetwork[place.network] = left > 0 ? left : nil
    }

    /// Who may begin now, if there is a place and somebody waits; the place is theirs.
    mutating func next(now: UInt64) -> ConnectionID? {
        while places.count < placesMaximum, let network = turns.popFirst() {
            guard var line = lines.removeValue(forKey: network) else { continue }
            while let connection = line.popFirst() {
                guard waiting.removeValue(forKey: connection) != nil else { continue }
                if !line.isEmpty {
                    lines[network] = line
                    turns.append(network)
                }
                take(connection, network, now)
                return connection
            }
        }
        return nil
    }

    /// Whose handshake has to end, because somebody waits and its peer has stood still for too long.
    func stalled(now: UInt64) -> ConnectionID? {
        guard isFull else { return nil }
        return places.lazy.filter { $0.value.movedAt + patienceMilliseconds <= now }
            .max { isSparedBefore($0, $1) }?.key
    }

    /// When somebody who waits will find a place that stands still; nil when there are places for all.
    var nextRelief: UInt64? {
        guard isFull else { return nil }
        return places.values.lazy.map(\.movedAt).min().map { $0 + patienceMilliseconds }
    }

    /// Whether more wait than there are free places.
    private var isFull: Bool { waiting.count > max(0, placesMaximum - places.count) }

    private typealias Holder = (key: ConnectionID, value: Place)

    /// The order in which stalled handshakes keep their places: few of one network before many, young before
    /// old.
    private func isSparedBefore(_ one: Holder, _ other: Holder) -> Bool {
        let (many, more) = (
            placesByNetwork[one.value.network, default: 0], placesByNetwork[other.value.network, default: 0]
        )
        if many != more { return many < more }
        if one.value.movedAt != other.value.movedAt { return one.value.movedAt > other.value.movedAt }
        return one.key.number > other.key.number
    }

    private mutating func take(_ connection: ConnectionID, _ network: PeerNetwork, _ now: UInt64) {
        places[connection] = Place(network: network, movedAt: now)
        placesByNetwork[network, default: 0] += 1
    }
}
