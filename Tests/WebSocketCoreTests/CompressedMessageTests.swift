import Testing

@testable import WebSocketCore

@Suite struct CompressedMessageTests {
    private struct Outcome: Equatable {
        var messages: [WebSocketMessage] = []
        var pongs: [[UInt8]] = []
        var code: CloseCode?
    }

    /// What a server makes of a client's bytes.
    private func read(
        _ pieces: [[UInt8]], keepsContext: Bool = false, shared: SharedCompression = SharedCompression(),
        _ limits: TransportLimits = TransportLimits()
    ) -> Outcome {
        let inflater = MessageInflater(shared: shared, contextWindowBits: keepsContext ? 15 : nil)
        var machine = ConnectionMachine(role: .server, limits: limits, now: 0, inflater: inflater)
        var outcome = Outcome()
        for piece in pieces {
            var position = 0
            while let event = machine.receive(piece.span, &position, now: 0) {
                switch event {
                case .message(let message): outcome.messages.append(message)
                case .sendPong(let payload): outcome.pongs.append(payload)
                case .ended(.failed(.protocolViolation(let code)), _): outcome.code = code
                case .sendPing, .roundTrip, .ended: Issue.record("\(event)")
                }
            }
        }
        return outcome
    }

    private func text(_ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
        clientFrame(.text, payload, isFinal: isFinal, isCompressed: true)
    }

    private func code(
        _ bytes: [UInt8], keepsContext: Bool = false, _ limits: TransportLimits = TransportLimits()
    ) -> CloseCode? {
        sameHoweverCut(bytes, seeds: 1...5) { read($0, keepsContext: keepsContext, limits) }.code
    }

    private static func packed(_ message: [UInt8], windowBits: Int = 15) throws -> [UInt8] {
        let deflater = try #require(Deflater(windowBits: windowBits, keepsContext: true))
        return try #require(deflater.compress(message[...]))
    }

    private let hello = bytes("f248cdc9c90700")

    // MARK: What is right

    @Test func theExamplesOfTheRFCAreRead() {
        // §7.2.3, in order: one frame, two, a shared window, a stored block, a final block, two blocks.
        let examples: [(frames: [UInt8], count: Int)] = [
            (text(hello), 1),
            (text(bytes("f248cd"), isFinal: false) + clientFrame(.continuation, bytes("c9c90700")), 1),
            (text(hello) + text(bytes("f200110000")), 2),
            (text(bytes("000500faff48656c6c6f00")), 1),
            (text(bytes("f348cdc9c9070000")), 1),
            (text(bytes("f248050000 00ffffcac9c90700")), 1),
        ]
        for (frames, count) in examples {
            let outcome = sameHoweverCut(frames) { read($0, keepsContext: true) }
            #expect(outcome == Outcome(messages: Array(repeating: .text(utf8("Hello")), count: count)))
        }
    }

    @Test func nothingIsOneByteOrNone() {
        // §7.2.3.6; and as some write it who keep a context.
        let frames = text(hello) + text([0]) + text([]) + text([0]) + text(bytes("f200110000"))
        let outcome = sameHoweverCut(frames) { read($0, keepsContext: true) }
        let greeting = WebSocketMessage.text(utf8("Hello"))
        #expect(outcome == Outcome(messages: [greeting, .text([]), .text([]), .text([]), greeting]))
    }

