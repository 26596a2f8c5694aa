import LiveRelayWire
import Recorder
import SessionModel
import Testing

@testable import LiveRelay

/// The log does not take a commit: nobody hears of what it does not hold, and nothing it holds is missed.
@Suite struct SessionFailureTests {
    private static let s2 = SeatID(unchecked: "s2")
    private static let p1 = PollID(unchecked: "p1")
    private static let refused = EventLogFailure.unavailable(.storage(.io(errno: 5)))
    private static let full = EventLogFailure.unavailable(.storage(.noSpace))
    private static let unknown = EventLogFailure.unknownOutcome(.io(errno: 5))

    /// A running lesson on a slow disk; the log stands at 6.
    private func lesson() -> (bench: SessionBench, lin: Guest, wang: Guest) {
        let bench = SessionBench()
        let lin = bench.join("lin", .lecturer)
        let wang = bench.join("wang")
        lin.asks("start", .start)
        _ = (lin.hears(), wang.hears())
        bench.disk = .slow
        return (bench, lin, wang)
    }

    @Test func whatWasInFlightIsToBeSentAgain() {
        let (bench, lin, wang) = lesson()
        wang.asks("a1", .raiseHand)
        lin.asks("b1", .postChat("请举手"))
        lin.asks("b2", .lowerHand(Self.s2))
        bench.refuse(Self.refused)
        #expect(wang.hears() == ["retry a1 500"])
        #expect(lin.hears() == ["retry b1 500", "retry b2 500"])
        #expect(bench.wantsReadBack == false)
        #expect(wang.hears("a1", .raiseHand) == ["retry a1 500"], "until the log was read")
        bench.readBack()
        #expect(bench.host.session.lastN == 6)
        wang.asks("a1", .raiseHand)
        bench.commit()
        #expect(wang.hears() == ["accepted a1 7"])
        #expect(lin.hears() == ["7 handRaised s2"])
    }

    @Test func aFullDiskIsCalledByItsName() {
        let (bench, _, wang) = lesson()
        wang.asks("a1", .raiseHand)
        bench.refuse(Self.full)
        #expect(wang.hears() == ["rejected a1 noSpace"])
        #expect(wang.hears("a2", .raiseHand) == ["rejected a2 noSpace"])
        bench.readBack()
        wang.asks("a3", .raiseHand)
        bench.commit()
        #expect(wang.hears() == ["accepted a3 7"])
    }

