@testable import WebSocketCore

/// UTF-8 (RFC 3629) against the standard library's reader, and masks (RFC 6455 §5.3) against a loop over
/// bytes.
enum TextFuzz {
    /// Bytes at the edges of the ranges of continuation bytes (RFC 3629 §4).
    private static let edges: [UInt8] = [0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF]

    private struct Verdict: Equatable {
        var isRefused = false
        var isComplete = false
    }

    static func check(_ input: FuzzInput) throws(FuzzFault) {
        let verdict = try input.read { bytes, pieces in
            var validator = UTF8Validator()
            for piece in pieces where !validator.accept(bytes[piece]) { return Verdict(isRefused: true) }
            return Verdict(isComplete: validator.isComplete)
        }
        let isText = String(validating: input.bytes, as: UTF8.self) != nil
        try require((verdict == Verdict(isComplete: true)) == isText, "\(verdict), yet \(isText)")
        try checkFirstBadByte(input.bytes)
        try checkMask(input)
    }

    /// What is refused was beyond mending from the very byte on, and not before it.
    private static func checkFirstBadByte(_ bytes: [UInt8]) throws(FuzzFault) {
        var validator = UTF8Validator()
        let bad = bytes.firstIndex { !validator.accept($0) }
        try require(mayBecomeText(bytes[..<(bad ?? bytes.endIndex)]), "refused too late")
        guard let bad else { return }
        try require(!mayBecomeText(bytes[...bad]), "refused too early")
    }

    /// Whether up to three more bytes make it text.
    static func mayBecomeText(_ bytes: some Sequence<UInt8>) -> Bool {
        let bytes = Array(bytes)
        let ends: [[UInt8]] = [[]] + edges.flatMap { [[$0], [$0, 0x80], [$0, 0x80, 0x80]] }
        return ends.contains { String(validating: bytes + $0, as: UTF8.self) != nil }
    }

    private static func checkMask(_ input: FuzzInput) throws(FuzzFault) {
        let head = input.bytes.prefix(4)
        guard head.count == 4 else { return }
        let key = MaskKey(rawValue: head.reduce(0) { $0 << 8 | UInt32($1) })
        let masked = try input.read { bytes, pieces in
            var bytes = bytes
            for piece in pieces {
                Masking.apply(key, to: &bytes, in: piece, phase: piece.lowerBound)
            }
            return bytes
        }
        for (position, byte) in input.bytes.enumerated() {
            try require(masked[position] == byte ^ input.bytes[position % 4], "mask at \(position)")
        }
    }
}
