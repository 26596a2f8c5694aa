import SessionModel
import Testing

/// Attendance by scripted comings and goings, to the millisecond.
struct AttendanceTests {
    /// An hour from second 60, with lin, wang and zhao there from second 0.
    private func hour(
        _ plan: SessionPlan = .lesson, _ script: (inout Classroom) throws -> Void
    ) throws -> Classroom {
        var classroom = try Classroom.live(plan)
        try script(&classroom)
        classroom.now = .second(3_660)
        if classroom.session.phase == .onBreak { try classroom.perform(.endBreak, by: .administrator) }
        try classroom.perform(.end, by: .administrator)
        return classroom
    }

    private func row(_ person: PersonID, _ classroom: Classroom) throws -> AttendanceRow {
        try #require(Attendance(events: classroom.log).rows.first { $0.person == person })
    }

    @Test func whoStaysFromBeforeTheStartToTheEndIsCreditedTheLesson() throws {
        let row = try row(.wang, hour { _ in })
        #expect(row.verdict == .attended)
        #expect(row.onlineMilliseconds == 3_600_000)
        #expect(row.onlinePercent == 100)
        #expect(row.firstJoin == .zero)
        #expect(row.lastLeave == .second(3_660))
        #expect(row.lateMilliseconds == nil)
        #expect(row.earlyLeaveMilliseconds == nil)
        #expect(row.spans.count == 1)
    }

    @Test func breaksAreNoLesson() throws {
        let classroom = try hour {
            $0.now = .second(1_060)
            try $0.perform(.startBreak(minutes: 10), by: .lin)
            $0.now = .second(1_660)
            try $0.perform(.endBreak, by: .lin)
            $0.now = .second(1_700)
            try $0.perform(.leave, by: .wang)
        }
        let report = SessionReport(events: classroom.log)
        #expect(report.lessonMilliseconds == 3_000_000)
        #expect(report.breaks == [Span(from: .second(1_060), to: .second(1_660))])
        let wang = try row(.wang, classroom)
        #expect(wang.onlineMilliseconds == 1_040_000)
        #expect(wang.breakMilliseconds == 600_000)
        #expect(try row(.zhao, classroom).onlineMilliseconds == 3_000_000)
    }

    @Test func anEndDuringABreakEndsTheBreak() throws {
        var classroom = try Classroom.live()
        classroom.pass(100)
        try classroom.perform(.startBreak(minutes: 10), by: .lin)
        classroom.pass(50)
        try classroom.perform(.end, by: .lin)
        let report = SessionReport(events: classroom.log)
        #expect(report.lessonMilliseconds == 100_000)
        #expect(report.breaks == [Span(from: .second(160), to: .second(210))])
    }

    @Test func lateAndEarlyAreMeasuredAgainstTheRule() throws {
        let classroom = try hour(.lesson.with { $0.attendance.lateAfterMinutes = 10 }) {
            $0.now = .second(60 + 600)
            try $0.perform(.join(.he, .participant), by: .relay)
            $0.pass(milliseconds: 1)
            try $0.perform(.join(.xu, .participant), by: .relay)
            $0.now = .second(3_660 - 300)
            try $0.perform(.leave, by: .zhao)
            $0.now = .second(3_660 - 299)
            try $0.perform(.leave, by: .wang)
        }
        #expect(try row(.he, classroom).lateMilliseconds == nil)
        #expect(try row(.xu, classroom).lateMilliseconds == 600_001)
        #expect(try row(.zhao, classroom).earlyLeaveMilliseconds == nil)
        let early = try hour { classroom in
            classroom.now = .second(3_660 - 301)
            try classroom.perform(.leave, by: .zhao)
        }
        #expect(try row(.zhao, early).earlyLeaveMilliseconds == 301_000)
        #expect(try row(.zhao, early).lastLeave == .second(3_359))
    }

    @Test func whoLooksInBeforeTheStartAndComesBackLateIsLate() throws {
        let classroom = try hour {
            try $0.perform(.leave, by: .wang)
            $0.now = .second(1_060)
            try $0.perform(.join(.wang, .participant), by: .relay)
        }
        let wang = try row(.wang, classroom)
        #expect(wang.firstJoin == .zero)
        #expect(wang.lateMilliseconds == 1_000_000)
        #expect(wang.onlineMilliseconds == 2_600_000)
    }

