import LiveRelayWire
import SessionModel
import Testing

@testable import LiveRelay

/// Who comes in, how, and who is told.
@Suite struct SessionJoinTests {
    @Test func theLecturerOpensTheDoor() {
        let bench = SessionBench(startsAfterMinutes: 120)
        bench.disk = .slow
        let lin = bench.join("lin", .lecturer)
        #expect(lin.hears() == [], "nothing is told that is not on disk")
        bench.commit()
        #expect(lin.hears() == ["hello s1 lecturer lin", "snapshot 4: lin"])
        #expect(bench.events.map(\.event.typeName) == ["scheduled", "relayStarted", "opened", "joined"])
    }

    @Test func participantsComeInHalfAnHourBeforeTheClass() {
        let bench = SessionBench(startsAfterMinutes: 60)
        bench.now = 30 * 60_000 - 1
        #expect(bench.join("wang").hears() == ["closed notYetOpen"])
        bench.now = 30 * 60_000
        #expect(bench.join("wang").hears() == ["hello s1 participant wang", "snapshot 4: wang"])
        #expect(bench.host.session.phase == .open)
    }

    @Test func supervisorsOpenNothingAndAreSeenByTheirLikeAlone() {
        let bench = SessionBench(startsAfterMinutes: 60)
        let sun = bench.join("sun", .supervisor)
        #expect(sun.hears() == ["hello s1 supervisor sun", "snapshot 3: sun"])
        #expect(bench.host.session.phase == .scheduled)
        let lin = bench.join("lin", .lecturer)
        let wang = bench.join("wang")
        #expect(lin.hears() == ["hello s2 lecturer lin", "snapshot 5: lin", "6 joined s3"])
        #expect(wang.hears() == ["hello s3 participant wang", "snapshot 6: lin wang"])
        let zhao = bench.join("zhao", .supervisor)
        #expect(zhao.hears().first == "hello s4 supervisor zhao")
        #expect(sun.hears() == ["4 opened", "5 joined s2", "6 joined s3", "7 joined s4"])
        zhao.isCutOff()
        #expect(sun.hears() == ["8 interrupted s4 network"])
        #expect(lin.hears() + wang.hears() == [])
    }

    @Test func whoArrivesSharesTheSnapshotOfTheOneBefore() {
        let bench = SessionBench()
        _ = bench.join("lin", .lecturer)
        let wang = bench.join("wang")
        #expect(wang.hears() == ["hello s2 participant wang", "snapshot 5: lin wang"])
        let li = bench.join("li")
        #expect(li.hears() == ["hello s3 participant li", "snapshot 5: lin wang", "6 joined s3"])
        #expect(wang.hears() == ["6 joined s3"])
    }

    @Test func aStormOfJoinsIsServedWithAFewSnapshots() {
        let bench = SessionBench()
        _ = bench.join("lin", .lecturer)
        var snapshots: Set<String> = []
        let count = 250
        for number in 1...count {
            let heard = bench.join("person\(number)").hears()
            for line in heard where line.hasPrefix("snapshot ") {
                snapshots.insert(String(line.prefix { $0 != ":" }))
            }
        }
        // Each that is made serves fifty arrivals and the first of the next.
        #expect(snapshots.count <= count / Int(CachedSnapshot.eventsAfterCountMaximum) + 1)
    }

    @Test func inLargeClassesComingAndGoingIsForStaff() {
        let bench = SessionBench(kind: .largeLecture)
        let lin = bench.join("lin", .lecturer)
        let wang = bench.join("wang")
        _ = (lin.hears(), wang.hears())
        let li = bench.join("li")
        #expect(lin.hears() == ["6 joined s3"])
        #expect(wang.hears() == [])
        #expect(li.hears() == ["hello s3 participant li", "snapshot 5: lin"])
    }

    @Test func inLargeClassesEverybodySeesWhetherASpeakersLineIsThere() {
        let bench = SessionBench(kind: .largeLecture)
        let lin = bench.join("lin", .lecturer)
        let wang = bench.join("wang")
        let li = bench.join("li")
        lin.asks("a1", .start)
        lin.asks("a2", .callToSpeak(SeatID(unchecked: "s2")))
        _ = li.hears()
        wang.isCutOff()
        #expect(li.hears() == ["9 interrupted s2 network"])
        _ = bench.resume("s2", after: 9)
        #expect(li.hears() == ["10 resumed s2"])
        lin.asks("a3", .endTurn(SeatID(unchecked: "s2")))
        _ = bench.resume("s2", after: 10)
        #expect(li.hears() == ["11 turnEnded s2 staff"])
    }

