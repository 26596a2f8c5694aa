@testable import WebSocketCore

/// Compressed messages (RFC 7692 §7.2): any data at all in one is the same however it is cut and stays
/// within its bound, and what our side compresses is read as what it was.
enum InflaterFuzz {
    private static let limits = {
        var limits = TransportLimits()
        limits.messageBytesMaximum = 3_000
        return limits
    }()

    /// The windows that a peer may have asked for.
    private static let windowBits = [9, 10, 12, 15]

    static func check(_ input: FuzzInput) throws(FuzzFault) {
        let keepsContext = input.chooses(0)
        let opcode: Opcode = input.chooses(1) ? .text : .binary
        try checkAnyData(input, opcode, keepsContext: keepsContext)
        let bits = windowBits[(input.chooses(2) ? 1 : 0) + (input.chooses(3) ? 2 : 0)]
        try checkOwnData(input, windowBits: bits, keepsContext: keepsContext)
    }

    /// The input as the compressed payloads of two messages, so that the second may refer to the first.
    private static func checkAnyData(
        _ input: FuzzInput, _ opcode: Opcode, keepsContext: Bool
    ) throws(FuzzFault) {
        let half = input.chooses(4) ? input.bytes.count / 2 : input.bytes.count
        let frames = [input.bytes[..<half], input.bytes[half...]].flatMap { compressed(opcode, Array($0)) }
        let events = try FuzzInput(input, bytes: frames).read { bytes, pieces in
            FramesFuzz.read(machine(keepsContext ? 15 : nil), bytes, pieces)
        }
        for event in events {
            switch event {
            case .message(let message):
                try require(message.bytes.count <= limits.messageBytesMaximum, "message too big")
                guard case .text(let text) = message else { continue }
                try require(String(validating: text, as: UTF8.self) != nil, "text that is not UTF-8")
            case .ended(.failed(.protocolViolation(let code)), _):
                try require([.invalidPayload, .tooBig].contains(code), "\(code) for compressed data")
            case .sendPong, .sendPing, .roundTrip, .ended:
                throw FuzzFault(description: "\(event) of a message")
            }
        }
    }

    /// The input as messages of ours, told twice so that a context has something to refer to.
    private static func checkOwnData(
        _ input: FuzzInput, windowBits: Int, keepsContext: Bool
    ) throws(FuzzFault) {
        guard let deflater = Deflater(windowBits: windowBits, keepsContext: keepsContext) else { return }
        let message = Array(input.bytes.prefix(limits.messageBytesMaximum / 2))
        let messages = [message, message + message, []]
        var frames: [UInt8] = []
        for message in messages {
            // What does not shrink goes as it is.
            frames +=
                deflater.compress(message[...]).map { compressed(.binary, $0) }
                ?? FrameWriter.encode(opcode: .binary, payload: message, mask: nil)
        }
        let events = FramesFuzz.read(machine(keepsContext ? windowBits : nil), frames, [frames.indices])
        try require(events == messages.map { .message(.binary($0)) }, "sent \(messages), read \(events)")
    }

    private static func machine(_ contextWindowBits: Int?) -> ConnectionMachine {
        let inflater = FramesFuzz.inflater(contextWindowBits: contextWindowBits)
        return ConnectionMachine(role: .client, limits: limits, now: 0, inflater: inflater)
    }

    private static func compressed(_ opcode: Opcode, _ payload: [UInt8]) -> [UInt8] {
        var frame = FrameWriter.encode(opcode: opcode, payload: payload, mask: nil)
        frame[0] |= 0x40
        return frame
    }
}