    @Test func whoIsExpectedAndDoesNotComeIsAbsent() throws {
        let classroom = try hour {
            try $0.perform(.expect([.he, .wang, .xu]), by: .administrator)
        }
        let attendance = Attendance(events: classroom.log)
        #expect(attendance.rows.map(\.person) == [.he, .wang, .xu, .lin, .zhao])
        #expect(attendance.rows.map(\.verdict) == [.absent, .attended, .absent, .attended, .attended])
        #expect(attendance.rows.map(\.isUnexpected) == [false, false, false, false, true])
        #expect(attendance.counts.expected == 3)
        #expect(attendance.counts.present == 1)
        #expect(attendance.counts.absent == 2)
        #expect(attendance.counts.unexpected == 1)
        let absent = try row(.he, classroom)
        #expect(absent.firstJoin == nil && absent.lastLeave == nil && absent.spans.isEmpty)
    }

    @Test func withoutAListEveryParticipantCounts() throws {
        let counts = try Attendance(events: hour { _ in }.log).counts
        #expect(counts.expected == nil && counts.absent == nil)
        #expect(counts.present == 2)
        #expect(counts.unexpected == 0)
    }

    @Test func theShareOfTheLessonDecides() throws {
        let plan = SessionPlan.lesson.with { $0.attendance.presentShareMinimumPercent = 85 }
        let classroom = try hour(plan) {
            $0.now = .second(60 + 3_060)
            try $0.perform(.leave, by: .wang)
            $0.now = .second(60 + 3_059)
        }
        #expect(try row(.wang, classroom).onlinePercent == 85)
        #expect(try row(.wang, classroom).verdict == .attended)
        let short = try hour(plan) {
            $0.now = SessionTime(milliseconds: 60_000 + 3_059_999)
            try $0.perform(.leave, by: .wang)
        }
        #expect(try row(.wang, short).onlinePercent == 84)
        #expect(try row(.wang, short).verdict == .absent)
        #expect(try row(.wang, short).earlyLeaveMilliseconds == nil)
    }

    @Test func aLongInterruptionIsNotPresenceAndAShortOneIs() throws {
        let classroom = try hour {
            $0.now = .second(1_000)
            try $0.perform(.interrupt(.network), by: .wang)
            try $0.perform(.interrupt(.tooSlow), by: .zhao)
            $0.now = .second(1_010)
            try $0.perform(.resume, by: .zhao)
            $0.now = .second(1_050)
            try $0.perform(.resume, by: .wang)
        }
        let wang = try row(.wang, classroom)
        #expect(wang.onlineMilliseconds == 3_550_000)
        #expect(wang.interruptedMilliseconds == 50_000)
        #expect(wang.interruptionsCount == 1)
        #expect(wang.spans.map(\.interruption) == [nil, .network, nil])
        let zhao = try row(.zhao, classroom)
        #expect(zhao.onlineMilliseconds == 3_600_000)
        #expect(zhao.interruptedMilliseconds == 0)
        #expect(zhao.interruptionsCount == 1)
        #expect(zhao.spans.map(\.interruption) == [nil])
    }

    @Test func whoTimesOutLeftWhenTheConnectionDid() throws {
        let classroom = try hour {
            $0.now = .second(1_000)
            try $0.perform(.interrupt(.network), by: .wang)
            $0.now = .second(1_060)
            try $0.perform(.passTime, by: .relay)
        }
        let wang = try row(.wang, classroom)
        #expect(wang.lastLeave == .second(1_000))
        #expect(wang.onlineMilliseconds == 940_000)
        #expect(wang.interruptedMilliseconds == 60_000)
    }

    @Test func aRestartOfTheRelayCostsNobodyAnything() throws {
        let classroom = try hour {
            $0.now = .second(1_000)
            try $0.perform(.startRelay(run: 2, wall: WallTime(milliseconds: 0)), by: .relay)
            $0.now = .second(1_040)
            try $0.perform(.resume, by: .wang)
            $0.now = .second(1_060)
            try $0.perform(.passTime, by: .relay)
        }
        let wang = try row(.wang, classroom)
        #expect(wang.onlineMilliseconds == 3_600_000)
        #expect(wang.outageMilliseconds == 40_000)
        #expect(wang.interruptedMilliseconds == 0)
        #expect(try row(.zhao, classroom).lastLeave == .second(1_060))
    }

    @Test func anOutageIsNoLessonAndNobodysAbsence() throws {
        let classroom = try hour {
            // Silent from second 500 to 1,100; wang is back at once, zhao never.
            $0.now = .second(500)
            try $0.perform(.mute(.zhao), by: .lin)
            $0.now = .second(1_100)
            try $0.perform(
                .startRelay(run: 2, wall: WallTime(milliseconds: 0), silentSince: .second(500)), by: .relay)
            $0.now = .second(1_105)
            try $0.perform(.resume, by: .wang)
            try $0.perform(.resume, by: .lin)
            $0.now = .second(1_160)
            try $0.perform(.passTime, by: .relay)
        }
        let report = SessionReport(events: classroom.log)
        #expect(report.outages == [Span(from: .second(500), to: .second(1_100))])
        #expect(report.lessonMilliseconds == 3_000_000)
        let wang = try row(.wang, classroom)
        #expect(wang.onlineMilliseconds == 3_000_000)
        #expect(wang.onlinePercent == 100)
        #expect(wang.outageMilliseconds == 605_000)
        #expect(wang.interruptionsCount == 1)
        #expect(wang.spans.map(\.interruption) == [nil, .server, nil])
        #expect(wang.spans.map(\.from) == [.zero, .second(500), .second(1_105)])
        let zhao = try row(.zhao, classroom)
        #expect(zhao.lastLeave == .second(1_160))
        #expect(zhao.onlineMilliseconds == 500_000)
        #expect(zhao.interruptedMilliseconds == 0)
    }