    @Test func finalBlocksEndNoMessage() {
        // "Hello" in a final block, then again in another, with the padding of §7.2.3.4 and without.
        let once = bytes("f348cdc9c90700")
        for (payload, count) in [(once, 1), (once + [0], 1), (once + once, 2), (once + hello, 2)] {
            let outcome = sameHoweverCut(text(payload)) { read($0) }
            let expected = Array(repeating: utf8("Hello"), count: count).flatMap(\.self)
            #expect(outcome == Outcome(messages: [.text(expected)]))
        }
        // What follows a final block may refer to what came before it.
        let referring = once + bytes("f200110000")
        #expect(read([text(referring)]).messages == [.text(utf8("HelloHello"))])
        #expect(
            read([text(once + [0]) + text(bytes("f200110000"))], keepsContext: true).messages.count == 2)
    }

    @Test func whatPythonsZlibWritesIsRead() {
        let texts = [
            "林老师：今天讲第三课。", #"{"type":"chat","text":"hello"}"#, #"{"type":"chat","text":"hello, hello"}"#,
        ]
        let stored = "002100deffe69e97e88081e5b888efbc9ae4bb8ae5a4a9e8aeb2e7acace4b889e8afbee3808200"
        // Level 6 and 15 bits with a context; the same with full flushes; level 0; Huffman codes alone.
        let vectors = [
            ["aa562aa92c4855b2524ace482c51d2512a49ad2801f232527372f2956a0100", "c227aba300550400"],
            [
                "aa562aa92c4855b2524ace482c51d2512a49ad2801f232527372f2956a0100",
                "aa562aa92c4855b2524ace482c51d2512a49ad2801f232527372f27514c094522d00",
            ],
            [
                "001e00e1ff7b2274797065223a2263686174222c2274657874223a2268656c6c6f227d00",
                "002500daff7b2274797065223a2263686174222c2274657874223a2268656c6c6f2c2068656c6c6f227d00",
            ],
            [
                "aa562aa92c4855b2524ace482c51d2512a49ad2851b252ca48cdc9c957aa0500",
                "aa562aa92c4855b2524ace482c51d2512a49ad2851b252ca48cdc9c9d751c848cdc9c957aa0500",
            ],
        ]
        for vector in vectors {
            let frames = ([stored] + vector).flatMap { text(bytes($0)) }
            let outcome = sameHoweverCut(frames, seeds: 1...5) { read($0, keepsContext: true) }
            #expect(outcome == Outcome(messages: texts.map { .text(utf8($0)) }))
        }
    }

    @Test func controlFramesStandBetweenCompressedFragments() {
        let frames =
            text(Array(hello.prefix(2)), isFinal: false) + clientFrame(.ping, [1])
            + clientFrame(.continuation, [], isFinal: false) + clientFrame(.ping, [2])
            + clientFrame(.continuation, Array(hello.dropFirst(2)))
        let outcome = sameHoweverCut(frames) { read($0) }
        #expect(outcome == Outcome(messages: [.text(utf8("Hello"))], pongs: [[1], [2]]))
    }

    @Test func plainAndCompressedMessagesTakeTurns() {
        let frames =
            clientFrame(.text, utf8("plain")) + text(hello) + clientFrame(.binary, [0xF2]) + text(hello)
        let greeting = WebSocketMessage.text(utf8("Hello"))
        let outcome = sameHoweverCut(frames) { read($0) }
        #expect(outcome == Outcome(messages: [.text(utf8("plain")), greeting, .binary([0xF2]), greeting]))
    }

    @Test func severalConnectionsShareWithoutTheirMessagesMixing() {
        let shared = SharedCompression()
        func machine() -> ConnectionMachine {
            ConnectionMachine(
                role: .server, limits: TransportLimits(), now: 0,
                inflater: MessageInflater(shared: shared, contextWindowBits: nil))
        }
        var machines = (0..<20).map { _ in machine() }
        var messages = 0
        // Every connection is in the middle of its message when all the others go on with theirs.
        for _ in 0..<3 {
            for byte in text(hello) {
                for index in machines.indices {
                    var position = 0
                    if case .message(let message) = machines[index].receive([byte].span, &position, now: 0) {
                        #expect(message == .text(utf8("Hello")))
                        messages += 1
                    }
                }
            }
        }
        #expect(messages == 60)
    }

    // MARK: What is wrong

    @Test func theReservedBitStandsOnlyWhereAMessageBegins() {
        #expect(code(clientFrame(.ping, [], isCompressed: true)) == .protocolError)
        #expect(code(clientFrame(.close, [3, 232], isCompressed: true)) == .protocolError)
        #expect(
            code(text([0xF2], isFinal: false) + clientFrame(.continuation, [0], isCompressed: true))
                == .protocolError)
        for bits in [0x20, 0x10, 0x60, 0x50] as [UInt8] {
            #expect(code([0x81 | bits, 0x80]) == .protocolError)
        }
        // Without an agreement it stands nowhere.
        var side = ConnectionPair.Side(.server, TransportLimits())
        side.receive(text(hello), now: 0)
        #expect(side.outcome == .failed(.protocolViolation(.protocolError)))
    }

    @Test func brokenDataIsToldSo() {
        let broken = [
            // A block of the reserved kind; a stored block whose lengths disagree; no code for a literal.
            "06", "0005000000", "0005000500ff", "04c0810000",
            // Cut off: inside a block, and inside the head of the last.
            "f248", "f248cdc9c907", "f2",
            // A reference to before the beginning.
            "f200110000",
            // The tail that is not to be sent, half of it.
            "f248cdc9c907000000",
        ]
        for payload in broken {
            #expect(code(text(bytes(payload))) == .invalidPayload, "\(payload)")
            #expect(code(text(bytes(payload)), keepsContext: true) == .invalidPayload, "\(payload)")
        }
        // A context that was not agreed on.
        #expect(code(text(hello) + text(bytes("f200110000"))) == .invalidPayload)
    }

    @Test func textIsCheckedAsItIsInflated() throws {
        #expect(code(text(try Self.packed(utf8("讲课"))), keepsContext: true) == nil)
        let bad: [UInt8] = [0x41, 0xFF] + Array(repeating: 0x42, count: 5_000)
        let payload = try Self.packed(bad + Array(0..<200))
        #expect(code(text(payload)) == .invalidPayload)
        // Not only at the end: a stored block is known byte by byte.
        let stored: [UInt8] = [0x00, 0x64, 0x00, 0x9B, 0xFF, 0x41, 0xFF]
        let frame = text(stored + Array(repeating: 0x41, count: 98) + [0])
        #expect(read([Array(frame.prefix(6 + 7))]).code == .invalidPayload)
        // A character cut off at the end of the message.
        let cut = try Self.packed([0xE8, 0xAF])
        #expect(code(text(cut)) == .invalidPayload)
    }

    @Test func aBombGoesOffInABox() throws {
        var limits = TransportLimits()
        limits.messageBytesMaximum = 100_000
        let deflater = try #require(Deflater(windowBits: 15, keepsContext: false))
        func zeros(_ count: Int) throws -> [UInt8] {
            try #require(deflater.compress(Array(repeating: 0, count: count)[...]))
        }
        let just = try zeros(100_000)
        #expect(
            read([clientFrame(.binary, just, isCompressed: true)], limits).messages == [
                .binary(Array(repeating: 0, count: 100_000))
            ])
        #expect(code(clientFrame(.binary, try zeros(100_001), isCompressed: true), limits) == .tooBig)
        let shared = SharedCompression()
        let bomb = try zeros(50_000_000)
        let frame = clientFrame(.binary, Array(bomb.prefix(90_000)), isFinal: false, isCompressed: true)
        #expect(read([frame], shared: shared, limits).code == .tooBig)
        #expect(shared.inflatedBytes <= 100_000 + SharedCompression.pieceBytes)
        // In a thousand fragments it is no smaller.
        var fragments = clientFrame(.binary, [bomb[0]], isFinal: false, isCompressed: true)
        for byte in bomb[1..<1_000] { fragments += clientFrame(.continuation, [byte], isFinal: false) }
        #expect(read([fragments], limits).code == .tooBig)
    }

    @Test func compressedDataThatYieldsNothingIsBoundedToo() {
        var limits = TransportLimits()
        limits.messageBytesMaximum = 1_000
        let empty = Array(repeating: bytes("000000ffff"), count: 300).flatMap(\.self)
        #expect(code(clientFrame(.binary, empty, isCompressed: true), limits) == .tooBig)
        let few = Array(repeating: bytes("000000ffff"), count: 30).flatMap(\.self) + [0]
        #expect(read([clientFrame(.binary, few, isCompressed: true)], limits).messages == [.binary([])])
    }

    @Test func whatDoesNotShrinkMayBeAsLongAsAPlainMessage() throws {
        var limits = TransportLimits()
        limits.messageBytesMaximum = 60_000
        var generator = SeededGenerator(seed: 3)
        let noise = (0..<60_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let payload = try Self.packed(noise, windowBits: 9)
        #expect(payload.count > noise.count)
        #expect(
            read([clientFrame(.binary, payload, isCompressed: true)], limits).messages == [.binary(noise)])
        #expect(code(clientFrame(.binary, noise + [0]), limits) == .tooBig)
    }

    @Test func noBytesEndTheProgram() throws {
        for seed in UInt64(1)...2_000 {
            var generator = SeededGenerator(seed: seed)
            var payload = hello + bytes("f348cdc9c90700") + bytes("000500faff48656c6c6f00")
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                payload[Int.random(in: 0..<payload.count, using: &generator)] = .random(
                    in: 0...255, using: &generator)
            }
            let frames = clientFrame(.binary, payload, isCompressed: true) + text(hello)
            let keepsContext = Bool.random(using: &generator)
            let outcome = sameHoweverCut(frames, seeds: seed...seed) { read($0, keepsContext: keepsContext) }
            #expect(outcome.code == nil || outcome.code == .invalidPayload, "seed \(seed)")
        }
    }
}

/// Bytes from hexadecimal digits; blanks do not count.
private func bytes(_ text: String) -> [UInt8] {
    let digits = text.filter { $0 != " " }
    return stride(from: 0, to: digits.count, by: 2).map { offset in
        let start = digits.index(digits.startIndex, offsetBy: offset)
        return UInt8(digits[start...].prefix(2), radix: 16) ?? 0
    }
}
