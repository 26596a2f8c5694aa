import Testing

@testable import WebSocketCore

@Suite struct FrameParserTests {
    private struct Frame: Equatable {
        let header: FrameHeader
        let payload: [UInt8]
    }

    private struct Outcome: Equatable {
        var frames: [Frame] = []
        var violation: ProtocolViolation?
    }

    private func read(_ pieces: [[UInt8]], peer: ConnectionMachine.Role, maximum: Int) -> Outcome {
        var parser = FrameParser(peer: peer, payloadBytesMaximum: maximum)
        var outcome = Outcome()
        var payload: [UInt8] = []
        for piece in pieces {
            var position = 0
            do throws(ProtocolViolation) {
                reading: while true {
                    switch try parser.step(piece.span, &position) {
                    case .needsMore:
                        break reading
                    case .header:
                        payload = []
                    case .payload(let header, let range, let phase):
                        var part = Array(piece[range])
                        if let mask = header.mask {
                            Masking.apply(mask, to: &part, in: part.indices, phase: phase)
                        }
                        payload += part
                    case .end(let header):
                        outcome.frames.append(Frame(header: header, payload: payload))
                    }
                }
            } catch {
                outcome.violation = error
                return outcome
            }
        }
        return outcome
    }

    private func violation(_ bytes: [UInt8], peer: ConnectionMachine.Role = .client) -> CloseCode? {
        sameHoweverCut(bytes) { read($0, peer: peer, maximum: 100_000) }.violation?.code
    }

    @Test func framesOfEveryLengthFormAreReadHoweverTheyAreCut() {
        let payloads = [0, 1, 7, 125, 126, 300].map { (0..<$0).map { UInt8(truncatingIfNeeded: $0) } }
        let bytes = payloads.flatMap { clientFrame(.binary, $0) }
        let outcome = sameHoweverCut(bytes) { read($0, peer: .client, maximum: 1_000) }
        #expect(outcome.violation == nil)
        #expect(outcome.frames.map(\.payload) == payloads)
    }

    @Test func aPayloadOfMoreThan65535BytesUsesTheLongForm() {
        let payload = [UInt8](repeating: 0xA5, count: 70_000)
        let bytes = serverFrame(.binary, payload)
        #expect(bytes[1] == 127)
        #expect(read([bytes], peer: .server, maximum: 70_000).frames.first?.payload == payload)
    }

    @Test func reservedBitsAndOpcodesAreRefused() {
        for bit in [0x40, 0x20, 0x10] as [UInt8] {
            #expect(violation([0x82 | bit, 0x80]) == .protocolError)
        }
        for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8] {
            #expect(violation([0x80 | opcode, 0x80]) == .protocolError)
        }
    }

    @Test func theMaskIsRequiredOfClientsAndForbiddenToServers() {
        #expect(violation(serverFrame(.text, utf8("lin"))) == .protocolError)
        #expect(violation(clientFrame(.text, utf8("lin")), peer: .server) == .protocolError)
    }

    @Test func controlFramesAreShortAndWhole() {
        #expect(violation([0x89, 0xFE, 0, 126]) == .protocolError)
        #expect(violation([0x09, 0x80]) == .protocolError)
    }

    @Test func lengthsAreInTheirShortestForm() {
        #expect(violation([0x82, 0xFE, 0, 125]) == .protocolError)
        #expect(violation([0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) == .protocolError)
        #expect(violation([0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0]) == .protocolError)
    }

    @Test func aFrameBeyondTheLimitIsRefusedAtItsHeader() {
        #expect(violation([0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0x86, 0xA1]) == .tooBig)
        #expect(violation([0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]) == .tooBig)
    }

    @Test func randomBytesNeverTrap() {
        for seed in UInt64(1)...2_000 {
            var generator = SeededGenerator(seed: seed)
            let bytes = (0..<Int.random(in: 1...60, using: &generator)).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
            _ = read([bytes], peer: seed.isMultiple(of: 2) ? .client : .server, maximum: 1_000)
        }
    }
}
