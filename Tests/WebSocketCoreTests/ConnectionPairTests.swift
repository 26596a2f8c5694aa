import Testing

@testable import WebSocketCore

@Suite struct ConnectionPairTests {
    @Test func messagesGoBothWays() {
        var pair = ConnectionPair()
        pair.client.send(.text, utf8("林"))
        pair.server.send(.binary, [1, 2, 3])
        pair.deliver()
        #expect(pair.server.messages == [.text(utf8("林"))])
        #expect(pair.client.messages == [.binary([1, 2, 3])])
    }

    @Test func aPingBetweenFragmentsIsAnsweredAtOnce() {
        var pair = ConnectionPair()
        pair.client.send(.text, utf8("one "), isFinal: false)
        pair.client.send(.ping, [7])
        pair.client.send(.continuation, utf8("two"))
        pair.deliver()
        #expect(pair.server.messages == [.text(utf8("one two"))])
        #expect(pair.client.outcome == nil)
    }

    @Test func aClosingHandshakeTellsBothSidesTheSame() {
        var pair = ConnectionPair()
        pair.server.close(CloseCode(rawValue: 4001), reason: "restart", now: pair.now)
        pair.deliver()
        let code = CloseCode(rawValue: 4001)
        #expect(pair.client.outcome == .closed(code, reason: "restart", byPeer: true))
        #expect(pair.server.outcome == .closed(code, reason: "restart", byPeer: false))
        #expect(pair.client.machine.nextDeadline == nil)
    }

    @Test func twoClosesThatCrossEndBothSides() {
        var pair = ConnectionPair()
        pair.server.close(.goingAway, reason: "", now: 0)
        pair.client.close(.normal, reason: "", now: 0)
        pair.deliver()
        #expect(pair.client.outcome == .closed(.normal, reason: "", byPeer: false))
        #expect(pair.server.outcome == .closed(.goingAway, reason: "", byPeer: false))
    }

    @Test func nothingIsToldAfterOurClose() {
        var pair = ConnectionPair()
        pair.server.close(.normal, reason: "", now: 0)
        pair.client.send(.text, utf8("late"))
        pair.client.send(.ping, [])
        pair.deliver()
        #expect(pair.server.messages == [])
        #expect(pair.server.outgoing == [])
    }

    @Test func anUnansweredCloseIsGivenUp() {
        var pair = ConnectionPair()
        pair.isCut = true
        pair.server.close(.normal, reason: "", now: 0)
        pair.run(until: TransportLimits().closeHandshakeMilliseconds)
        #expect(pair.server.outcome == .failed(.timedOut(.closeHandshake)))
    }

    @Test func aLivingPeerIsNeverCut() {
        var pair = ConnectionPair()
        pair.run(until: 10 * 60_000)
        #expect(pair.client.outcome == nil)
        #expect(pair.server.outcome == nil)
        #expect(pair.server.roundTrips.count >= 29)
        #expect(pair.server.roundTrips.allSatisfy { $0 == 2 })
    }

    /// Pings measure the round trip too, so that a peer that talks gets them as often as one that does not.
    @Test func whoTalksIsPingedAsOftenAsWhoIsSilent() {
        var pair = ConnectionPair()
        let seconds = UInt64(600)
        for second in 1...seconds {
            pair.client.send(.binary, [1])
            pair.run(until: second * 1_000)
        }
        pair.deliver()
        #expect(pair.server.messages.count == Int(seconds))
        #expect(28...30 ~= pair.server.roundTrips.count)
        #expect(pair.client.roundTrips.count == pair.server.roundTrips.count)
    }

    /// RFC 6455 §5.5.2 wants a pong before the peer's close; after our own close frame nothing more is said.
    @Test func aPingAfterOurCloseHasNoAnswer() {
        var side = ConnectionPair.Side(.server, TransportLimits())
        side.close(.normal, reason: "", now: 0)
        let closed = side.outgoing
        side.receive(clientFrame(.ping, [1]), now: 1)
        #expect(side.outgoing == closed)
        #expect(side.outcome == nil)
    }

    @Test func aSilentPeerIsCutByTheNextPongDeadline() {
        var pair = ConnectionPair()
        pair.run(until: 30_000)
        pair.isCut = true
        let limits = TransportLimits()
        pair.run(until: 30_000 + limits.pingIntervalMilliseconds + limits.pongMilliseconds)
        #expect(pair.server.outcome == .failed(.timedOut(.pong)))
        #expect(pair.client.outcome == .failed(.timedOut(.pong)))
    }

