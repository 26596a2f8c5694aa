import SessionModel
import Testing

/// Coming, going, being cut off and coming back.
struct PresenceTests {
    @Test func seatsAreNumberedInOrderOfArrival() throws {
        var classroom = Classroom()
        #expect(
            try classroom.perform(.join(.lin, .lecturer), by: .relay)
                == [.joined(.lin, person: .lin, role: .lecturer, members: [])])
        try classroom.perform(.open, by: .lin)
        #expect(
            try classroom.perform(.join(person: .wang, role: .participant, members: [.he]), by: .relay)
                == [.joined(.wang, person: .wang, role: .participant, members: [.he])])
        #expect(classroom.session.seats.map(\.id) == [.lin, .wang])
        #expect(classroom.session.seat(of: .wang, role: .participant)?.members == [.he])
        #expect(classroom.session.seat(of: .wang, role: .lecturer) == nil)
        #expect(classroom.session.presentCount == 1)
    }

    @Test func theDoorIsClosedToParticipantsUntilItOpens() throws {
        var classroom = Classroom()
        #expect(classroom.refusal(.join(.wang, .participant), by: .relay) == .notNow)
        for role in [Role.lecturer, .assistant, .supervisor] {
            #expect(classroom.refusal(.join(.lin, role), by: .relay) == nil)
        }
        try classroom.perform(.open, by: .relay)
        #expect(classroom.refusal(.join(.wang, .participant), by: .relay) == nil)
    }

    @Test func rolesWithoutASeatCannotJoin() throws {
        let classroom = try Classroom.live()
        for role in Role.allCases where !role.takesSeat {
            #expect(classroom.refusal(.join(.he, role), by: .relay) == .notPermitted)
        }
    }

    @Test func onePersonMayHoldASeatInEachOfTwoRoles() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.join(.lin, .participant), by: .relay)
        #expect(classroom.session.seat(of: .lin, role: .lecturer)?.id == .lin)
        #expect(classroom.session.seat(of: .lin, role: .participant)?.id == .fourth)
    }

    @Test(arguments: [DuplicateLogin.newestWins, .allowBoth])
    func joiningTwiceTakesTheSameSeat(policy: DuplicateLogin) throws {
        let classroom = try Classroom.live(.lesson.with { $0.duplicateLogin = policy })
        #expect(try classroom.session.decide(.join(.wang, .participant), by: .relay, at: .zero) == Decision())
    }

    @Test func joiningTwiceIsRefusedWhereTheClassSaysSo() throws {
        var classroom = try Classroom.live(.lesson.with { $0.duplicateLogin = .refuse })
        #expect(classroom.refusal(.join(.wang, .participant), by: .relay) == .alreadyInClass)
        try classroom.perform(.interrupt(.network), by: .wang)
        #expect(try classroom.perform(.join(.wang, .participant), by: .relay) == [.resumed(.wang)])
    }

    @Test func aFullClassRefusesParticipantsAndStillLetsTheLecturerIn() throws {
        var classroom = try Classroom.live()
        let seats = ClassKind.smallInteractive.policy.seatsMaximum
        for number in 2..<seats {
            try classroom.perform(.join(PersonID(unchecked: "n\(number)"), .participant), by: .relay)
        }
        #expect(classroom.session.presentCount == seats)
        #expect(classroom.refusal(.join(.he, .participant), by: .relay) == .classFull)
        #expect(classroom.refusal(.join(.he, .assistant), by: .relay) == nil)
        try classroom.perform(.interrupt(.network), by: .wang)
        #expect(classroom.refusal(.join(.he, .participant), by: .relay) == .classFull)
        try classroom.perform(.leave, by: .zhao)
        #expect(classroom.refusal(.join(.he, .participant), by: .relay) == nil)
        try classroom.perform(.join(.he, .participant), by: .relay)
        #expect(classroom.refusal(.join(.zhao, .participant), by: .relay) == .classFull)
        #expect(classroom.refusal(.resume, by: .wang) == nil)
    }

    @Test func aSeatHasRoomForSoManyMembers() throws {
        let classroom = try Classroom.live()
        let members = (0...SessionLimits.seatMembersCountMaximum).map { PersonID(unchecked: "m\($0)") }
        let tooMany = Command.join(person: .he, role: .participant, members: members)
        let enough = Command.join(person: .he, role: .participant, members: Array(members.dropLast()))
        #expect(classroom.refusal(tooMany, by: .relay) == .limitReached)
        #expect(classroom.refusal(enough, by: .relay) == nil)
    }

    @Test func whoIsCutOffKeepsTheSeatForTheGrace() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.raiseHand, by: .wang)
        #expect(try classroom.perform(.interrupt(.network), by: .wang) == [.interrupted(.wang, .network)])
        #expect(try classroom.perform(.interrupt(.tooSlow), by: .wang).isEmpty)
        #expect(classroom.session.presentCount == 2)
        #expect(classroom.session.nextDeadline == .second(120))
        classroom.pass(59)
        #expect(try classroom.perform(.passTime, by: .relay).isEmpty)
        #expect(classroom.refusal(.lowerHand(nil), by: .wang) == .seatAbsent)
        #expect(try classroom.perform(.resume, by: .wang) == [.resumed(.wang)])
        #expect(try classroom.perform(.resume, by: .wang).isEmpty)
        #expect(classroom.session.nextDeadline == nil)
        #expect(classroom.session.hands.map(\.seat) == [.wang])
    }

    @Test func whoDoesNotComeBackHasLeft() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.raiseHand, by: .wang)
        try classroom.perform(.interrupt(.network), by: .wang)
        classroom.pass(1)
        try classroom.perform(.interrupt(.network), by: .zhao)
        classroom.pass(59)
        #expect(
            try classroom.perform(.passTime, by: .relay)
                == [.handLowered(.wang, .left), .left(.wang, .timedOut)])
        #expect(classroom.session.nextDeadline == .second(121))
        classroom.pass(100)
        #expect(try classroom.perform(.passTime, by: .relay) == [.left(.zhao, .timedOut)])
        #expect(classroom.session.presentCount == 0)
        #expect(classroom.refusal(.resume, by: .wang) == .seatAbsent)
        #expect(
            try classroom.perform(.join(.wang, .participant), by: .relay)
                == [.joined(.wang, person: .wang, role: .participant, members: [])])
    }

    @Test func leavingLowersTheHandEndsTheTurnClosesTheTracks() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.callToSpeak(.wang), by: .lin)
        try classroom.perform(.openTrack(channels: 1), by: .wang)
        try classroom.perform(.raiseHand, by: .zhao)
        #expect(
            try classroom.perform(.leave, by: .wang) == [
                .turnEnded(.wang, .left), .trackClosed(TrackID(1), .left), .left(.wang, .requested),
            ])
        #expect(
            try classroom.perform(.leave, by: .zhao)
                == [.handLowered(.zhao, .left), .left(.zhao, .requested)])
        #expect(classroom.refusal(.leave, by: .wang) == .seatAbsent)
        #expect(classroom.refusal(.interrupt(.network), by: .wang) == .seatAbsent)
        #expect(classroom.refusal(.leave, by: .seat(.nobody)) == .seatUnknown)
    }

    @Test func whoIsInterruptedCanStillSayGoodbye() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.interrupt(.network), by: .wang)
        #expect(try classroom.perform(.leave, by: .wang) == [.left(.wang, .requested)])
        #expect(classroom.session.nextDeadline == nil)
    }

    @Test func aRestartInterruptsEverybodyAndGivesTheFullGrace() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.interrupt(.network), by: .zhao)
        classroom.pass(600)
        let wall = WallTime(milliseconds: 1_795_000_660_000)
        #expect(
            try classroom.perform(.startRelay(run: 2, wall: wall), by: .relay) == [
                .relayStarted(run: 2, wall: wall), .interrupted(.lin, .server), .interrupted(.wang, .server),
            ])
        #expect(classroom.session.run == 2)
        // Nobody could come back while the relay was away, so nobody has left yet.
        #expect(classroom.session.nextDeadline == .second(720))
        #expect(try classroom.perform(.passTime, by: .relay).isEmpty)
        #expect(try classroom.perform(.resume, by: .zhao) == [.resumed(.zhao)])
        #expect(try classroom.perform(.resume, by: .lin) == [.resumed(.lin)])
        classroom.pass(60)
        #expect(try classroom.perform(.passTime, by: .relay) == [.left(.wang, .timedOut)])
    }

    @Test func whoIsRemovedMayComeBackUnlessBanned() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.callToSpeak(.wang), by: .lin)
        #expect(
            try classroom.perform(.remove(.wang, isBanned: false), by: .lin)
                == [.turnEnded(.wang, .left), .removed(.wang, isBanned: false)])
        #expect(classroom.refusal(.remove(.wang, isBanned: false), by: .lin) == .seatAbsent)
        #expect(classroom.refusal(.say("t"), by: .wang) == .seatAbsent)
        try classroom.perform(.join(.wang, .participant), by: .relay)
        #expect(classroom.session.seat(.wang)?.presence == .connected)
        try classroom.perform(.remove(.wang, isBanned: true), by: .lin)
        #expect(classroom.session.seat(.wang)?.isBanned == true)
        #expect(classroom.refusal(.join(.wang, .participant), by: .relay) == .banned)
        #expect(classroom.refusal(.join(.wang, .assistant), by: .relay) == .banned)
        #expect(classroom.refusal(.resume, by: .wang) == .banned)
        #expect(classroom.refusal(.remove(.wang, isBanned: true), by: .lin) == .seatAbsent)
    }

    @Test func whoHasLeftCanStillBeBanned() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.leave, by: .wang)
        #expect(
            try classroom.perform(.remove(.wang, isBanned: true), by: .lin)
                == [.removed(.wang, isBanned: true)])
        #expect(classroom.session.presentCount == 1)
        #expect(classroom.refusal(.join(.wang, .participant), by: .relay) == .banned)
    }

    @Test func nobodyRemovesThoseWhoHaveMoreToSay() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.join(.he, .assistant), by: .relay)
        #expect(classroom.refusal(.remove(.lin, isBanned: false), by: .fourth) == .notPermitted)
        #expect(classroom.refusal(.remove(.lin, isBanned: false), by: .lin) == .notPermitted)
        #expect(classroom.refusal(.remove(.wang, isBanned: false), by: .zhao) == .notPermitted)
        #expect(classroom.refusal(.remove(.fourth, isBanned: false), by: .lin) == nil)
        #expect(classroom.refusal(.remove(.lin, isBanned: false), by: .administrator) == nil)
        #expect(classroom.refusal(.remove(.nobody, isBanned: false), by: .lin) == .seatUnknown)
    }

    @Test func aSupervisorIsNotThereForTheClass() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.join(.xu, .supervisor), by: .relay)
        #expect(classroom.session.presentCount == 2)
        #expect(classroom.refusal(.remove(.fourth, isBanned: false), by: .lin) == .seatUnknown)
        #expect(classroom.refusal(.mute(.fourth), by: .lin) == .seatUnknown)
        #expect(classroom.refusal(.callToSpeak(.fourth), by: .lin) == .seatUnknown)
        #expect(classroom.refusal(.remove(.fourth, isBanned: false), by: .administrator) == nil)
        for command in [Command.say("t"), .raiseHand, .openTrack(channels: 1), .mute(.wang), .end] {
            #expect(classroom.refusal(command, by: .fourth) == .notPermitted)
        }
    }

    @Test func playbackIsTakenDownWhenItChanges() throws {
        var classroom = try Classroom.live()
        #expect(
            try classroom.perform(.reportPlayback(.playing), by: .wang) == [.playbackChanged(.wang, .playing)]
        )
        #expect(try classroom.perform(.reportPlayback(.playing), by: .wang).isEmpty)
        #expect(
            try classroom.perform(.reportPlayback(.notPlaying(.blocked)), by: .wang)
                == [.playbackChanged(.wang, .notPlaying(.blocked))])
        #expect(classroom.session.seat(.wang)?.playback == .notPlaying(.blocked))
        try classroom.perform(.interrupt(.network), by: .wang)
        #expect(classroom.session.seat(.wang)?.playback == nil)
        #expect(classroom.refusal(.reportPlayback(.playing), by: .wang) == .seatAbsent)
    }
}
