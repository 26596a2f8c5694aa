@testable import WebSocketCore

/// Close frames (RFC 6455 §5.5.1 and §7.4), against a second telling of the rules that shares nothing with
/// the first but the RFC.
enum CloseFuzz {
    /// The codes that may stand on the wire: §7.4.1 and those registered since.
    private static let registered: Set<UInt16> = [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
    ]

    static func check(_ input: FuzzInput) throws(FuzzFault) {
        let payload = Array(input.bytes.prefix(FrameParser.controlPayloadBytesMaximum))
        let frame = FrameWriter.encode(opcode: .close, payload: payload, mask: nil)
        let machine = ConnectionMachine(role: .client, limits: TransportLimits(), now: 0)
        let events = FramesFuzz.read(machine, frame, frame.indices.map { $0..<$0 + 1 })
        let whole = FramesFuzz.read(machine, frame, [frame.indices])
        try require(events == whole, "byte by byte \(events), whole \(whole)")
        guard events.count == 1, case .ended(let outcome, let answer) = events[0] else {
            throw FuzzFault(description: "a close frame gave \(events)")
        }
        try judge(payload, outcome, answer)
        try checkWriter(payload)
    }

    private static func judge(
        _ payload: [UInt8], _ outcome: CloseOutcome, _ answer: [UInt8]?
    ) throws(FuzzFault) {
        let fault = violation(of: payload)
        switch outcome {
        case .closed(let code, let reason, let byPeer):
            try require(fault == nil, "accepted \(payload)")
            try require(byPeer, "closed by nobody")
            let expected = payload.isEmpty ? 1005 : UInt16(payload[0]) << 8 | UInt16(payload[1])
            try require(code.rawValue == expected, "code \(code)")
            try require(reason.utf8.elementsEqual(payload.dropFirst(2)), "reason \(reason)")
            try require(answer == Array(payload.prefix(2)), "answered \(String(describing: answer))")
        case .failed(let failure):
            try require(failure == fault.map { .protocolViolation($0) }, "\(failure) for \(payload)")
        }
    }

    /// The code that a peer is told for this payload; nil for a good one.
    static func violation(of payload: [UInt8]) -> CloseCode? {
        if payload.isEmpty { return nil }
        if payload.count == 1 { return .protocolError }
        let code = UInt16(payload[0]) * 256 + UInt16(payload[1])
        guard registered.contains(code) || (code >= 3000 && code < 5000) else { return .protocolError }
        return String(validating: payload[2...], as: UTF8.self) == nil ? .invalidPayload : nil
    }

    /// Whatever we are asked to say fits a frame, and is the beginning of what was asked.
    private static func checkWriter(_ payload: [UInt8]) throws(FuzzFault) {
        guard payload.count >= 2 else { return }
        let code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        // Each byte that is no UTF-8 becomes three, so that the reason does not always fit.
        let reason = String(decoding: payload[2...], as: UTF8.self)
        let written = FrameWriter.closePayload(code, reason: reason)
        try require(written.isEmpty == !code.isSendable, "\(code) written as \(written)")
        try require(written.count <= FrameParser.controlPayloadBytesMaximum, "\(written.count) bytes")
        let said = written.dropFirst(2)
        try require(String(validating: said, as: UTF8.self) != nil, "cut inside a character")
        try require(Array(reason.utf8).starts(with: said), "said something else")
    }
}
