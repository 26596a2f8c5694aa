/// Encodes frame headers and small control frames (RFC 6455 §5.2). Payload lengths use the shortest form.
enum FrameWriter {
    /// Two bytes and the longest extended length.
    static let serverHeaderBytesMaximum = 10

    /// A header for one whole message or control frame; with a key, the mask bit and the key follow.
    static func appendHeader(
        opcode: Opcode, isFinal: Bool = true, isCompressed: Bool = false, payloadCount: Int,
        mask: MaskKey? = nil, to bytes: inout [UInt8]
    ) {
        // RFC 7692 §6: the first reserved bit marks a compressed message.
        bytes.append((isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0) | opcode.rawValue)
        let maskBit: UInt8 = mask == nil ? 0 : 0x80
        if payloadCount < 126 {
            bytes.append(maskBit | UInt8(payloadCount))
        } else if payloadCount <= 0xFFFF {
            bytes.append(maskBit | 126)
            bytes.append(UInt8(payloadCount >> 8))
            bytes.append(UInt8(payloadCount & 0xFF))
        } else {
            bytes.append(maskBit | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: UInt64(payloadCount) >> UInt64(shift)))
            }
        }
        if let mask {
            for position in 0..<4 {
                bytes.append(mask.byte(at: position))
            }
        }
    }

    /// A whole frame; masked when a key is given, as a client must (RFC 6455 §5.1).
    static func encode(
        opcode: Opcode, isFinal: Bool = true, isCompressed: Bool = false, payload: some Collection<UInt8>,
        mask: MaskKey?
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(payload.count + serverHeaderBytesMaximum + 4)
        appendHeader(
            opcode: opcode, isFinal: isFinal, isCompressed: isCompressed, payloadCount: payload.count,
            mask: mask, to: &bytes)
        let start = bytes.count
        bytes.append(contentsOf: payload)
        if let mask {
            Masking.apply(mask, to: &bytes, in: start..<bytes.count, phase: 0)
        }
        return bytes
    }

    /// The payload of a close frame: the code and a reason cut at a character so that it fits 123 bytes
    /// (RFC 6455 §5.5.1).
    static func closePayload(_ code: CloseCode, reason: String) -> [UInt8] {
        guard code.isSendable else { return [] }
        var payload = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)]
        for character in reason {
            let encoded = Array(String(character).utf8)
            if payload.count + encoded.count > FrameParser.controlPayloadBytesMaximum { break }
            payload.append(contentsOf: encoded)
        }
        return payload
    }
}
