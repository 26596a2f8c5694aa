import SessionModel
import Testing

struct RejectionTests {
    private struct Attempt {
        let rejection: Rejection
        let prepare: [(Command, Actor)]
        let command: Command
        let actor: Actor

        init(
            _ rejection: Rejection, after prepare: [(Command, Actor)] = [], _ command: Command, _ actor: Actor
        ) {
            self.rejection = rejection
            self.prepare = prepare
            self.command = command
            self.actor = actor
        }
    }

    /// Refused by the host or by the wire before the class is asked.
    private let outside: [Rejection] = [.textInvalid, .malformed, .unknownType, .tooManyInFlight, .noSpace]
    /// Refused only in a class so full that other tests build it.
    private let full: [Rejection] = [.classFull, .handQueueFull, .speakersFull, .alreadyInClass]

    private let attempts: [Attempt] = [
        Attempt(.notPermitted, .end, .wang),
        Attempt(.notNow, .endBreak, .lin),
        Attempt(.sessionEnded, after: [(.end, .lin)], .say("t"), .wang),
        Attempt(
            .banned, after: [(.remove(.wang, isBanned: true), .lin)], .join(.wang, .participant), .relay),
        Attempt(.seatUnknown, .mute(.nobody), .lin),
        Attempt(.seatAbsent, after: [(.leave, .wang)], .mute(.wang), .lin),
        Attempt(.minutesOutOfRange, .startBreak(minutes: 0), .lin),
        Attempt(.textEmpty, .postChat(text: .named("t"), characters: 0), .wang),
        Attempt(.textTooLong, .postChat(text: .named("t"), characters: 501), .wang),
        Attempt(
            .tooFast, after: Array(repeating: (.say("t"), .wang), count: 10), .say("t"), .wang),
        Attempt(.chatUnknown, .hideChat(.first), .lin),
        Attempt(
            .chatAlreadyHidden, after: [(.say("t"), .wang), (.hideChat(.first), .lin)], .hideChat(.first),
            .lin),
        Attempt(.handAlreadyRaised, after: [(.raiseHand, .wang)], .raiseHand, .wang),
        Attempt(.handNotRaised, .lowerHand(nil), .wang),
        Attempt(.alreadySpeaking, after: [(.callToSpeak(.wang), .lin)], .raiseHand, .wang),
        Attempt(.notSpeaking, .openTrack(channels: 1), .wang),
        Attempt(.alreadyMuted, after: [(.mute(.wang), .lin)], .mute(.wang), .lin),
        Attempt(.notMuted, .unmute(.wang), .lin),
        Attempt(
            .pollAlreadyOpen, after: [(.openPoll(.choice(.named)), .lin)], .openPoll(.choice(.named)), .lin),
        Attempt(.pollUnknown, .vote(.first, option: 0), .wang),
        Attempt(
            .pollClosed, after: [(.openPoll(.choice(.named)), .lin), (.closePoll(.first), .lin)],
            .vote(.first, option: 0), .wang),
        Attempt(.optionUnknown, after: [(.openPoll(.choice(.named)), .lin)], .vote(.first, option: 3), .wang),
        Attempt(.optionCountOutOfRange, .openPoll(.choice(.named, options: 1)), .lin),
        Attempt(
            .alreadyVoted,
            after: [(.openPoll(.choice(.anonymous)), .lin), (.vote(.first, option: 0), .wang)],
            .vote(.first, option: 1), .wang),
        Attempt(.trackUnknown, .closeTrack(TrackID(1)), .lin),
        Attempt(.channelsOutOfRange, .openTrack(channels: 3), .lin),
        Attempt(.trackAlreadyOpen, after: [(.openTrack(channels: 1), .lin)], .openTrack(channels: 1), .lin),
        Attempt(
            .limitReached,
            .join(person: .he, role: .participant, members: Array(repeating: .xu, count: 101)), .relay),
    ]

    @Test func everyRefusalHappens() throws {
        for attempt in attempts {
            var classroom = try Classroom.live()
            for (command, actor) in attempt.prepare { try classroom.perform(command, by: actor) }
            #expect(classroom.refusal(attempt.command, by: attempt.actor) == attempt.rejection)
        }
        let refused = Set(attempts.map(\.rejection) + outside + full)
        #expect(refused == Set(Rejection.allCases))
    }

    @Test func nothingButARefusalComesFromARefusedCommand() throws {
        for attempt in attempts {
            var classroom = try Classroom.live()
            for (command, actor) in attempt.prepare { try classroom.perform(command, by: actor) }
            let before = classroom.session
            #expect(throws: attempt.rejection) {
                try classroom.perform(attempt.command, by: attempt.actor)
            }
            #expect(classroom.session == before)
        }
    }
}
