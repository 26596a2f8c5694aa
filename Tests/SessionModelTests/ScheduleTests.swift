import SessionModel
import Testing

/// The life of a class: scheduled → open → live ⇄ break → ended.
struct ScheduleTests {
    private static let absence = SessionLimits.teacherAbsenceMilliseconds

    /// A class that lin left in some way, and in which time then goes by.
    private func left(
        _ how: Command, by actor: Actor = .lin, _ script: (inout Classroom) throws -> Void = { _ in }
    )
        throws -> Classroom
    {
        var classroom = try Classroom.live()
        try classroom.perform(how, by: actor)
        try script(&classroom)
        while let deadline = classroom.session.nextDeadline, deadline <= .second(100_000) {
            classroom.now = max(classroom.now, deadline)
            guard try !classroom.perform(.passTime, by: .relay).isEmpty else { break }
        }
        return classroom
    }

    @Test func aLessonThatItsLecturerLeftEndsByItself() throws {
        let classroom = try left(.leave)
        #expect(classroom.session.phase == .ended)
        #expect(classroom.session.endedAt == SessionTime.second(60).advanced(byMilliseconds: Self.absence))
        #expect(SessionReport(events: classroom.log).endCause == .teachersLeft)
    }

    @Test func theNetworkNeverEndsALesson() throws {
        let classroom = try left(.interrupt(.network))
        #expect(classroom.session.seat(.lin)?.presence == .left(.timedOut))
        #expect(classroom.session.phase == .live)
        #expect(classroom.session.nextDeadline == nil)
    }

    @Test func aLessonWithAnAssistantGoesOn() throws {
        let classroom = try left(.leave) { try $0.perform(.join(.he, .assistant), by: .relay) }
        #expect(classroom.session.phase == .live)
    }

    @Test func anAssistantWhomTheNetworkTookKeepsTheLessonGoing() throws {
        let classroom = try left(.join(.he, .assistant), by: .relay) {
            try $0.perform(.interrupt(.network), by: .fourth)
            $0.pass(61)
            try $0.perform(.passTime, by: .relay)
            try $0.perform(.leave, by: .lin)
        }
        #expect(classroom.session.phase == .live)
    }

