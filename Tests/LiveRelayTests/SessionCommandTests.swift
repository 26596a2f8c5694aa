import LiveRelayWire
import Recorder
import SessionModel
import Testing

@testable import LiveRelay

/// What is asked in class, and how it is answered.
@Suite struct SessionCommandTests {
    private static let s2 = SeatID(unchecked: "s2")
    private static let p1 = PollID(unchecked: "p1")

    /// A running lesson with lin, who teaches, and wang and li, who attend; the log stands at 7.
    private func lesson(
        _ kind: ClassKind = .smallInteractive
    ) -> (bench: SessionBench, lin: Guest, wang: Guest, li: Guest) {
        let bench = SessionBench(kind: kind)
        let lin = bench.join("lin", .lecturer)
        let wang = bench.join("wang")
        let li = bench.join("li")
        lin.asks("start", .start)
        for guest in [lin, wang, li] { _ = guest.hears() }
        return (bench, lin, wang, li)
    }

    // MARK: Order and durability

    @Test func theEventComesBeforeTheAnswerAndBothAfterTheDisk() {
        let (bench, lin, wang, li) = lesson()
        bench.disk = .slow
        wang.asks("a1", .postChat("听得清"))
        li.asks("b1", .raiseHand)
        wang.asks("a2", .raiseHand)
        #expect(wang.hears() + li.hears() + lin.hears() == [])
        bench.commit(1)
        #expect(wang.hears() == ["8 chatPosted s2 听得清", "accepted a1 8"])
        #expect(li.hears() == ["8 chatPosted s2 听得清"], "the answer to b1 depends on a later commit")
        bench.commit()
        #expect(li.hears() == ["accepted b1 9"], "a raised hand is for staff")
        #expect(lin.hears() == ["8 chatPosted s2 听得清", "9 handRaised s3", "10 handRaised s2"])
        #expect(bench.followed == Array(1...10))
    }

    @Test func theNextCommandIsDecidedOnTheHead() {
        let (bench, _, wang, _) = lesson()
        bench.disk = .slow
        wang.asks("a1", .raiseHand)
        wang.asks("a2", .raiseHand)
        #expect(wang.hears() == [], "a refusal waits for what it refers to")
        bench.commit()
        #expect(wang.hears() == ["accepted a1 8", "rejected a2 handAlreadyRaised"])
    }

    @Test func aRefusalThatRefersToWhatIsOnDiskComesAtOnce() {
        let (bench, _, wang, _) = lesson()
        bench.disk = .slow
        #expect(wang.hears("a1", .lowerHand(nil)) == ["rejected a1 handNotRaised"])
        #expect(wang.hears("a2", .mute(Self.s2)) == ["rejected a2 notPermitted"])
        #expect(bench.pendingCount == 0)
    }

    @Test func aMuteWorksWhileTheDiskStands() {
        let (bench, lin, wang, _) = lesson()
        lin.asks("a1", .callToSpeak(Self.s2))
        wang.asks("b1", .openTrack(channels: 1))
        #expect(bench.host.session.maySound(Self.s2))
        bench.disk = .slow
        lin.asks("a2", .mute(Self.s2))
        #expect(!bench.host.session.maySound(Self.s2))
    }

    @Test func whatIsSentTwiceTakesEffectOnce() {
        let (bench, _, wang, _) = lesson()
        #expect(wang.hears("a1", .postChat("老师好")) == ["8 chatPosted s2 老师好", "accepted a1 8"])
        #expect(wang.hears("a1", .postChat("老师好")) == ["accepted a1 8"])
        bench.disk = .slow
        wang.asks("a2", .raiseHand)
        wang.asks("a2", .raiseHand)
        bench.commit()
        #expect(wang.hears() == ["accepted a2 9", "accepted a2 9"])
        #expect(bench.events.count == 9)
    }

