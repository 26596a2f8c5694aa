import LiveRelayWire
import Recorder
import SessionModel
import Testing

@testable import LiveRelay

/// What a class tells once a period.
@Suite struct SessionPulseTests {
    private static let s2 = SeatID(unchecked: "s2")

    /// A running lesson; the log stands at 7.
    private func lesson() -> (bench: SessionBench, lin: Guest, wang: Guest, li: Guest) {
        let bench = SessionBench()
        let lin = bench.join("lin", .lecturer)
        let wang = bench.join("wang")
        let li = bench.join("li")
        lin.asks("start", .start)
        for guest in [lin, wang, li] { _ = guest.hears() }
        return (bench, lin, wang, li)
    }

    @Test func staffAreToldHowTheClassIsHeard() {
        let (bench, lin, wang, li) = lesson()
        wang.reports(.playing, delay: 300, gaps: 2)
        li.reports(.notPlaying(.blocked), delay: 900)
        wang.reports(.playing, delay: 400, gaps: 1)
        #expect(
            lin.hears() == ["8 playbackChanged s2", "9 playbackChanged s3"], "a change, not every report")
        bench.beat()
        #expect(lin.hears() == ["digest at 1000: 2 hands 0 playing 1 silent 1 delay 900 gaps 3"])
        #expect(wang.hears() == ["digest at 1000: 2 hands 0"])
        bench.beat()
        #expect(lin.hears() == ["digest at 2000: 2 hands 0 playing 1 silent 1 delay 900 gaps 0"])
    }

    @Test func placesAreToldToThoseWhomTheyConcern() {
        let (bench, lin, wang, li) = lesson()
        wang.asks("a1", .raiseHand)
        li.asks("b1", .raiseHand)
        _ = (wang.hears(), li.hears())
        bench.beat()
        #expect(wang.hears() == ["position 1 of 2", "digest at 1000: 2 hands 2"])
        #expect(li.hears() == ["position 2 of 2", "digest at 1000: 2 hands 2"])
        lin.asks("c1", .callToSpeak(Self.s2))
        bench.beat()
        #expect(wang.hears() == ["11 calledToSpeak s2", "position – of 1", "digest at 2000: 2 hands 1"])
        #expect(li.hears().contains("position 1 of 1"))
        bench.beat()
        #expect(li.hears() == ["digest at 3000: 2 hands 1"], "nothing has moved")
    }

    @Test func aHandRaisedAgainInTheSamePlaceIsToldAgain() {
        let (bench, _, wang, li) = lesson()
        wang.asks("a1", .raiseHand)
        li.asks("b1", .raiseHand)
        bench.beat()
        li.asks("b2", .lowerHand(nil))
        li.asks("b3", .raiseHand)
        _ = li.hears()
        bench.beat()
        #expect(li.hears() == ["position 2 of 2", "digest at 2000: 2 hands 2"])
    }

    @Test func whoComesBackWithAHandUpHearsWhenItIsLowered() {
        let (bench, lin, wang, _) = lesson()
        wang.asks("a1", .raiseHand)
        wang.isCutOff()
        let again = bench.resume("s2", after: 8)
        #expect(again.hears().first == "hello s2 participant wang again hand 1")
        lin.asks("b1", .lowerHand(Self.s2))
        bench.beat()
        #expect(again.hears().contains("position – of 0"))
    }

    @Test func aBusyDiskDoesNotMakeCountsStale() {
        let (bench, _, wang, li) = lesson()
        bench.beat()
        bench.disk = .slow
        wang.asks("a1", .raiseHand)
        bench.beat()
        wang.asks("a2", .postChat("有问题"))
        bench.commit(1)
        #expect(li.hears().last == "digest at 2000: 2 hands 1", "it goes with what it counts")
    }

    @Test func aDiskThatStandsDoesNotSilenceTheClass() {
        let (bench, lin, wang, li) = lesson()
        li.reports(.playing, gaps: 4)
        bench.beat()
        _ = (lin.hears(), li.hears())
        bench.disk = .slow
        wang.asks("a1", .raiseHand)
        for _ in 0..<3 { bench.beat() }
        #expect(
            li.hears() == ["digest at 3000: 2 hands 0", "digest at 4000: 2 hands 0 log waiting"],
            "what was true, at the time it is now")
        #expect(lin.hears().allSatisfy { $0.contains("gaps 0") }, "gaps are told once")
        bench.commit()
        #expect(li.hears() == ["digest at 2000: 2 hands 1"])
        bench.beat()
        bench.commit()
        #expect(li.hears() == ["digest at 5000: 2 hands 1"])
    }

    @Test func theSignOfLifeGoesOnWhileTheLogIsRead() {
        let (bench, _, wang, li) = lesson()
        bench.beat()
        bench.disk = .slow
        wang.asks("a1", .raiseHand)
        bench.refuse(.unavailable(.storage(.io(errno: 5))))
        _ = li.hears()
        bench.beat()
        #expect(li.hears() == ["digest at 2000: 2 hands 0 log unavailable"])
    }

    @Test func afterAMinuteTheInterruptedHaveLeft() {
        let (bench, lin, wang, _) = lesson()
        wang.isCutOff()
        bench.now += 59_999 - Pulse.periodMilliseconds
        bench.beat()
        #expect(bench.host.session.seat(Self.s2)?.isPresent == true)
        bench.now += 1
        bench.run { $0.beat(tracks: [], now: bench.now) }
        #expect(lin.hears().contains("9 left s2 timedOut"))
    }
}
