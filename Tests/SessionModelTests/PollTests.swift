import SessionModel
import Testing

struct PollTests {
    @Test func aNamedPollKnowsWhoChoseWhat() throws {
        var classroom = try Classroom.live()
        let question = PollQuestion.choice(.named)
        #expect(try classroom.perform(.openPoll(question), by: .lin) == [.pollOpened(.first, question)])
        #expect(classroom.session.openPoll?.id == .first)
        #expect(
            try classroom.perform(.vote(.first, option: 2), by: .zhao)
                == [.voteCast(.first, seat: .zhao, option: 2)])
        try classroom.perform(.vote(.first, option: 0), by: .wang)
        let answers = try #require(classroom.session.openPoll?.answers)
        #expect(answers.map(\.seat) == [.wang, .zhao])
        #expect(answers.map(\.option) == [0, 2])
        #expect(classroom.session.openPoll?.result == nil)
        #expect(
            try classroom.perform(.closePoll(.first), by: .lin)
                == [.pollClosed(.first, count: 2, sums: [1, 0, 1])])
        #expect(classroom.session.openPoll == nil)
        #expect(classroom.session.poll(.first)?.result == [1, 0, 1])
        #expect(classroom.session.poll(.first)?.count == 2)
    }

    @Test func aVoteIsRefusedWhereItDoesNotCount() throws {
        var classroom = try Classroom.live()
        #expect(classroom.refusal(.vote(.first, option: 0), by: .wang) == .pollUnknown)
        try classroom.perform(.openPoll(.choice(.named)), by: .lin)
        for option in [Int.min, -1, 3, Int.max] {
            #expect(classroom.refusal(.vote(.first, option: option), by: .wang) == .optionUnknown)
        }
        try classroom.perform(.vote(.first, option: 1), by: .wang)
        #expect(classroom.refusal(.vote(.first, option: 1), by: .wang) == .alreadyVoted)
        #expect(classroom.refusal(.vote(.first, option: 1), by: .lin) == .notPermitted)
        try classroom.perform(.closePoll(.first), by: .lin)
        #expect(classroom.refusal(.vote(.first, option: 1), by: .zhao) == .pollClosed)
    }

    @Test func onePollAtATimeWithAFewOptions() throws {
        var classroom = try Classroom.live()
        for options in [0, 1, SessionLimits.pollOptionsCountMaximum + 1] {
            let command = Command.openPoll(.choice(.named, options: options))
            #expect(classroom.refusal(command, by: .lin) == .optionCountOutOfRange)
        }
        #expect(classroom.refusal(.openPoll(.choice(.named)), by: .wang) == .notPermitted)
        #expect(classroom.refusal(.closePoll(.first), by: .lin) == .pollUnknown)
        try classroom.perform(.openPoll(.choice(.named, options: 9)), by: .lin)
        #expect(classroom.refusal(.openPoll(.choice(.named)), by: .lin) == .pollAlreadyOpen)
        try classroom.perform(.closePoll(.first), by: .lin)
        #expect(classroom.refusal(.closePoll(.first), by: .lin) == .pollClosed)
        #expect(classroom.refusal(.openPoll(.choice(.named)), by: .lin) == nil)
    }

    @Test func aClassHasSoManyPolls() throws {
        var classroom = try Classroom.live()
        for number in 1...SessionLimits.pollsCountMaximum {
            try classroom.perform(.openPoll(.choice(.named)), by: .lin)
            try classroom.perform(.closePoll(PollID(unchecked: "p\(number)")), by: .lin)
        }
        #expect(classroom.refusal(.openPoll(.choice(.named)), by: .lin) == .limitReached)
    }

    @Test func aPollStaysOpenInABreak() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.openPoll(.choice(.named)), by: .lin)
        try classroom.perform(.startBreak(minutes: 5), by: .lin)
        #expect(classroom.session.openPoll?.id == .first)
        try classroom.perform(.vote(.first, option: 0), by: .wang)
        try classroom.perform(.closePoll(.first), by: .lin)
    }

    @Test func anAnonymousVoteIsABallotAndNoEvent() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.openPoll(.choice(.anonymous)), by: .lin)
        let before = classroom.session.lastN
        let decision = try classroom.session.decide(.vote(.first, option: 2), by: .wang, at: classroom.now)
        #expect(decision.events.isEmpty)
        #expect(decision.ballots == [Ballot(poll: .first, seat: .wang, option: 2)])
        try classroom.perform(.vote(.first, option: 2), by: .wang, cause: CommandID(unchecked: "x"))
        #expect(classroom.session.lastN == before)
        #expect(classroom.session.outcome(of: CommandID(unchecked: "x"), by: .wang) == nil)
        let poll = try #require(classroom.session.openPoll)
        #expect(poll.hasVoted(.wang))
        #expect(!poll.hasVoted(.zhao))
        #expect(poll.answers == nil)
        #expect(poll.count == 1)
        #expect(classroom.refusal(.vote(.first, option: 0), by: .wang) == .alreadyVoted)
    }

    @Test(arguments: 1...8)
    func anonymousSumsAppearFromFiveBallots(voters: Int) throws {
        var classroom = try Classroom.live()
        for number in 0..<voters {
            try classroom.perform(.join(PersonID(unchecked: "n\(number)"), .participant), by: .relay)
        }
        try classroom.perform(.openPoll(.choice(.anonymous)), by: .lin)
        for number in 0..<voters {
            let seat = SeatID(unchecked: "s\(4 + number)")
            try classroom.perform(.vote(.first, option: number % 3), by: .seat(seat))
        }
        #expect(classroom.session.openPoll?.result == nil)
        let sums = (0..<3).map { option in (0..<voters).count { $0 % 3 == option } }
        let published = voters < SessionLimits.anonymousBallotsCountMinimum ? nil : sums
        #expect(
            try classroom.perform(.closePoll(.first), by: .lin)
                == [.pollClosed(.first, count: voters, sums: published)])
        #expect(classroom.session.poll(.first)?.result == published)
    }

    @Test func theOrderOfAnonymousVotesLeavesNoTrace() throws {
        var forwards = try Classroom.live()
        try forwards.perform(.openPoll(.choice(.anonymous)), by: .lin)
        var backwards = forwards
        try forwards.perform(.vote(.first, option: 2), by: .wang)
        try forwards.perform(.vote(.first, option: 0), by: .zhao)
        try backwards.perform(.vote(.first, option: 2), by: .zhao)
        try backwards.perform(.vote(.first, option: 0), by: .wang)
        #expect(forwards.session == backwards.session)
        #expect(forwards.log == backwards.log)
    }

    @Test func aBallotBoxBringsBackWhoVotedAndWhatWasChosen() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.openPoll(.choice(.anonymous)), by: .lin)
        try classroom.perform(.vote(.first, option: 2), by: .zhao)
        try classroom.perform(.vote(.first, option: 0), by: .wang)
        let poll = try #require(classroom.session.openPoll)
        #expect(poll.voters == [.wang, .zhao])
        #expect(poll.ballots == [0, 2])
        #expect(classroom.recovered == classroom.session)
    }

    @Test func aBallotThatDoesNotBelongChangesNothing() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.openPoll(.choice(.anonymous)), by: .lin)
        try classroom.perform(.vote(.first, option: 1), by: .wang)
        let before = classroom.session
        classroom.session.cast(Ballot(poll: .first, seat: .wang, option: 0))
        classroom.session.cast(Ballot(poll: .first, seat: .zhao, option: 7))
        classroom.session.cast(Ballot(poll: PollID(unchecked: "p9"), seat: .zhao, option: 0))
        classroom.session.restore(poll: PollID(unchecked: "p9"), voters: [.zhao], ballots: [0])
        #expect(classroom.session == before)
    }
}
