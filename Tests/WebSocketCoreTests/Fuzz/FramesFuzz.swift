@testable import WebSocketCore

/// Frames and messages (RFC 6455 §5 to §7) through the machine of either role: the same however they are cut,
/// within their limits, and the same again when they are written from what was read.
enum FramesFuzz {
    typealias Event = ConnectionMachine.Event

    /// The moment of every input; the machine's ping before it, if there is one, holds this number.
    private static let now: UInt64 = 20_000

    /// Small, so that short inputs reach all of them.
    private static let limits = {
        var limits = TransportLimits()
        limits.messageBytesMaximum = 600
        limits.fragmentCountMaximum = 6
        limits.pingIntervalMilliseconds = now
        return limits
    }()

    static func read(_ machine: ConnectionMachine, _ bytes: [UInt8], _ pieces: [Range<Int>]) -> [Event] {
        var machine = machine
        var events: [Event] = []
        for piece in pieces where !machine.isClosed {
            let span = bytes.span.extracting(piece)
            var position = 0
            while let event = machine.receive(span, &position, now: now) {
                events.append(event)
            }
        }
        return events
    }

    static func check(_ input: FuzzInput) throws(FuzzFault) {
        let role: ConnectionMachine.Role = input.chooses(0) ? .client : .server
        let isClosing = input.chooses(2)
        let events = try input.read { read(machine(input, role), $0, $1) }
        try checkBounds(events, isClosing: isClosing)
        try checkWritten(events, role)
        guard !input.chooses(1), !isClosing, !input.chooses(3) else { return }
        try checkPlainly(events, PlainFrames(input.bytes, role: role, limits: limits))
    }

    /// A new one each time, since what inflates is not a value.
    private static func machine(_ input: FuzzInput, _ role: ConnectionMachine.Role) -> ConnectionMachine {
        let inflater = input.chooses(3) ? inflater(contextWindowBits: input.chooses(4) ? 15 : nil) : nil
        var machine = ConnectionMachine(role: role, limits: limits, now: 0, inflater: inflater)
        if input.chooses(1) { _ = machine.timeout(now: now) }
        if input.chooses(2) { _ = machine.close(.normal, reason: "", now: now) }
        return machine
    }

    /// What a connection of its own loop inflates with.
    static func inflater(contextWindowBits: Int?) -> MessageInflater {
        MessageInflater(shared: SharedCompression(), contextWindowBits: contextWindowBits)
    }

    private static func checkBounds(_ events: [Event], isClosing: Bool) throws(FuzzFault) {
        for (position, event) in events.enumerated() {
            switch event {
            case .message(let message):
                try require(!isClosing, "message after our close frame")
                try require(message.bytes.count <= limits.messageBytesMaximum, "message too big")
                guard case .text(let text) = message else { continue }
                try require(String(validating: text, as: UTF8.self) != nil, "text that is not UTF-8")
            case .sendPong(let payload), .sendPing(let payload):
                try require(!isClosing, "\(event) after our close frame")
                try require(payload.count <= FrameParser.controlPayloadBytesMaximum, "long control frame")
            case .roundTrip(let milliseconds):
                try require(milliseconds == 0, "a round trip of \(milliseconds)")
            case .ended(_, let closePayload):
                try require(position == events.count - 1, "something after the end")
                try require(!isClosing || closePayload == nil, "a second close frame")
                try checkClose(closePayload ?? [])
            }
        }
    }

    private static func checkClose(_ payload: [UInt8]) throws(FuzzFault) {
        guard !payload.isEmpty else { return }
        try require((2...125).contains(payload.count), "close frame of \(payload.count)")
        let code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        try require(code.isSendable, "close code \(code)")
        try require(String(validating: payload[2...], as: UTF8.self) != nil, "reason that is not UTF-8")
    }

    /// The messages written as their receiver's peer would are read as the same.
    private static func checkWritten(_ events: [Event], _ role: ConnectionMachine.Role) throws(FuzzFault) {
        let messages = events.filter { if case .message = $0 { true } else { false } }
        var bytes: [UInt8] = []
        for event in messages {
            guard case .message(let message) = event else { continue }
            let opcode: Opcode = if case .text = message { .text } else { .binary }
            let mask = role == .server ? MaskKey(rawValue: 0x37FA_213D) : nil
            bytes += FrameWriter.encode(opcode: opcode, payload: message.bytes, mask: mask)
        }
        let machine = ConnectionMachine(role: role, limits: limits, now: 0)
        let again = read(machine, bytes, [bytes.indices])
        try require(again == messages, "written \(messages) and read \(again)")
    }

    /// The same events, and the same code for what breaks the rules, as a second reader finds.
    private static func checkPlainly(_ events: [Event], _ plain: PlainFrames) throws(FuzzFault) {
        var events = events
        var violation: CloseCode?
        if case .ended(.failed(.protocolViolation(let code)), _) = events.last {
            violation = code
            events.removeLast()
        }
        try require(events == plain.events, "\(events), plainly \(plain.events)")
        try require(violation == plain.violation, "\(violation as Any), plainly \(plain.violation as Any)")
    }
}
