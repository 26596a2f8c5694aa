import SessionModel
import Testing

struct ChatTests {
    @Test func entriesAreNumberedAndKept() throws {
        var classroom = try Classroom.live()
        #expect(
            try classroom.perform(.say("t1"), by: .wang)
                == [.chatPosted(.first, seat: .wang, text: .named("t1"))])
        try classroom.perform(.say("t2"), by: .lin)
        #expect(classroom.session.chat.map(\.id.text) == ["c1", "c2"])
        #expect(classroom.session.chat.map(\.seat) == [.wang, .lin])
        #expect(classroom.session.chat.first?.at == .second(60))
    }

    @Test func aTextHasALength() throws {
        let classroom = try Classroom.live()
        let bounds: [(Int, Rejection?)] = [
            (Int.min, .textEmpty), (0, .textEmpty), (1, nil), (SessionLimits.chatCharactersMaximum, nil),
            (SessionLimits.chatCharactersMaximum + 1, .textTooLong), (Int.max, .textTooLong),
        ]
        for (characters, rejection) in bounds {
            let command = Command.postChat(text: .named("t"), characters: characters)
            #expect(classroom.refusal(command, by: .wang) == rejection)
        }
    }

    @Test func chatOpensWithTheDoorAndEndsWithTheClass() throws {
        var classroom = Classroom()
        try classroom.perform(.join(.lin, .lecturer), by: .relay)
        #expect(classroom.refusal(.say("t"), by: .lin) == .notNow)
        try classroom.perform(.open, by: .lin)
        #expect(classroom.refusal(.say("t"), by: .lin) == nil)
        #expect(classroom.refusal(.say("t"), by: .administrator) == .notPermitted)
        #expect(classroom.refusal(.say("t"), by: .relay) == .notPermitted)
        try classroom.perform(.end, by: .lin)
        #expect(classroom.refusal(.say("t"), by: .lin) == .sessionEnded)
    }

    @Test func oneSeatMayNotTalkAllTheTime() throws {
        var classroom = try Classroom.live()
        for _ in 0..<SessionLimits.chatPerSeatCountMaximum { try classroom.perform(.say("t"), by: .wang) }
        #expect(classroom.refusal(.say("t"), by: .wang) == .tooFast)
        #expect(classroom.refusal(.say("t"), by: .zhao) == nil)
        classroom.pass(milliseconds: SessionLimits.chatWindowMilliseconds - 1)
        #expect(classroom.refusal(.say("t"), by: .wang) == .tooFast)
        classroom.pass(milliseconds: 1)
        #expect(classroom.refusal(.say("t"), by: .wang) == nil)
    }

    @Test func theWholeClassMayNotTalkFasterThanAnybodyReads() throws {
        var classroom = try Classroom.live()
        let talkers = SessionLimits.chatPerSessionCountMaximum / SessionLimits.chatPerSeatCountMaximum
        for number in 0..<talkers {
            let person = PersonID(unchecked: "n\(number)")
            try classroom.perform(.join(person, .participant), by: .relay)
            let seat = try #require(classroom.session.seat(of: person, role: .participant)).id
            for _ in 0..<SessionLimits.chatPerSeatCountMaximum {
                try classroom.perform(.say("t"), by: .seat(seat))
            }
        }
        #expect(classroom.refusal(.say("t"), by: .wang) == .tooFast)
        #expect(classroom.session.chat.count == SessionLimits.chatBacklogCountMaximum)
        #expect(classroom.session.chat.last?.id.text == "c500")
        classroom.pass(10)
        #expect(classroom.refusal(.say("t"), by: .wang) == nil)
    }

    @Test func aHiddenEntryStaysFlagged() throws {
        var classroom = try Classroom.live()
        try classroom.perform(.say("t"), by: .wang)
        #expect(try classroom.perform(.hideChat(.first), by: .lin) == [.chatHidden(.first)])
        #expect(classroom.session.chat.map(\.isHidden) == [true])
        #expect(classroom.refusal(.hideChat(.first), by: .lin) == .chatAlreadyHidden)
        #expect(classroom.refusal(.hideChat(.first), by: .wang) == .notPermitted)
    }

    @Test func onlyWhatWasSaidCanBeHidden() throws {
        var classroom = try Classroom.live()
        #expect(classroom.refusal(.hideChat(.first), by: .lin) == .chatUnknown)
        try classroom.perform(.say("t"), by: .wang)
        for text in ["c0", "c2", "c01", "x1", "c", "c-1", "c99999999999999999999"] {
            #expect(classroom.refusal(.hideChat(ChatID(unchecked: text)), by: .lin) == .chatUnknown)
        }
    }

    @Test func anEntryTooOldForTheBacklogCanBeHiddenOnce() throws {
        var classroom = try Classroom.live()
        for _ in 0...SessionLimits.chatBacklogCountMaximum {
            classroom.pass(2)
            try classroom.perform(.say("t"), by: .wang)
        }
        #expect(classroom.session.chat.first?.id.text == "c2")
        #expect(try classroom.perform(.hideChat(.first), by: .lin) == [.chatHidden(.first)])
        #expect(classroom.refusal(.hideChat(.first), by: .lin) == .chatAlreadyHidden)
    }
}
