import Testing

@testable import WebSocketCore

@Suite("Frames that carry next to nothing") struct FrameBudgetTests {
    private func limits() -> TransportLimits {
        var limits = TransportLimits()
        limits.controlFramesBurstMaximum = 10
        limits.smallFramesBurstMaximum = 20
        return limits
    }

    /// How many of these frames a server takes at once, and how it ends.
    private func taken(_ frame: [UInt8], of count: Int, first: [UInt8] = []) -> (
        events: Int, end: CloseOutcome?
    ) {
        var machine = ConnectionMachine(role: .server, limits: limits(), now: 0)
        let bytes = first + Array(repeatElement(frame, count: count).joined())
        var position = 0
        var events = 0
        while let event = machine.receive(bytes.span, &position, now: 1) {
            if case .ended(let outcome, let payload) = event {
                #expect(payload?.prefix(2).elementsEqual([0x03, 0xF0]) == true, "1008")
                return (events, outcome)
            }
            events += 1
        }
        return (events, nil)
    }

    @Test func aFloodOfPingsEndsWithPolicy() {
        let (events, end) = taken(clientFrame(.ping, [1]), of: 100)
        #expect(events == 10 && end == .failed(.protocolViolation(.policy)))
        #expect(taken(clientFrame(.pong, []), of: 100).end == .failed(.protocolViolation(.policy)))
    }

    @Test func tinyFragmentsAndEmptyMessagesEndWithPolicy() {
        let first = clientFrame(.binary, [1], isFinal: false)
        #expect(taken(clientFrame(.continuation, [], isFinal: false), of: 19, first: first).end == nil)
        #expect(
            taken(clientFrame(.continuation, [7], isFinal: false), of: 20, first: first).end
                == .failed(.protocolViolation(.policy)))
        let (events, end) = taken(clientFrame(.text, []), of: 21)
        #expect(events == 20 && end == .failed(.protocolViolation(.policy)))
    }

    @Test func framesThatCarrySomethingAreNotCounted() {
        let frame = clientFrame(.binary, [UInt8](repeating: 1, count: TransportLimits().smallFrameBytes))
        #expect(taken(frame, of: 1_000).events == 1_000)
    }

    @Test func whatWasSpentComesBackWithTime() {
        var machine = ConnectionMachine(role: .server, limits: limits(), now: 0)
        let ping = clientFrame(.ping, [])
        for second in 0..<100 {
            for _ in 0..<10 {
                var position = 0
                #expect(machine.receive(ping.span, &position, now: UInt64(second) * 1_000) == .sendPong([]))
            }
        }
    }
}