    @Test func nobodyIsLateOrEarlyForTheTimeOfAnOutage() throws {
        let classroom = try hour {
            $0.now = .second(120)
            try $0.perform(.mute(.zhao), by: .lin)
            $0.now = .second(1_000)
            try $0.perform(
                .startRelay(run: 2, wall: WallTime(milliseconds: 0), silentSince: .second(120)), by: .relay)
            $0.now = .second(1_060)
            try $0.perform(.join(.he, .participant), by: .relay)
        }
        // A thousand seconds after the start, of which the relay was away for 880.
        #expect(try row(.he, classroom).lateMilliseconds == nil)
    }

    @Test func theSilenceBeginsAfterTheLastEventAndEndsAtTheStart() throws {
        var classroom = try Classroom.live()
        classroom.pass(100)
        try classroom.perform(.mute(.zhao), by: .lin)
        classroom.pass(10)
        try classroom.perform(
            .startRelay(run: 2, wall: WallTime(milliseconds: 0), silentSince: .second(3)), by: .relay)
        try classroom.perform(
            .startRelay(run: 3, wall: WallTime(milliseconds: 0), silentSince: .second(9_999)), by: .relay)
        let report = SessionReport(events: classroom.log)
        #expect(report.outages == [Span(from: .second(160), to: .second(170))])
    }

    @Test func aHundredReconnectsInAMinuteChangeNothing() throws {
        let classroom = try hour {
            $0.now = .second(1_000)
            for _ in 0..<100 {
                try $0.perform(.interrupt(.network), by: .wang)
                $0.pass(milliseconds: 300)
                try $0.perform(.resume, by: .wang)
                $0.pass(milliseconds: 300)
            }
        }
        let wang = try row(.wang, classroom)
        #expect(wang.onlineMilliseconds == 3_600_000)
        #expect(wang.interruptionsCount == 100)
    }

    @Test func twoSeatsOfOnePersonCountOnce() throws {
        let classroom = try hour {
            $0.now = .second(1_000)
            try $0.perform(.join(.wang, .assistant), by: .relay)
            $0.now = .second(2_000)
            try $0.perform(.leave, by: .wang)
            $0.now = .second(3_000)
            try $0.perform(.leave, by: .fourth)
        }
        let wang = try row(.wang, classroom)
        #expect(wang.onlineMilliseconds == 2_940_000)
        #expect(wang.role == .assistant)
        #expect(wang.spans.count == 1)
    }

    @Test func everyMemberOfASeatIsCreditedWhileTheyAreThere() throws {
        let classroom = try hour {
            let first = Command.join(person: .he, role: .participant, members: [PersonID(unchecked: "sun")])
            let second = Command.join(person: .he, role: .participant, members: [PersonID(unchecked: "qian")])
            $0.now = .second(1_060)
            try $0.perform(first, by: .relay)
            $0.now = .second(2_060)
            try $0.perform(.leave, by: .fourth)
            $0.now = .second(3_060)
            try $0.perform(second, by: .relay)
        }
        #expect(try row(.he, classroom).onlineMilliseconds == 1_600_000)
        #expect(try row(PersonID(unchecked: "sun"), classroom).onlineMilliseconds == 1_000_000)
        #expect(try row(PersonID(unchecked: "qian"), classroom).onlineMilliseconds == 600_000)
    }

    @Test func beingConnectedIsNotListening() throws {
        let classroom = try hour {
            $0.now = .second(560)
            try $0.perform(.reportPlayback(.playing), by: .wang)
            $0.now = .second(1_060)
            try $0.perform(.reportPlayback(.hidden), by: .wang)
            $0.now = .second(1_160)
            try $0.perform(.reportPlayback(.notPlaying(.paused)), by: .wang)
            $0.now = .second(2_060)
            try $0.perform(.reportPlayback(.playing), by: .wang)
            $0.now = .second(2_160)
            try $0.perform(.interrupt(.network), by: .wang)
            $0.now = .second(2_165)
            try $0.perform(.resume, by: .wang)
        }
        let wang = try row(.wang, classroom)
        #expect(wang.onlineMilliseconds == 3_600_000)
        #expect(wang.listeningMilliseconds == 700_000)
        #expect(wang.hiddenMilliseconds == 100_000)
        #expect(try row(.zhao, classroom).listeningMilliseconds == 0)
    }

