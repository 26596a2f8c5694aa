import Testing

@testable import WebSocketCore

@Suite("The gate of handshakes") struct HandshakeGateTests {
    private let school = PeerNetwork(of: "192.0.2.1")
    private let home = PeerNetwork(of: "198.51.100.7")

    private func limits(_ places: Int) -> TransportLimits {
        var limits = TransportLimits()
        limits.tlsHandshakesMaximum = places
        return limits
    }

    private func id(_ number: UInt64) -> ConnectionID { ConnectionID(number: number, loopIndex: 0) }

    @Test func networksTakeTurns() {
        var gate = HandshakeGate()
        let two = limits(2)
        for number in UInt64(1)...6 { _ = gate.enter(id(number), from: school, now: 0, two) }
        holds(gate.activeCount == 2 && gate.waitingCount == 4)
        holds(!gate.enter(id(7), from: home, now: 0, two))
        gate.leave(id(1))
        holds(gate.next(now: 1) == id(3))
        holds(gate.next(now: 1) == nil, "there is no place")
        gate.leave(id(2))
        holds(gate.next(now: 2) == id(7), "whoever comes from elsewhere does not wait for a whole school")
        gate.leave(id(3))
        gate.leave(id(7))
        holds([gate.next(now: 3), gate.next(now: 3), gate.next(now: 3)] == [id(4), id(5), nil])
    }

    @Test func whoHasGoneGetsNoPlace() {
        var gate = HandshakeGate()
        let one = limits(1)
        for number in UInt64(1)...4 { _ = gate.enter(id(number), from: school, now: 0, one) }
        gate.leave(id(2))
        gate.leave(id(3))
        gate.leave(id(1))
        holds(gate.next(now: 1) == id(4))
        gate.leave(id(4))
        holds(gate.next(now: 1) == nil)
        holds(gate.activeCount == 0 && gate.waitingCount == 0)
    }

    @Test func standingStillLosesThePlaceWhereOneNetworkHasMost() {
        var gate = HandshakeGate()
        let four = limits(4)
        for number in UInt64(1)...3 { holds(gate.enter(id(number), from: school, now: number, four)) }
        holds(gate.enter(id(4), from: home, now: 0, four))
        holds(gate.stalled(now: 9_000) == nil, "nobody wants the place")
        holds(gate.nextRelief == nil)
        holds(!gate.enter(id(5), from: home, now: 100, four))
        holds(gate.nextRelief == 3_000)
        gate.moved(id(1), now: 2_000)
        holds(
            gate.stalled(now: 3_100) == id(2),
            "of the many the one that stood longest")
        gate.leave(id(2))
        holds(gate.stalled(now: 3_100) == nil, "one place for one who waits")
        holds(gate.nextRelief == nil, "there is nothing to look for")
        holds(gate.next(now: 3_100) == id(5))
    }

    @Test func aTurnHasABudget() {
        var gate = HandshakeGate()
        var limits = TransportLimits()
        limits.tlsHandshakeStepsPerTurn = 2
        limits.tlsHandshakeMicrosecondsPerTurn = 1_000
        holds(
            [gate.takeStep(limits), gate.takeStep(limits), gate.takeStep(limits)] == [true, true, false])
        gate.beginTurn()
        holds(gate.takeStep(limits))
        gate.spent(microseconds: 1_000)
        holds(!gate.takeStep(limits))
        gate.beginTurn()
        holds(gate.takeStep(limits))
    }

    @Test func addressesCountByNetwork() {
        holds(PeerNetwork(of: "2001:db8:1:2:3:4:5:6") == PeerNetwork(of: "2001:db8:1:2::9"))
        holds(PeerNetwork(of: "2001:db8:1:3::9") != PeerNetwork(of: "2001:db8:1:2::9"))
        holds(PeerNetwork(of: "2001:db8:0:2::9").description == "2001:db8:0:2::/64")
        holds(PeerNetwork(of: "2001:db8:1:12::") != PeerNetwork(of: "2001:db8:11:2::"))
        holds(PeerNetwork(of: "::ffff:192.0.2.1") == school)
        holds(PeerNetwork(of: "fe80::1%eth0") == PeerNetwork(of: "fe80::2"))
        holds(PeerNetwork(of: String(repeating: "x", count: 1_000)).description.utf8.count == 64)
    }

    /// `#expect` cannot hold a call that changes a value.
    private func holds(
        _ condition: Bool, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(condition, comment, sourceLocation: sourceLocation)
    }
}