    @Test func theRelaysOwnAbsenceDoesNotCountAgainstTheLecturer() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.leave, by: .lin)
        classroom.pass(milliseconds: Self.absence * 4)
        try classroom.perform(.startRelay(run: 2, wall: WallTime(milliseconds: 0)), by: .relay)
        let due = classroom.now.advanced(byMilliseconds: Self.absence)
        #expect(classroom.session.teachersDeadline == due)
        classroom.pass(milliseconds: Self.absence - 1)
        try classroom.perform(.passTime, by: .relay)
        #expect(classroom.session.phase == .live)
        try classroom.perform(.join(.lin, .lecturer), by: .relay)
        #expect(classroom.session.teachersDeadline == nil)
    }

    @Test func nothingIsPossibleBeforeTheClassIsPlanned() {
        let session = Session(id: SessionID(unchecked: "class"))
        #expect(throws: Rejection.notNow) { try session.decide(.open, by: .administrator, at: .zero) }
        #expect(throws: Rejection.notNow) {
            try session.decide(.join(.lin, .lecturer), by: .relay, at: .zero)
        }
    }

    @Test func aClassOpensStartsPausesGoesOnAndEnds() throws {
        var classroom = Classroom()
        #expect(classroom.session.phase == .scheduled)
        #expect(try classroom.perform(.open, by: .relay) == [.opened])
        #expect(classroom.session.phase == .open)
        try classroom.perform(.join(.lin, .lecturer), by: .relay)
        classroom.pass(10)
        #expect(try classroom.perform(.start, by: .lin) == [.started])
        #expect(classroom.session.phase == .live)
        #expect(classroom.session.startedAt == .second(10))
        classroom.pass(10)
        #expect(
            try classroom.perform(.startBreak(minutes: 10), by: .lin) == [.breakStarted(plannedMinutes: 10)])
        #expect(classroom.session.phase == .onBreak)
        #expect(classroom.session.breakStartedAt == .second(20))
        #expect(classroom.session.breakMinutes == 10)
        classroom.pass(10)
        #expect(try classroom.perform(.endBreak, by: .lin) == [.breakEnded])
        #expect(classroom.session.phase == .live)
        #expect(classroom.session.breakStartedAt == nil)
        #expect(classroom.session.breakMinutes == nil)
        classroom.pass(10)
        #expect(
            try classroom.perform(.end, by: .lin) == [.left(.lin, .sessionEnded), .ended(.requested)])
        #expect(classroom.session.phase == .ended)
        #expect(classroom.session.endedAt == .second(40))
    }

    @Test func aClassCannotSkipStatesOrGoBack() throws {
        var classroom = Classroom()
        #expect(classroom.refusal(.start, by: .administrator) == .notNow)
        #expect(classroom.refusal(.startBreak(minutes: 5), by: .administrator) == .notNow)
        #expect(classroom.refusal(.endBreak, by: .administrator) == .notNow)
        try classroom.perform(.open, by: .administrator)
        #expect(classroom.refusal(.open, by: .administrator) == .notNow)
        try classroom.perform(.start, by: .administrator)
        #expect(classroom.refusal(.start, by: .administrator) == .notNow)
        #expect(classroom.refusal(.endBreak, by: .administrator) == .notNow)
        try classroom.perform(.startBreak(minutes: 5), by: .administrator)
        #expect(classroom.refusal(.startBreak(minutes: 5), by: .administrator) == .notNow)
        try classroom.perform(.end, by: .administrator)
        for command in [Command.open, .start, .startBreak(minutes: 5), .endBreak, .end] {
            #expect(classroom.refusal(command, by: .administrator) == .sessionEnded)
        }
    }

    @Test func breaksHaveBounds() throws {
        let classroom = try Classroom.live()
        for minutes in [Int.min, -1, 0, SessionLimits.breakMinutesMaximum + 1, Int.max] {
            #expect(classroom.refusal(.startBreak(minutes: minutes), by: .lin) == .minutesOutOfRange)
        }
        for minutes in [1, SessionLimits.breakMinutesMaximum] {
            #expect(classroom.refusal(.startBreak(minutes: minutes), by: .lin) == nil)
        }
    }

    @Test func theEndClosesWhatIsOpenInAFixedOrder() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.openTrack(channels: 2), by: .lin)
        try classroom.perform(.callToSpeak(.wang), by: .lin)
        try classroom.perform(.openTrack(channels: 1), by: .wang)
        try classroom.perform(.raiseHand, by: .zhao)
        try classroom.perform(.openPoll(.choice(.named)), by: .lin)
        try classroom.perform(.vote(.first, option: 1), by: .zhao)
        let expected: [Event] = [
            .turnEnded(.wang, .sessionEnded), .trackClosed(TrackID(1), .sessionEnded),
            .trackClosed(TrackID(2), .sessionEnded), .pollClosed(.first, count: 1, sums: [0, 1, 0]),
            .handLowered(.zhao, .left), .left(.lin, .sessionEnded), .left(.wang, .sessionEnded),
            .left(.zhao, .sessionEnded), .ended(.requested),
        ]
        #expect(try classroom.perform(.end, by: .lin) == expected)
        #expect(classroom.session.presentCount == 0)
        #expect(classroom.session.tracks.isEmpty)
        #expect(classroom.session.nextDeadline == nil)
        #expect(classroom.session.polls.first?.result == [0, 1, 0])
    }

    @Test func theEndSaysWhoAskedForIt() throws {
        var classroom = Classroom()
        #expect(try classroom.perform(.end, by: .administrator) == [.ended(.administrator)])
        #expect(classroom.refusal(.join(.lin, .lecturer), by: .relay) == .sessionEnded)
    }

    @Test func theListOfThoseExpectedKeepsItsOrderAndHasNoDoubles() throws {
        var classroom = Classroom()
        #expect(
            try classroom.perform(.expect([.zhao, .wang, .zhao]), by: .administrator) == [
                .peopleExpected([.zhao, .wang])
            ])
        #expect(try classroom.perform(.expect([.wang, .lin]), by: .relay) == [.peopleExpected([.lin])])
        #expect(try classroom.perform(.expect([.wang]), by: .relay).isEmpty)
        #expect(classroom.session.expected == [.zhao, .wang, .lin])
    }

    @Test func aLongListIsCutIntoLinesAndHasAnEnd() throws {
        var classroom = Classroom()
        let people = (0..<1_201).map { PersonID(unchecked: "person-\($0)") }
        let events = try classroom.perform(.expect(people), by: .administrator)
        #expect(events.count == 3)
        #expect(classroom.session.expected == people)
        let more = (0..<SessionLimits.expectedCountMaximum).map { PersonID(unchecked: "other-\($0)") }
        #expect(classroom.refusal(.expect(more), by: .administrator) == .limitReached)
    }

    @Test func numbersHaveNoGapAndTimeNeverDecreases() throws {
        var classroom = try Classroom.live()
        classroom.now = .second(5)
        try classroom.perform(.raiseHand, by: .wang)
        #expect(classroom.log.map(\.n) == (1...UInt64(classroom.log.count)).map { $0 })
        #expect(classroom.log.last?.t == .second(60))
        #expect(classroom.session.lastN == UInt64(classroom.log.count))
    }

    @Test func recordingStopsAndGoesOnOnce() throws {
        var classroom = try Classroom.live()
        #expect(try classroom.perform(.resumeRecording, by: .relay).isEmpty)
        #expect(try classroom.perform(.pauseRecording(.noSpace), by: .relay) == [.recordingPaused(.noSpace)])
        #expect(classroom.session.isRecordingPaused == .noSpace)
        #expect(try classroom.perform(.pauseRecording(.failed), by: .relay).isEmpty)
        #expect(try classroom.perform(.resumeRecording, by: .relay) == [.recordingResumed])
        #expect(classroom.session.isRecordingPaused == nil)
    }

    @Test func textsCanBeRemovedAfterTheEnd() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.end, by: .lin)
        #expect(
            try classroom.perform(.removeTexts(.notRecorded), by: .relay) == [.textsRemoved(.notRecorded)])
    }

    @Test func aCommandIsRememberedByTheSeatThatGaveIt() throws {
        var classroom = try Classroom.live()
        let raise = CommandID(unchecked: "raise")
        try classroom.perform(.raiseHand, by: .wang, cause: raise)
        let n = classroom.session.lastN
        try classroom.perform(.callToSpeak(.wang), by: .lin, cause: CommandID(unchecked: "call"))
        #expect(classroom.session.outcome(of: raise, by: .wang) == n)
        #expect(classroom.session.outcome(of: raise, by: .zhao) == nil)
        #expect(classroom.session.outcome(of: CommandID(unchecked: "call"), by: .lin) == n + 2)
        for number in 0..<SessionLimits.commandsRememberedCountMaximum {
            let cause = CommandID(unchecked: "mute-\(number)")
            let command: Command = number.isMultiple(of: 2) ? .mute(.lin) : .unmute(.lin)
            try classroom.perform(command, by: .lin, cause: cause)
        }
        #expect(classroom.session.outcome(of: CommandID(unchecked: "call"), by: .lin) == nil)
        #expect(classroom.session.outcome(of: CommandID(unchecked: "mute-0"), by: .lin) != nil)
        #expect(classroom.session.outcome(of: raise, by: .wang) == n)
    }
}
