import Foundation
import LiveRelayClient
import LiveRelayWire
import SessionModel
import Testing

@Suite("Client: machine")
struct ClientMachineTests {
    @Test func joiningSaysWhoOneIsAndHearsTheClass() {
        var wang = ClientTranscript(
            credential: .code("482915603", name: "王晓明", number: "0012", device: "a-random-secret"))
        wang.start()
        #expect(wang.opens() == [1])
        wang.opened(1)
        let join = wang.texts()
        #expect(join.map { $0["type"] } == ["join"])
        #expect(join[0]["number"] == "0012")
        #expect(join[0]["code"] == "482915603")
        wang.receive(ClientTranscript.hello(), 1)
        wang.receive(ClientTranscript.snapshot(n: 10), 1)
        #expect(wang.notices().count == 2)
        #expect(wang.machine.isInClass)
    }

    @Test func aLostLineIsResumedFromTheLastEvent() {
        var wang = ClientTranscript()
        wang.join()
        wang.receive(ClientTranscript.event(n: 12, #"{"type":"opened"}"#), 1)
        wang.receive(ClientTranscript.event(n: 12, #"{"type":"opened"}"#), 1)
        wang.receive(ClientTranscript.event(n: 11, #"{"type":"opened"}"#), 1)
        #expect(wang.notices().count == 1, "an event counts once, and never out of order")
        wang.closed(1, .failed("connection reset"))
        wang.pass(1_000)
        #expect(wang.opens() == [2], "the first try comes within a second")
        wang.opened(2)
        let resume = wang.texts()
        #expect(resume.map { $0["type"] } == ["resume"])
        #expect(resume[0]["token"] == "again-3")
        #expect(resume[0]["epoch"] == "e1")
        #expect(resume[0]["n"] == "12")
    }

    @Test func whoBeginsToShowMoreWhileAwayComesBackWithASnapshot() {
        var wang = ClientTranscript()
        wang.join()
        wang.show([.chat])
        wang.closed(1, .failed("connection reset"))
        wang.show([.chat, .polls])
        wang.pass(1_000)
        wang.opened(2)
        #expect(wang.texts().last.map { [$0["type"], $0["epoch"]] } == ["resume", ""])
        wang.receive(ClientTranscript.hello(), 2)
        wang.receive(ClientTranscript.snapshot(n: 12), 2)
        wang.show([.chat])
        wang.closed(2, .failed("connection reset"))
        wang.pass(2_000)
        wang.opened(3)
        #expect(wang.texts().last.map { [$0["type"], $0["epoch"]] } == ["resume", "e1"])
    }

    @Test func aDigestMovesTheResumePointOneDigestLate() {
        var wang = ClientTranscript()
        wang.join()
        wang.receive(ClientTranscript.digest(n: 20), 1)
        wang.receive(ClientTranscript.event(n: 19, #"{"type":"opened"}"#), 1)
        wang.receive(ClientTranscript.digest(n: 30), 1)
        #expect(wang.notices().count == 3, "a digest may overtake gathered chat")
        wang.closed(1, .code(1006))
        wang.pass(1_000)
        wang.opened(wang.opens()[0])
        #expect(wang.texts().first?["n"] == "20")
    }

    @Test func commandsOutliveTheLineUnderTheSameID() {
        var wang = ClientTranscript()
        wang.join()
        let first = wang.send(.raiseHand)
        #expect(wang.texts().map { $0["id"] } == [first])
        wang.closed(1, .code(1006))
        let second = wang.send(.postChat("老师好"))
        #expect(wang.texts().isEmpty)
        wang.pass(1_000)
        wang.opened(2)
        wang.receive(ClientTranscript.hello(resumed: true), 2)
        let sent = wang.texts().compactMap { $0["id"] }
        #expect(sent == [first, second])
        wang.receive(#"{"type":"accepted","id":"\#(first)","n":13}"#, 2)
        wang.receive(#"{"type":"accepted","id":"\#(first)","n":13}"#, 2)
        wang.receive(#"{"type":"rejected","id":"\#(second)","code":"tooFast"}"#, 2)
        let answers = wang.notices().filter { if case .answer = $0 { true } else { false } }
        #expect(answers.count == 2, "every command gets one answer")
    }

    @Test func noMoreCommandsAreInFlightThanAllowed() {
        var wang = ClientTranscript()
        wang.join()
        let ids = (1...4).map { _ in wang.send(.raiseHand) }
        #expect(wang.texts().count == 2)
        wang.receive(#"{"type":"accepted","id":"\#(ids[0])","n":13}"#, 1)
        #expect(wang.texts().map { $0["id"] } == [ids[2]])
    }

    @Test func aCommandIsSentAgainAfterRetry() {
        var wang = ClientTranscript()
        wang.join()
        let id = wang.send(.raiseHand)
        _ = wang.texts()
        wang.receive(#"{"type":"retry","id":"\#(id)","after":500}"#, 1)
        wang.pass(499)
        #expect(wang.texts().isEmpty)
        wang.pass(1)
        #expect(wang.texts().map { $0["id"] } == [id])
    }

    @Test func aCommandIsKeptForFifteenSecondsAndThenGivenUp() {
        var wang = ClientTranscript()
        wang.join()
        wang.closed(1, .code(1006))
        let id = wang.send(.raiseHand)
        wang.pass(15_000)
        #expect(!wang.notices().contains(.answer(CommandID(unchecked: id), .unanswered)))
        wang.pass(10_000)
        #expect(wang.notices().contains(.answer(CommandID(unchecked: id), .unanswered)))
    }

    @Test func silenceOpensANewSocketWithoutWaiting() {
        var wang = ClientTranscript()
        wang.join()
        wang.pass(4_999)
        #expect(wang.opens().isEmpty)
        wang.pass(1)
        #expect(wang.closes() == [1])
        #expect(wang.opens() == [2])
        wang.receive(ClientTranscript.digest(n: 11), 1)
        #expect(!wang.machine.isInClass, "what the old socket still says no longer counts")
    }

    @Test func aProgramThatSleptReadsFirst() {
        var wang = ClientTranscript()
        wang.join()
        wang.sleep(60_000)
        #expect(wang.opens().isEmpty, "what came meanwhile still waits to be read")
        wang.pass(999)
        #expect(wang.opens().isEmpty)
        wang.pass(1)
        #expect(wang.opens() == [2])
    }

    @Test func silenceWhereSoundFlowedIsNoticedSooner() {
        var wang = ClientTranscript()
        wang.join()
        let sound = AudioMessage(
            flags: [], track: TrackID(1), run: 3, sequence: 1, captureSamples: 0, packets: [[8, 1, 2]])
        wang.receive(sound, 1)
        wang.pass(1_499)
        #expect(wang.opens().isEmpty)
        wang.pass(1)
        #expect(wang.opens() == [2])
    }

    @Test func theLineIsAliveWhenOnlyTheSpeakersWentAway() {
        var wang = ClientTranscript()
        wang.join()
        let sound = AudioMessage(
            flags: [], track: TrackID(1), run: 3, sequence: 1, captureSamples: 0, packets: [[8, 1, 2]])
        wang.receive(sound, 1)
        for second in 1...10 {
            wang.pass(1_000)
            wang.receive(ClientTranscript.digest(n: 10 + second), 1)
        }
        #expect(wang.opens().isEmpty)
    }

    @Test(arguments: DisconnectCode.allCases)
    func everyCloseCodeIsObeyed(code: DisconnectCode) {
        var wang = ClientTranscript()
        wang.join()
        wang.closed(1, .code(code.rawValue))
        #expect(wang.machine.isFinished == !code.isComeBack)
        wang.pass(60_000)
        #expect(wang.opens().isEmpty == !code.isComeBack)
    }

    @Test func codesOfTheProtocolItselfAreObeyed() {
        for (code, isComeBack) in [
            (1000, false), (1001, true), (1002, false), (1006, true), (1008, false), (1009, false),
            (1011, true), (1012, true), (1013, true), (4321, true), (4777, false),
        ] {
            var wang = ClientTranscript()
            wang.join()
            wang.closed(1, .code(UInt16(code)))
            #expect(wang.machine.isFinished != isComeBack, "\(code)")
        }
    }

    @Test func aRefusedResumeIsFollowedByJoiningAnew() {
        var wang = ClientTranscript()
        wang.join()
        wang.closed(1, .code(1012))
        wang.pass(1_000)
        wang.opened(2)
        #expect(wang.types() == ["resume"])
        wang.closed(2, .code(DisconnectCode.tokenExpired.rawValue))
        wang.pass(2_000)
        wang.opened(3)
        #expect(wang.types() == ["join"])
        wang.closed(3, .code(DisconnectCode.tokenExpired.rawValue))
        #expect(wang.notices().last == .ended(.code(.tokenExpired)))
    }

    @Test func theRelaySaysWhenToComeBack() {
        var wang = ClientTranscript()
        wang.join()
        wang.receive(#"{"type":"reconnect","after":7000,"jitter":2000}"#, 1)
        wang.closed(1, .code(DisconnectCode.shutdown.rawValue))
        wang.pass(6_999)
        #expect(wang.opens().isEmpty)
        wang.pass(2_001)
        #expect(wang.opens() == [2])
    }

    @Test func aNewEpochForgetsTheOldLog() {
        var wang = ClientTranscript()
        wang.join()
        wang.closed(1, .code(1012))
        wang.pass(1_000)
        wang.opened(2)
        wang.receive(ClientTranscript.hello(epoch: "e2", run: 1), 2)
        wang.receive(ClientTranscript.event(n: 99, #"{"type":"opened"}"#), 2)
        wang.receive(ClientTranscript.snapshot(n: 3, epoch: "e2"), 2)
        wang.receive(ClientTranscript.event(n: 4, #"{"type":"opened"}"#, epoch: "e2"), 2)
        let events = wang.notices().filter { if case .event = $0 { true } else { false } }
        #expect(events.count == 1)
    }

    @Test func aGoodbyeEndsWithinItsTime() {
        var wang = ClientTranscript()
        wang.join()
        wang.leave()
        #expect(wang.types() == ["leave"])
        wang.pass(2_000)
        #expect(wang.notices().last == .ended(.code(.left)))
        #expect(wang.closes() == [1])
        #expect(wang.machine.nextDeadline == nil)
    }

    @Test func unreadableAndUnknownMessagesAreIgnored() {
        var wang = ClientTranscript()
        wang.join()
        for text in ["", "{", "[]", #"{"type":"tomorrow"}"#, #"{"type":"accepted"}"#, "\u{0}"] {
            wang.receive(text, 1)
        }
        #expect(wang.notices().isEmpty)
        #expect(wang.machine.isInClass)
    }

    /// Whatever the network does, every command is answered once and every event counts once.
    @Test func lossesInAnyOrderLoseNothing() {
        for seed in UInt64(1)...200 {
            var relay = ClientTranscriptRelay(seed: seed)
            relay.run()
            #expect(relay.failures == [], "seed \(seed)")
        }
    }
}
