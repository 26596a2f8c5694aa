import LiveRelayWire
import Recorder
import SessionModel
import Testing

@testable import LiveRelay

/// What a supervisor's wall shows of a class, and when it raises an alarm.
@Suite struct InspectionTests {
    private func row(
        _ bench: SessionBench, lastLoudAt: Int64 = 0, drops: Int = 0
    ) -> InspectionRow? {
        let time = SessionTime(milliseconds: Int64(bench.now))
        return Inspection.row(
            of: bench.host.session, view: bench.host.view, at: time,
            wall: WallTime(milliseconds: SessionBench.createdAt.milliseconds + Int64(bench.now)),
            createdAt: SessionBench.createdAt, lastLoudAt: SessionTime(milliseconds: lastLoudAt),
            dropsCount: drops)
    }

    @Test func aClassThatGoesWellRaisesNoAlarm() throws {
        let bench = SessionBench()
        let lin = bench.join("lin", .lecturer)
        bench.join("wang")
        bench.join("sun", .supervisor)
        bench.now = 60_000
        lin.asks("a1", .start)
        bench.now = 90_000
        let shown = row(bench, lastLoudAt: 89_000)
        let row = try #require(shown)
        #expect(row.alarms == [])
        #expect(row.lecturers == ["lin"])
        #expect(row.present == 1)
        #expect(row.quietMilliseconds == 1_000)
        #expect(row.startedAt == WallTime(milliseconds: SessionBench.createdAt.milliseconds + 60_000))
    }

    @Test func theLecturerIsMissedFromTheMinuteTheClassShouldStart() throws {
        let bench = SessionBench(startsAfterMinutes: 1)
        bench.now = 59_999
        #expect(row(bench)?.alarms == [])
        bench.now = 60_000
        #expect(row(bench)?.alarms == [.lecturerMissing])
        let lin = bench.join("lin", .lecturer)
        #expect(row(bench)?.alarms == [])
        lin.isCutOff()
        #expect(row(bench)?.alarms == [.lecturerMissing])
    }

    @Test func aMinuteWithoutSoundIsNoticedWhileTheLessonRuns() {
        let bench = SessionBench()
        let lin = bench.join("lin", .lecturer)
        bench.now = 200_000
        #expect(row(bench)?.alarms == [])
        #expect(row(bench)?.quietMilliseconds == nil, "none is due yet")
        lin.asks("a1", .start)
        #expect(row(bench, lastLoudAt: 140_000)?.alarms == [])
        #expect(row(bench, lastLoudAt: 139_999)?.alarms == [.noSound])
        lin.asks("a2", .startBreak(minutes: 10))
        #expect(row(bench, lastLoudAt: 0)?.alarms == [])
    }

    @Test func whoeverWaitsThreeMinutesHasBeenOverlooked() {
        let bench = SessionBench()
        let lin = bench.join("lin", .lecturer)
        let wang = bench.join("wang")
        let li = bench.join("li")
        lin.asks("a1", .start)
        wang.asks("b1", .raiseHand)
        bench.now = 100_000
        li.asks("c1", .raiseHand)
        bench.now = 180_000
        #expect(row(bench, lastLoudAt: 180_000)?.alarms == [])
        bench.now = 180_001
        #expect(row(bench, lastLoudAt: 180_000)?.alarms == [.handWaiting])
        #expect(row(bench)?.longestHandMilliseconds == 180_001)
        #expect(row(bench)?.hands == 2)
        lin.asks("a2", .callToSpeak(SeatID(unchecked: "s2")))
        #expect(row(bench, lastLoudAt: 180_000)?.alarms == [])
    }

    @Test func manyWhoAreCutOffAreNoChance() {
        let bench = SessionBench()
        bench.join("lin", .lecturer)
        for number in 1...25 { bench.join("p\(number)") }
        #expect(row(bench, drops: 4)?.alarms == [], "four may be chance")
        #expect(row(bench, drops: 5)?.alarms == [.massDisconnect], "five of twenty-five are one in five")
        bench.join("p26")
        #expect(row(bench, drops: 5)?.alarms == [])
    }

    @Test func aClassThatIsOverIsNotShown() {
        let bench = SessionBench()
        let lin = bench.join("lin", .lecturer)
        #expect(row(bench) != nil)
        lin.asks("a1", .end)
        #expect(row(bench) == nil)
    }
}
