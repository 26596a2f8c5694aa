import Testing

@testable import WebSocketCore

@Suite struct DeflaterTests {
    /// Inflates with outputs as small as asked for.
    private func inflate(_ payload: [UInt8], _ inflater: Inflater, pieceBytes: Int) -> [UInt8]? {
        var piece = [UInt8](repeating: 0, count: pieceBytes)
        var message: [UInt8] = []
        var position = 0
        while true {
            let count = payload.withUnsafeBufferPointer { inflater.inflate($0, &position, &piece) }
            guard let count else { return nil }
            message += piece[..<count]
            if count < pieceBytes { break }
        }
        return position == payload.count && inflater.endMessage() ? message : nil
    }

    /// Text with repetitions at every distance.
    private static func text(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        var text: [UInt8] = []
        while text.count < count {
            if text.count > 20, Bool.random(using: &generator) {
                let start = Int.random(in: 0..<text.count - 10, using: &generator)
                text += text[start..<min(text.count, start + Int.random(in: 3...40, using: &generator))]
            } else {
                text.append(UInt8.random(in: 0x20...0x7E, using: &generator))
            }
        }
        return Array(text.prefix(count))
    }

    @Test(arguments: [false, true]) func messagesOfEveryWindowComeBack(keepsContext: Bool) throws {
        for windowBits in DeflateParameters.windowBitsRange {
            var generator = SeededGenerator(seed: UInt64(windowBits))
            let deflater = try #require(Deflater(windowBits: windowBits, keepsContext: keepsContext))
            let inflater = try #require(Inflater(windowBits: windowBits))
            for count in [0, 1, 2, 5, 100, 1_000, 5_000, 40_000, 0, 70_000, 3] {
                let message = Self.text(count, &generator)
                guard let payload = deflater.compress(message[...]) else {
                    #expect(!keepsContext && count < 10)
                    continue
                }
                if !keepsContext { inflater.forget() }
                // With outputs smaller than any window, every reference must lie inside of it.
                #expect(inflate(payload, inflater, pieceBytes: 16) == message, "seed \(windowBits), \(count)")
            }
        }
    }

    @Test func theSmallestWindowIsNeverLeft() throws {
        // zlib writes for 2^9 bytes where 2^8 are asked for, and must not reach further back than 2^8.
        var generator = SeededGenerator(seed: 8)
        let deflater = try #require(Deflater(windowBits: 8, keepsContext: true))
        let inflater = try #require(Inflater(windowBits: 8))
        for distance in 200...300 {
            let word = Self.text(12, &generator)
            let message = word + Self.text(distance - 12, &generator) + word + word
            let payload = try #require(deflater.compress(message[...]))
            #expect(inflate(payload, inflater, pieceBytes: 1) == message, "distance \(distance)")
        }
    }

    @Test func whatDoesNotShrinkIsLeftAlone() throws {
        var generator = SeededGenerator(seed: 99)
        let noise = (0..<3_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let shared = try #require(Deflater(windowBits: 12, keepsContext: false))
        #expect(shared.compress(noise[...]) == nil)
        let text = Self.text(3_000, &generator)
        let payload = try #require(shared.compress(text[...]))
        #expect(payload.count < text.count)
        #expect(inflate(payload, try #require(Inflater(windowBits: 15)), pieceBytes: 64) == text)
        // With a context it must go compressed, since the next message may refer to it.
        let own = try #require(Deflater(windowBits: 12, keepsContext: true))
        let inflater = try #require(Inflater(windowBits: 15))
        for message in [noise, noise, text] {
            #expect(inflate(try #require(own.compress(message[...])), inflater, pieceBytes: 64) == message)
        }
    }

    @Test func aContextMakesTheSecondMessageSmall() throws {
        var generator = SeededGenerator(seed: 5)
        let text = Self.text(2_000, &generator)
        let own = try #require(Deflater(windowBits: 12, keepsContext: true))
        let first = try #require(own.compress(text[...]))
        let second = try #require(own.compress(text[...]))
        #expect(second.count < first.count / 2)
    }
}
