@testable import WebSocketCore

/// A frame as a client sends it, with a fixed key.
func clientFrame(
    _ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true, isCompressed: Bool = false
) -> [UInt8] {
    FrameWriter.encode(
        opcode: opcode, isFinal: isFinal, isCompressed: isCompressed, payload: payload,
        mask: MaskKey(rawValue: 0x37FA_213D))
}

/// A frame as a server sends it.
func serverFrame(_ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
    FrameWriter.encode(opcode: opcode, isFinal: isFinal, payload: payload, mask: nil)
}

/// The UTF-8 of text.
func utf8(_ text: String) -> [UInt8] {
    Array(text.utf8)
}