    @Test func aFullClassStillLetsItsLecturerIn() {
        let bench = SessionBench()
        let seats = ClassKind.smallInteractive.policy.seatsMaximum
        for number in 1...seats { bench.join("p\(number)") }
        #expect(bench.join("wang").hears() == ["closed classFull"])
        let lin = bench.join("lin", .lecturer)
        #expect(lin.hears().first == "hello s\(seats + 1) lecturer lin")
    }

    @Test(arguments: [Role.expert, .viewer, .administrator])
    func whoHasNoSeatIsTurnedAway(role: Role) {
        let bench = SessionBench()
        bench.join("lin", .lecturer)
        #expect(bench.join("zhou", role).hears() == ["closed roleCannotJoin"])
    }

    // MARK: The same person twice

    @Test func theNewestConnectionWins() {
        let bench = SessionBench(duplicateLogin: .newestWins)
        bench.join("lin", .lecturer)
        let wang = bench.join("wang")
        _ = wang.hears()
        let again = bench.join("wang")
        #expect(wang.hears() == ["closed replaced"])
        #expect(again.hears() == ["hello s2 participant wang", "snapshot 5: lin wang"])
        wang.isCutOff()
        #expect(again.hears() == [], "the end of the replaced connection is no interruption")
    }

    @Test func theNewestConnectionIsRefused() {
        let bench = SessionBench(duplicateLogin: .refuse)
        bench.join("lin", .lecturer)
        let wang = bench.join("wang")
        _ = wang.hears()
        #expect(bench.join("wang").hears() == ["closed alreadyInClass"])
        #expect(wang.hears("a1", .raiseHand) == ["rejected a1 notNow"], "and the older goes on")
        #expect(bench.resume("s2", after: 5).hears() == ["hello s2 participant wang again"])
        #expect(wang.hears() == ["closed replaced"], "whoever holds the resume token is the same page")
    }

    @Test func bothConnectionsStay() {
        let bench = SessionBench(duplicateLogin: .allowBoth)
        bench.join("lin", .lecturer)
        let phone = bench.join("wang")
        let laptop = bench.join("wang")
        _ = (phone.hears(), laptop.hears())
        #expect(phone.hears("a1", .postChat("老师好")) == ["6 chatPosted s2 老师好", "accepted a1 6"])
        #expect(laptop.hears() == ["6 chatPosted s2 老师好"])
        phone.isCutOff()
        #expect(laptop.hears() == [], "the seat is there while one of them is")
        laptop.isCutOff()
        #expect(bench.events.last?.event == .interrupted(SeatID(unchecked: "s2"), .network))
    }

    // MARK: Coming back

