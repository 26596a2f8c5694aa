@testable import WebSocketCore

/// A client machine and a server machine over a link that delivers when told, with a clock that moves when
/// told.
struct ConnectionPair {
    /// One side and what came out of it.
    struct Side {
        let role: ConnectionMachine.Role
        var machine: ConnectionMachine
        var messages: [WebSocketMessage] = []
        var outcome: CloseOutcome?
        var roundTrips: [UInt64] = []
        /// Bytes sent and not yet delivered to the other side.
        var outgoing: [UInt8] = []
        var hasEndedStream = false

        init(_ role: ConnectionMachine.Role, _ limits: TransportLimits) {
            self.role = role
            machine = ConnectionMachine(role: role, limits: limits, now: 0)
        }

        mutating func send(_ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true) {
            outgoing += FrameWriter.encode(
                opcode: opcode, isFinal: isFinal, payload: payload,
                mask: role == .client ? MaskKey(rawValue: 0xDEAD_BEEF) : nil)
        }

        mutating func close(_ code: CloseCode, reason: String, now: UInt64) {
            if let payload = machine.close(code, reason: reason, now: now) { send(.close, payload) }
        }

        mutating func receive(_ bytes: [UInt8], now: UInt64) {
            var position = 0
            while let event = machine.receive(bytes.span, &position, now: now) { take(event) }
        }

        mutating func take(_ event: ConnectionMachine.Event) {
            switch event {
            case .message(let message): messages.append(message)
            case .sendPong(let payload): send(.pong, payload)
            case .sendPing(let payload): send(.ping, payload)
            case .roundTrip(let milliseconds): roundTrips.append(milliseconds)
            case .ended(let outcome, let closePayload):
                if let closePayload { send(.close, closePayload) }
                self.outcome = outcome
                hasEndedStream = true
            }
        }
    }

    var client: Side
    var server: Side
    var now: UInt64 = 0
    /// While set, nothing is delivered in either direction.
    var isCut = false

    init(_ limits: TransportLimits = TransportLimits()) {
        client = Side(.client, limits)
        server = Side(.server, limits)
    }

    /// Delivers until nothing is on its way; each way takes one millisecond.
    mutating func deliver() {
        while !isCut, !(client.outgoing.isEmpty && server.outgoing.isEmpty) {
            now += 1
            let toServer = client.outgoing
            let toClient = server.outgoing
            client.outgoing = []
            server.outgoing = []
            server.receive(toServer, now: now)
            client.receive(toClient, now: now)
        }
    }

    /// Moves the clock from deadline to deadline, up to a time.
    mutating func run(until end: UInt64) {
        while let next = [client.machine.nextDeadline, server.machine.nextDeadline].compactMap({ $0 }).min(),
            next <= end
        {
            now = max(now, next)
            if let event = client.machine.timeout(now: now) { client.take(event) }
            if let event = server.machine.timeout(now: now) { server.take(event) }
            deliver()
        }
        now = max(now, end)
    }
}