    @Test func theAnswerToATrackSaysWhich() {
        let (_, lin, wang, _) = lesson()
        #expect(
            lin.hears("a1", .openTrack(channels: 2)) == ["8 trackOpened s1 track 1", "accepted a1 8 track 1"])
        #expect(lin.hears("a1", .openTrack(channels: 2)) == ["accepted a1 8 track 1"])
        #expect(wang.hears() == ["8 trackOpened s1 track 1"])
    }

    @Test func noMoreThanSixteenAreInFlight() {
        let (bench, _, wang, li) = lesson()
        bench.disk = .slow
        li.asks("b1", .raiseHand)
        for number in 1...17 { wang.asks("a\(number)", .lowerHand(nil)) }
        li.asks("b2", .lowerHand(nil))
        bench.commit()
        let answers = wang.hears()
        #expect(answers.prefix(16).allSatisfy { $0.hasSuffix("handNotRaised") })
        #expect(answers.last == "rejected a17 tooManyInFlight")
        #expect(li.hears() == ["accepted b1 8", "accepted b2 9"], "everybody has sixteen")
        #expect(wang.hears("a18", .raiseHand) == [])
        bench.commit()
        #expect(wang.hears() == ["accepted a18 10"])
    }

    // MARK: Texts

    @Test(
        arguments: [
            (" \n ", "textEmpty"), (String(repeating: "好", count: 501), "textTooLong"),
            ("a\u{0}b", "textInvalid"),
            ("a\u{7}b", "textInvalid"), ("e" + String(repeating: "\u{301}", count: 9_000), "textInvalid"),
        ])
    func unfitTextsAreRefused(text: String, code: String) {
        let (_, _, wang, _) = lesson()
        #expect(wang.hears("a1", .postChat(text)) == ["rejected a1 \(code)"])
    }

    @Test func textsComeAsTheyWereTyped() {
        let (bench, lin, wang, _) = lesson()
        let text = "第一行\n\u{2CB4E} · <b>👩‍🏫</b>\t完"
        #expect(wang.hears("a1", .postChat("  \(text) ")) == ["8 chatPosted s2 \(text)", "accepted a1 8"])
        #expect(
            lin.hears("b1", .hideChat(ChatID(unchecked: "c1"))) == [
                "8 chatPosted s2 \(text)", "9 chatHidden", "accepted b1 9",
            ])
        let isGone = "snapshot 10: lin wang li zhao “–”"
        #expect(bench.join("zhao").hears() == ["hello s4 participant zhao", isGone])
        #expect(bench.resume("s3", after: 7).hears() == ["hello s3 participant li", isGone])
        let isThere = "snapshot 11: lin wang li zhao chen “\(text)”"
        #expect(bench.join("chen", .assistant).hears() == ["hello s5 assistant chen", isThere])
    }

    @Test func pollsHaveTwoToNineOptions() {
        let (_, lin, _, _) = lesson()
        func ask(_ id: String, _ question: String, _ options: [String]) -> [String] {
            lin.hears(id, .openPoll(question: question, options: options, secrecy: .named))
        }
        #expect(ask("a1", "听得清吗？", ["清楚"]) == ["rejected a1 optionCountOutOfRange"])
        #expect(
            ask("a2", "听得清吗？", Array(repeating: "清楚", count: 10)) == ["rejected a2 optionCountOutOfRange"])
        #expect(ask("a3", "听得清吗？", ["清楚", " "]) == ["rejected a3 textEmpty"])
        #expect(ask("a4", "", ["清楚", "不清楚"]) == ["rejected a4 textEmpty"])
        #expect(
            ask("a5", "听得清吗？", ["清楚", String(repeating: "不", count: 101)]) == ["rejected a5 textTooLong"])
    }

    // MARK: Votes

    @Test func anAnonymousVoteIsAnsweredWithoutANumber() {
        let (bench, lin, wang, li) = lesson()
        lin.asks("a1", .openPoll(question: "满意吗？", options: ["满意", "不满意"], secrecy: .anonymous))
        for guest in [lin, wang, li] { _ = guest.hears() }
        bench.disk = .slow
        wang.asks("b1", .vote(Self.p1, option: 1))
        #expect(wang.hears() == [])
        bench.commit()
        #expect(wang.hears() == ["accepted b1"])
        #expect(lin.hears() + li.hears() == [], "nobody else hears of it")
        #expect(bench.events.count == 8)
        bench.disk = .fast
        #expect(wang.hears("b1", .vote(Self.p1, option: 1)) == ["accepted b1"], "sent again")
        #expect(wang.hears("b2", .vote(Self.p1, option: 0)) == ["rejected b2 alreadyVoted"])
        #expect(wang.hears("b3", .vote(Self.p1, option: 2)) == ["rejected b3 optionUnknown"])
        bench.beat()
        #expect(li.hears() == ["digest at 1000: 2 hands 0 poll 1"])
        let again = bench.resume("s2", after: 8)
        #expect(again.hears().first == "hello s2 participant wang again voted p1")
    }

    @Test func aNamedVoteIsForStaff() {
        let (_, lin, wang, li) = lesson()
        lin.asks("a1", .openPoll(question: "午休吗？", options: ["休", "不休"], secrecy: .named))
        for guest in [lin, wang, li] { _ = guest.hears() }
        #expect(wang.hears("b1", .vote(Self.p1, option: 1)) == ["accepted b1 9"])
        #expect(lin.hears() == ["9 voteCast s2"])
        #expect(li.hears() == [])
    }

    // MARK: People

    @Test func staffFindPeopleByNameNumberAndPage() throws {
        let (bench, lin, wang, _) = lesson(.largeLecture)
        bench.join("欧阳\u{2CB4E}", number: "0012")
        bench.join("买买提·艾力", number: "110101199003070012")
        bench.join("王 芳", number: "0012")
        let absent = try #require(
            PersonEntry(
                person: PersonID(unchecked: "ma"), name: "马丽", number: "0007", affiliation: "第一中学",
                source: .roster))
        try bench.run {
            try $0.decide(.expect([absent.person]), by: .relay, at: $0.time(bench.now), people: [absent])
        }
        _ = (lin.hears(), wang.hears())
        #expect(lin.finds("f1", "\u{2CB4E}") == ["people f1 1 of 1; 欧阳\u{2CB4E} 0012 connected"])
        #expect(lin.finds("f2", "·艾") == ["people f2 1 of 1; 买买提·艾力 110101199003070012 connected"])
        #expect(
            lin.finds("f3", "0012") == [
                "people f3 3 of 3; 欧阳\u{2CB4E} 0012 connected; 买买提·艾力 110101199003070012 connected; "
                    + "王 芳 0012 connected"
            ])
        #expect(lin.finds("f4", " LI ") == ["people f4 2 of 2; lin  connected; li  connected"])
        #expect(lin.finds("f5", "第一") == ["people f5 1 of 1; 马丽 0007 absent"])
        #expect(lin.finds("f6", String(repeating: "马", count: 65)) == ["rejected f6 textTooLong"])
        #expect(wang.finds("f7", "") == ["rejected f7 notPermitted"])
    }

    @Test func peopleComeInPages() {
        let (bench, lin, _, _) = lesson(.largeLecture)
        for number in 4...250 { bench.join("p\(number)") }
        _ = lin.hears()
        #expect(lin.finds("f1", "").first?.hasPrefix("people f1 100 of 250; lin ") == true)
        #expect(lin.finds("f2", "", offset: 200).first?.hasPrefix("people f2 50 of 250; p201 ") == true)
        #expect(lin.finds("f3", "", offset: 1_000) == ["people f3 0 of 250"])
        #expect(lin.finds("f4", "", offset: .max) == ["people f4 0 of 250"])
    }

    @Test func lecturersDoNotFindSupervisors() {
        let (bench, lin, _, _) = lesson()
        let sun = bench.join("sun", .supervisor)
        _ = sun.hears()
        #expect(lin.finds("f1", "sun") == ["people f1 0 of 0"])
        #expect(sun.finds("f2", "sun") == ["people f2 1 of 1; sun  connected"])
        #expect(
            lin.hears("a1", .remove(SeatID(unchecked: "s4"), isBanned: false)) == ["rejected a1 seatUnknown"])
    }

    // MARK: Panels

    @Test func whatIsNotShownIsNotSent() {
        let (_, lin, wang, _) = lesson()
        wang.shows([.polls])
        lin.asks("a1", .postChat("第一句"))
        #expect(wang.hears() == [])
        lin.asks("a2", .mute(SeatID(unchecked: "s3")))
        #expect(wang.hears() == ["9 muted s3"], "what everybody needs comes all the same")
        wang.shows([.polls, .chat])
        #expect(
            wang.hears() == [
                "snapshot 5: lin wang", "6 joined s3", "7 started", "8 chatPosted s1 第一句", "9 muted s3",
            ], "a snapshot that others got too, and what happened since")
        lin.asks("a3", .postChat("第二句"))
        #expect(wang.hears() == ["10 chatPosted s1 第二句"])
        wang.shows([.chat])
        #expect(wang.hears() == [], "showing less needs nothing")
    }

    @Test func theSessionTimeIsToldAtOnce() {
        let (bench, _, wang, _) = lesson()
        bench.disk = .slow
        bench.now = 1_500
        wang.asks("a1", .raiseHand)
        bench.run { $0.sendNow(.send($0.pong(at: 7.5, now: bench.now).frame, to: wang.connection)) }
        #expect(wang.hears() == ["pong 7.5 1500"])
    }
}
