import Testing

@testable import WebSocketCore

@Suite struct MaskingTests {
    @Test func wordsAndBytesGiveTheSameAtEveryPhase() {
        let key = MaskKey(rawValue: 0x0102_FEA5)
        let keyBytes: [UInt8] = [0x01, 0x02, 0xFE, 0xA5]
        for count in 0...40 {
            for phase in 0...7 {
                let plain = (0..<count + 3).map { UInt8(truncatingIfNeeded: $0 &* 37) }
                var masked = plain
                Masking.apply(key, to: &masked, in: 2..<2 + count, phase: phase)
                var expected = plain
                for position in 0..<count {
                    expected[2 + position] ^= keyBytes[(phase + position) % 4]
                }
                #expect(masked == expected, "count \(count), phase \(phase)")
            }
        }
    }

    @Test func theExampleOfTheRFCIsEncoded() {
        // RFC 6455 §5.7: a single-frame masked text message "Hello".
        let bytes = clientFrame(.text, utf8("Hello"))
        #expect(bytes == [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
    }
}