    @Test func whatTheLogHoldsAfterAllIsTold() {
        let (bench, lin, wang) = lesson()
        wang.asks("a1", .postChat("听得清"))
        wang.asks("a2", .raiseHand)
        bench.refuse(Self.unknown, butKeeps: true)
        #expect(wang.hears() == ["retry a1 500", "retry a2 500"])
        #expect(bench.wantsReadBack == true)
        bench.readBack()
        #expect(wang.hears() == ["7 chatPosted s2 听得清"])
        #expect(lin.hears() == ["7 chatPosted s2 听得清", "8 handRaised s2"])
        #expect(wang.hears("a2", .raiseHand) == ["accepted a2 8"])
        #expect(bench.followed == Array(1...8), "and the index hears of it")
        #expect(
            bench.resume("s2", after: 6).hears() == [
                "hello s2 participant wang again hand 1", "7 chatPosted s2 听得清",
            ])
    }

    @Test func anEndThatIsNotInTheLogSendsNobodyHome() {
        let (bench, lin, wang) = lesson()
        lin.asks("a1", .end)
        bench.refuse(Self.refused)
        #expect(wang.hears() == ["closed storageFailed"], "come back")
        #expect(lin.hears() == ["retry a1 500", "closed storageFailed"])
        bench.readBack()
        bench.disk = .fast
        #expect(bench.host.session.phase == .live)
        #expect(bench.resume("s2", after: 6).hears().first == "hello s2 participant wang again")
    }

    @Test func aRemovalThatIsNotInTheLogRemovesNobody() {
        let (bench, lin, wang) = lesson()
        lin.asks("a1", .remove(Self.s2, isBanned: true))
        bench.refuse(Self.refused)
        #expect(wang.hears() == ["closed storageFailed"])
        bench.readBack()
        bench.disk = .fast
        #expect(bench.join("wang").hears().first == "hello s2 participant wang")
    }

    @Test func aVoteThatIsNotInTheBoxIsNotCounted() {
        let (bench, lin, wang) = lesson()
        bench.disk = .fast
        lin.asks("a1", .openPoll(question: "满意吗？", options: ["满意", "不满意"], secrecy: .anonymous))
        _ = wang.hears()
        bench.disk = .slow
        wang.asks("b1", .vote(Self.p1, option: 0))
        bench.refuse(Self.unknown)
        bench.readBack()
        #expect(wang.hears() == ["retry b1 500"])
        wang.asks("b1", .vote(Self.p1, option: 0))
        #expect(wang.hears() == [], "it is not taken as answered")
        bench.commit()
        #expect(wang.hears() == ["accepted b1"])
        #expect(bench.host.session.polls.first?.count == 1)
    }

    @Test func aVoteThatIsInTheBoxAfterAllCounts() {
        let (bench, lin, wang) = lesson()
        bench.disk = .fast
        lin.asks("a1", .openPoll(question: "满意吗？", options: ["满意", "不满意"], secrecy: .anonymous))
        _ = wang.hears()
        bench.disk = .slow
        wang.asks("b1", .vote(Self.p1, option: 0))
        bench.refuse(Self.unknown, butKeeps: true)
        bench.readBack()
        #expect(wang.hears() == ["retry b1 500"])
        #expect(wang.hears("b1", .vote(Self.p1, option: 0)) == ["accepted b1"])
        #expect(bench.host.session.polls.first?.count == 1)
    }

    @Test func whoWasAboutToComeInComesAgain() {
        let (bench, _, _) = lesson()
        let li = bench.join("li")
        bench.refuse(Self.refused)
        #expect(li.hears() == ["closed storageFailed"])
        #expect(bench.join("li").hears() == ["closed storageFailed"], "until the log was read")
        bench.readBack()
        bench.disk = .fast
        #expect(bench.join("li").hears().first == "hello s3 participant li")
    }

    @Test func nothingIsShownOfTheDiscardedHead() {
        let (bench, lin, wang) = lesson()
        bench.disk = .fast
        wang.shows([])
        lin.asks("a1", .postChat("第一句"))
        _ = lin.hears()
        bench.disk = .slow
        wang.asks("b1", .raiseHand)
        #expect(lin.finds("f1", "wang") == [])
        bench.refuse(Self.refused)
        #expect(lin.hears() == ["retry f1 500"], "a search is answered too")
        #expect(lin.finds("f2", "wang") == ["retry f2 500"])
        _ = wang.hears()
        wang.shows([.chat])
        #expect(wang.hears() == [])
        bench.readBack()
        bench.disk = .fast
        bench.beat()
        #expect(wang.hears().first == "snapshot 7: lin wang “第一句”")
    }

    @Test func placesThatNobodyHeardAreToldAgain() {
        let (bench, lin, wang) = lesson()
        bench.disk = .fast
        wang.asks("a1", .raiseHand)
        bench.beat()
        #expect(wang.hears().contains("position 1 of 1"))
        bench.disk = .slow
        lin.asks("b1", .lowerHand(Self.s2))
        bench.beat()
        bench.refuse(Self.refused)
        bench.readBack()
        _ = wang.hears()
        bench.beat()
        #expect(wang.hears().contains("position 1 of 1"))
        lin.asks("b1", .lowerHand(Self.s2))
        bench.beat()
        bench.commit()
        #expect(wang.hears().contains("position – of 0"))
    }

    @Test func somebodyOutsideHearsWhetherItBecameDurable() throws {
        let (bench, _, _) = lesson()
        try bench.run {
            try $0.decide(.startBreak(minutes: 5), by: .administrator, at: $0.time(0))
            $0.post(.conclude(1))
        }
        bench.commit()
        #expect(bench.waiters == [1: true])
        try bench.run {
            try $0.decide(.endBreak, by: .administrator, at: $0.time(0))
            $0.post(.conclude(2))
        }
        bench.refuse(Self.refused)
        #expect(bench.waiters == [1: true, 2: false])
    }

    @Test func whoeverStaffMuteIsNotHeardWhileTheLogCannotBeRead() {
        let (bench, lin, wang) = lesson()
        wang.asks("a1", .raiseHand)
        bench.refuse(Self.unknown)
        _ = wang.hears()
        #expect(lin.hears("b1", .mute(Self.s2)) == ["retry b1 500"])
        #expect(bench.silenced == [Self.s2])
        #expect(wang.hears("c1", .mute(SeatID(unchecked: "s1"))) == ["retry c1 500"], "no staff")
        #expect(lin.hears("b2", .raiseHand) == ["retry b2 500"])
        #expect(bench.silenced == [Self.s2])
    }

    @Test func whoWasLostWhileTheLogWasReadIsMissedAfterwards() {
        let (bench, _, wang) = lesson()
        wang.asks("a1", .raiseHand)
        bench.refuse(Self.refused)
        wang.isCutOff()
        bench.readBack()
        #expect(bench.host.session.seat(Self.s2)?.isConnected == true)
        bench.disk = .fast
        bench.beat()
        #expect(bench.events.last?.event == .interrupted(Self.s2, .network))
    }
}