    @Test func aRunningClassIsJudgedSoFar() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.expect([.wang, .he]), by: .relay)
        classroom.pass(600)
        let attendance = Attendance(events: classroom.log, at: classroom.now)
        #expect(attendance.lessonMilliseconds == 600_000)
        let wang = try #require(attendance.rows.first { $0.person == .wang })
        #expect(wang.isPresent && wang.lastLeave == nil)
        #expect(wang.onlineMilliseconds == 600_000)
        #expect(wang.earlyLeaveMilliseconds == nil)
        #expect(attendance.counts.absent == 1)
        #expect(!SessionReport(events: classroom.log, at: classroom.now).isFinal)
    }

    @Test func aClassThatNeverBeganJudgesNobody() throws {
        var classroom = Classroom()
        try classroom.perform(.expect([.wang]), by: .relay)
        try classroom.perform(.open, by: .relay)
        try classroom.perform(.join(.wang, .participant), by: .relay)
        classroom.pass(600)
        try classroom.perform(.end, by: .administrator)
        let attendance = Attendance(events: classroom.log)
        #expect(attendance.rows.map(\.verdict) == [.notJudged])
        #expect(attendance.counts.absent == nil)
        #expect(attendance.counts.present == 0)
    }

    @Test func aSupervisorIsNoRowButAVisit() throws {
        let classroom = try hour {
            $0.now = .second(1_000)
            try $0.perform(.join(.xu, .supervisor), by: .relay)
            $0.now = .second(1_100)
            try $0.perform(.leave, by: .fourth)
        }
        let report = SessionReport(events: classroom.log)
        #expect(!report.rows.contains { $0.person == .xu })
        #expect(report.visits.map(\.person) == [.xu])
        #expect(report.visits.first?.from == .second(1_000))
        #expect(report.visits.first?.to == .second(1_100))
    }

    @Test func aClassOverMidnightIsOneClass() throws {
        // 2026-11-23 23:30 in Shanghai, thirty minutes before midnight.
        let start = WallTime(milliseconds: 1_795_447_800_000)
        var classroom = Classroom(.lesson.with { $0.plannedStart = start })
        try classroom.perform(.startRelay(run: 1, wall: start), by: .relay)
        try classroom.perform(.open, by: .relay)
        try classroom.perform(.join(.lin, .lecturer), by: .relay)
        try classroom.perform(.join(.wang, .participant), by: .relay)
        try classroom.perform(.start, by: .lin)
        classroom.pass(3_600)
        try classroom.perform(.end, by: .lin)
        let report = SessionReport(events: classroom.log)
        #expect(report.lessonMilliseconds == 3_600_000)
        #expect(report.rows.map(\.attendance.onlineMilliseconds) == [3_600_000, 3_600_000])
        let ended = try #require(report.endedAt)
        #expect(report.wall(of: ended) == WallTime(milliseconds: 1_795_451_400_000))
    }

    @Test func aLogThatLiesIsFoldedAllTheSame() {
        let far = SessionTime(milliseconds: .max)
        let past = SessionTime(milliseconds: .min)
        let plan = SessionPlan.lesson.with {
            $0.attendance = AttendanceRule(
                lateAfterMinutes: .max, earlyLeaveBeforeMinutes: .min, presentShareMinimumPercent: .max)
        }
        let events: [(SessionTime, Event)] = [
            (.zero, .scheduled(plan)), (past, .started), (far, .left(.wang, .timedOut)),
            (past, .resumed(.wang)),
            (past, .joined(.wang, person: .wang, role: .participant, members: [.wang])),
            (past, .started), (.zero, .breakEnded), (.zero, .playbackChanged(.wang, .playing)),
            (past, .pollOpened(.first, .choice(.anonymous, options: 0))),
            (far, .pollClosed(.first, count: .max, sums: [.max])),
            (far, .pollClosed(.first, count: .max, sums: nil)),
            (far, .voteCast(.first, seat: .wang, option: -1)),
            (far, .breakStarted(plannedMinutes: .max)), (far, .ended(.requested)),
        ]
        let log = events.enumerated().map { number, event in
            RecordedEvent(n: UInt64(number), t: event.0, by: .relay, cause: nil, event: event.1)
        }
        for moment in [nil, past, SessionTime.zero, far] {
            let report = SessionReport(events: log, at: moment)
            #expect(report.rows.count <= 1)
            _ = report.wall(of: far)
        }
        var session = Session(id: SessionID(unchecked: "class"))
        for recorded in log { session.apply(recorded) }
        #expect(session.phase == .ended)
    }
}