    @Test func whoComesBackGetsWhatWasMissed() {
        let bench = SessionBench()
        let lin = bench.join("lin", .lecturer)
        let wang = bench.join("wang")
        wang.isCutOff()
        lin.asks("a1", .postChat("开始上课"))
        bench.disk = .slow
        let again = bench.resume("s2", after: 5)
        #expect(again.hears() == [])
        bench.commit()
        #expect(
            again.hears() == [
                "hello s2 participant wang again", "6 interrupted s2 network", "7 chatPosted s1 开始上课",
                "8 resumed s2",
            ])
    }

    @Test func whoMissedTooMuchGetsASnapshot() {
        let bench = SessionBench()
        let lin = bench.join("lin", .lecturer)
        bench.join("wang").isCutOff()
        lin.asks("s", .start)
        for _ in 0..<200 {
            lin.asks("a\(bench.now)", .startBreak(minutes: 5))
            lin.asks("b\(bench.now)", .endBreak)
            bench.now += 1
        }
        #expect(bench.resume("s2", after: 7).hears().count == 402, "hello, 400 events and the coming back")
        for _ in 0..<50 {
            lin.asks("a\(bench.now)", .startBreak(minutes: 5))
            lin.asks("b\(bench.now)", .endBreak)
            bench.now += 1
        }
        #expect(
            bench.resume("s2", after: 7).hears() == ["hello s2 participant wang", "snapshot 508: lin wang"])
    }

    @Test func anotherLogOrAnImpossibleNumberMeansASnapshot() {
        let bench = SessionBench()
        bench.join("lin", .lecturer)
        bench.join("wang")
        let greeting = ["hello s2 participant wang", "snapshot 5: lin wang"]
        #expect(bench.resume("s2", after: 5, epoch: "e2").hears() == greeting)
        #expect(bench.resume("s2", after: 6).hears() == greeting, "more than there is")
        #expect(bench.resume("s2", after: UInt64.max).hears() == greeting)
        #expect(bench.resume("s9", after: 5).hears() == ["closed tokenInvalid"])
    }

    @Test func afterTheGraceOneJoinsAgain() {
        let bench = SessionBench()
        bench.join("lin", .lecturer)
        let wang = bench.join("wang")
        wang.isCutOff()
        bench.now += UInt64(SessionLimits.interruptionGraceMilliseconds)
        bench.beat()
        #expect(bench.events.last?.event == .left(SeatID(unchecked: "s2"), .timedOut))
        #expect(
            bench.resume("s2", after: 5).hears() == [
                "hello s2 participant wang again", "6 interrupted s2 network", "7 left s2 timedOut",
                "8 joined s2",
            ])
    }

    // MARK: Out

    @Test func whoIsRemovedMayComeBackByTheDoor() {
        let bench = SessionBench()
        let lin = bench.join("lin", .lecturer)
        let wang = bench.join("wang")
        _ = (lin.hears(), wang.hears())
        bench.disk = .slow
        lin.asks("a1", .remove(SeatID(unchecked: "s2"), isBanned: false))
        wang.asks("b1", .postChat("等等"))
        #expect(wang.hears() == [], "nobody is sent away before it is on disk, and nobody is heard either")
        bench.commit()
        #expect(lin.hears() == ["6 removed s2", "accepted a1 6"])
        #expect(wang.hears() == ["6 removed s2", "closed removed"])
        bench.disk = .fast
        #expect(bench.resume("s2", after: 6).hears() == ["closed removed"])
        #expect(
            bench.join("wang").hears() == [
                "hello s2 participant wang", "snapshot 5: lin wang", "6 removed s2", "7 joined s2",
            ])
    }

    @Test func whoIsBannedMayNot() {
        let bench = SessionBench()
        let lin = bench.join("lin", .lecturer)
        let wang = bench.join("wang")
        _ = wang.hears()
        lin.asks("a1", .remove(SeatID(unchecked: "s2"), isBanned: true))
        #expect(wang.hears() == ["6 removed s2", "closed banned"])
        #expect(bench.join("wang").hears() == ["closed banned"])
        #expect(bench.resume("s2", after: 6).hears() == ["closed banned"])
    }

    @Test func whoSaysGoodbyeIsAnsweredFirst() {
        let bench = SessionBench()
        bench.join("lin", .lecturer)
        let wang = bench.join("wang")
        _ = wang.hears()
        #expect(wang.hears("a1", .leave) == ["6 left s2 requested", "accepted a1 6", "closed left"])
    }

    @Test func afterTheEndEverybodyIsSentHome() {
        let bench = SessionBench()
        let lin = bench.join("lin", .lecturer)
        let wang = bench.join("wang")
        let sun = bench.join("sun", .supervisor)
        _ = (lin.hears(), wang.hears(), sun.hears())
        bench.disk = .slow
        lin.asks("a1", .end)
        #expect(lin.hears() + wang.hears() + sun.hears() == [])
        bench.commit()
        #expect(wang.hears() == ["10 ended requested", "closed ended"])
        #expect(
            lin.hears() == [
                "7 left s1 sessionEnded", "8 left s2 sessionEnded", "10 ended requested", "accepted a1 10",
                "closed ended",
            ])
        #expect(sun.hears().last == "closed ended")
        bench.disk = .fast
        #expect(bench.join("li").hears() == ["closed ended"])
        #expect(bench.resume("s2", after: 5).hears() == ["closed ended"])
    }
}