    @Test func anyByteCountsAsLife() {
        var limits = TransportLimits()
        limits.pingIntervalMilliseconds = 100
        limits.pongMilliseconds = 100
        var machine = ConnectionMachine(role: .server, limits: limits, now: 0)
        _ = machine.timeout(now: 100)
        var position = 0
        let frame = clientFrame(.binary, [1])
        _ = machine.receive(frame.span, &position, now: 150)
        // The pong never came, but the peer speaks: the next ping gets a deadline of its own.
        #expect(machine.timeout(now: 200) != nil)
        #expect(machine.nextDeadline == 300)
        #expect(machine.timeout(now: 300) == .ended(.failed(.timedOut(.pong)), closePayload: nil))
    }

    @Test func violationsAreAnsweredWithTheirCodeAndEndTheConnection() {
        let cases: [([UInt8], CloseCode)] = [
            (serverFrame(.text, [0x41]), .protocolError),
            (clientFrame(.continuation, [0x41]), .protocolError),
            (clientFrame(.text, [0x41], isFinal: false) + clientFrame(.text, [0x41]), .protocolError),
            (clientFrame(.text, [0xC3, 0x28]), .invalidPayload),
            (clientFrame(.text, [0xE8, 0xAF]), .invalidPayload),
            (clientFrame(.close, [3]), .protocolError),
            (clientFrame(.close, [3, 237]), .protocolError),
            (clientFrame(.close, [0x13, 0x88]), .protocolError),
            (clientFrame(.close, [3, 232, 0xFF]), .invalidPayload),
            (Array(clientFrame(.binary, Array(repeating: 0, count: 2_000)).prefix(8)), .tooBig),
        ]
        var limits = TransportLimits()
        limits.messageBytesMaximum = 1_000
        for (bytes, code) in cases {
            let outcome = sameHoweverCut(bytes, seeds: 1...3) { pieces in
                var side = ConnectionPair.Side(.server, limits)
                for piece in pieces { side.receive(piece, now: 5) }
                return [side.outcome == .failed(.protocolViolation(code)) ? [] : [0], side.outgoing]
            }
            #expect(outcome[0] == [], "\(code) for \(bytes.prefix(12))")
            #expect(
                Array(outcome[1].dropFirst(2).prefix(2)) == [
                    UInt8(code.rawValue >> 8), UInt8(code.rawValue & 255),
                ])
        }
    }

    @Test func textFailsAtItsFirstBadByteAndNotAtItsEnd() {
        var side = ConnectionPair.Side(.server, TransportLimits())
        side.receive(clientFrame(.text, utf8("ok"), isFinal: false), now: 0)
        // A frame of a hundred bytes of which only the first three have come.
        let frame = clientFrame(.continuation, [0x41, 0xFF] + Array(repeating: 0x41, count: 98))
        side.receive(Array(frame.prefix(8)), now: 0)
        #expect(side.outcome == .failed(.protocolViolation(.invalidPayload)))
    }

    @Test func theSumOfFragmentsIsBoundedAndTheirCountToo() {
        var limits = TransportLimits()
        limits.messageBytesMaximum = 100
        var sum = ConnectionPair.Side(.server, limits)
        sum.receive(clientFrame(.binary, Array(repeating: 1, count: 60), isFinal: false), now: 0)
        sum.receive(clientFrame(.continuation, Array(repeating: 1, count: 41)), now: 0)
        #expect(sum.outcome == .failed(.protocolViolation(.tooBig)))

        var count = ConnectionPair.Side(.server, TransportLimits())
        count.receive(clientFrame(.binary, [1], isFinal: false), now: 0)
        let piece = clientFrame(.continuation, [1], isFinal: false)
        for _ in 1..<65_535 { count.receive(piece, now: 0) }
        count.receive(clientFrame(.continuation, [1]), now: 0)
        #expect(count.messages == [.binary(Array(repeating: 1, count: 65_536))])
    }

    @Test func emptyFragmentsRunIntoTheCount() {
        var limits = TransportLimits()
        limits.fragmentCountMaximum = 10
        var side = ConnectionPair.Side(.server, limits)
        side.receive(clientFrame(.text, [], isFinal: false), now: 0)
        for _ in 0..<10 { side.receive(clientFrame(.continuation, [], isFinal: false), now: 0) }
        #expect(side.outcome == .failed(.protocolViolation(.tooBig)))
    }

    @Test func closeCodesFollowTheRegistry() {
        let sendable = (0...5_000).filter { CloseCode(rawValue: UInt16($0)).isSendable }
        #expect(sendable == Array(1000...1003) + Array(1007...1014) + Array(3000...4999))
    }

    @Test func aReasonIsCutAtACharacter() {
        let payload = FrameWriter.closePayload(.normal, reason: String(repeating: "课", count: 60))
        #expect(payload.count == 2 + 3 * 41)
        #expect(UTF8Validator.isValid(payload[2...]))
    }
}
