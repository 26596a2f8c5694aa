@testable import WebSocketCore

/// A second reader of frames (RFC 6455 §5): from whole bytes, without states and with copies, so that it
/// shares no mistake with the first. Knows no compression.
struct PlainFrames: Equatable {
    /// What was read, as the machine of an open connection tells it.
    private(set) var events: [ConnectionMachine.Event] = []
    /// The close code of what breaks the rules.
    private(set) var violation: CloseCode?
    private var message: (isText: Bool, fragments: [[UInt8]])?

    static func == (left: PlainFrames, right: PlainFrames) -> Bool {
        left.events == right.events && left.violation == right.violation
    }

    init(_ bytes: [UInt8], role: ConnectionMachine.Role, limits: TransportLimits) {
        var rest = bytes[...]
        while violation == nil, let length = frame(rest, role, limits) {
            rest = rest.dropFirst(length)
            if case .ended = events.last { return }
        }
    }

    /// Reads one frame; its length, or nil when it is not whole or breaks the rules.
    private mutating func frame(
        _ bytes: ArraySlice<UInt8>, _ role: ConnectionMachine.Role, _ limits: TransportLimits
    ) -> Int? {
        let bytes = Array(bytes)
        guard let first = bytes.first else { return nil }
        let opcode = first & 15
        let isFinal = first >= 128
        // §5.2: no reserved bit, no reserved opcode; §5.5: no fragment of a control frame.
        guard first & 0x70 == 0, [0, 1, 2, 8, 9, 10].contains(opcode), isFinal || opcode < 8 else {
            return fail(.protocolError)
        }
        guard bytes.count > 1 else { return nil }
        // §5.1: whoever is a client masks.
        guard (bytes[1] >= 128) == (role == .server) else { return fail(.protocolError) }
        guard opcode < 8 || bytes[1] & 127 < 126 else { return fail(.protocolError) }
        let size =
            switch bytes[1] & 127 {
            case 126: 2
            case 127: 8
            default: 0
            }
        guard bytes.count >= 2 + size else { return nil }
        let announced = bytes[2..<2 + size].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let count = size == 0 ? UInt64(bytes[1] & 127) : announced
        // §5.2: the shortest form, and no highest bit.
        guard size == 0 || count >= (size == 2 ? 126 : 65_536), count < 1 << 63 else {
            return fail(.protocolError)
        }
        guard count <= limits.messageBytesMaximum else { return fail(.tooBig) }
        let start = 2 + size + (role == .server ? 4 : 0)
        guard bytes.count >= start else { return nil }
        guard opcode >= 8 || begin(opcode, Int(count), limits) else { return nil }
        let key = role == .server ? Array(bytes[start - 4..<start]) : [0, 0, 0, 0]
        let payload = bytes[start...].prefix(Int(count)).enumerated().map { $1 ^ key[$0 % 4] }
        if opcode < 8 {
            guard take(payload) else { return nil }
        }
        guard payload.count == Int(count) else { return nil }
        end(opcode, payload, isFinal: isFinal)
        return start + Int(count)
    }

    private mutating func fail(_ code: CloseCode) -> Int? {
        violation = code
        return nil
    }

    /// §5.4: a message is one frame, or begins with its kind and goes on with continuations.
    private mutating func begin(_ opcode: UInt8, _ count: Int, _ limits: TransportLimits) -> Bool {
        guard (opcode == 0) == (message != nil) else { return fail(.protocolError) != nil }
        if opcode != 0 { message = (opcode == 1, []) }
        let fragments = message?.fragments ?? []
        guard fragments.count < limits.fragmentCountMaximum,
            fragments.reduce(count, { $0 + $1.count }) <= limits.messageBytesMaximum
        else { return fail(.tooBig) != nil }
        return true
    }

    /// §8.1: text that can become no UTF-8 ends the connection, also in the middle of a frame.
    private mutating func take(_ payload: [UInt8]) -> Bool {
        message?.fragments.append(payload)
        guard let message, message.isText else { return true }
        return TextFuzz.mayBecomeText(message.fragments.joined()) ? true : fail(.invalidPayload) != nil
    }

    private mutating func end(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool) {
        switch opcode {
        case 8:
            violation = CloseFuzz.violation(of: payload)
            guard violation == nil else { return }
            let code =
                payload.isEmpty ? .noCode : CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
            let reason = String(decoding: payload.dropFirst(2), as: UTF8.self)
            let outcome = CloseOutcome.closed(code, reason: reason, byPeer: true)
            events.append(.ended(outcome, closePayload: Array(payload.prefix(2))))
        case 9: events.append(.sendPong(payload))
        case 10: return
        default:
            guard isFinal, let message else { return }
            let bytes = Array(message.fragments.joined())
            self.message = nil
            guard message.isText else { return events.append(.message(.binary(bytes))) }
            guard String(validating: bytes, as: UTF8.self) != nil else {
                violation = .invalidPayload
                return
            }
            events.append(.message(.text(bytes)))
        }
    }
}
