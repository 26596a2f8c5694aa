import SessionModel
import Testing

/// All short sequences of commands for a lecturer and two participants.
struct ExhaustiveTests {
    private static let stepsMaximum = 4

    private let commands: [(Command, Actor)] = [
        (.startBreak(minutes: 5), .lin), (.endBreak, .lin), (.end, .lin),
        (.callToSpeak(.wang), .lin), (.callToSpeak(.zhao), .lin), (.endTurn(.wang), .lin),
        (.mute(.wang), .lin), (.unmute(.wang), .lin), (.lowerHand(.wang), .lin),
        (.remove(.wang, isBanned: false), .lin), (.remove(.zhao, isBanned: true), .lin),
        (.openPoll(.choice(.anonymous)), .lin), (.closePoll(.first), .lin),
        (.raiseHand, .wang), (.lowerHand(nil), .wang), (.endTurn(nil), .wang),
        (.vote(.first, option: 0), .wang),
        (.openTrack(channels: 1), .wang), (.closeTrack(TrackID(1)), .wang), (.interrupt(.network), .wang),
        (.resume, .wang), (.leave, .wang), (.say("t"), .wang),
        (.raiseHand, .zhao), (.vote(.first, option: 1), .zhao), (.leave, .zhao),
        (.join(.wang, .participant), .relay), (.join(.zhao, .participant), .relay),
        (.startRelay(run: 2, wall: WallTime(milliseconds: 0)), .relay), (.passTime, .relay),
    ]

    private let early: [(Command, Actor)] = [
        (.open, .relay), (.open, .administrator), (.start, .lin), (.end, .lin), (.end, .administrator),
        (.join(.lin, .lecturer), .relay), (.join(.wang, .participant), .relay),
        (.join(.xu, .supervisor), .relay), (.leave, .lin), (.interrupt(.network), .lin), (.say("t"), .lin),
        (.raiseHand, .wang), (.expect([.wang]), .administrator), (.openTrack(channels: 1), .lin),
        (.startRelay(run: 1, wall: WallTime(milliseconds: 0)), .relay), (.passTime, .relay),
    ]

    @Test func everyShortLessonIsItsLog() throws {
        var walk = Walk(commands)
        try walk.explore(Classroom.live(), steps: Self.stepsMaximum)
        #expect(walk.visited > 20_000, "the walk went \(walk.visited) ways")
    }

    @Test func everyShortBeginningIsItsLog() {
        var walk = Walk(early)
        walk.explore(Classroom(), steps: Self.stepsMaximum + 1)
        #expect(walk.visited > 10_000, "the walk went \(walk.visited) ways")
    }
}

/// A walk through all sequences; what is refused changes nothing, so no way leads on from there.
private struct Walk {
    private let commands: [(Command, Actor)]
    private(set) var visited = 0

    init(_ commands: [(Command, Actor)]) { self.commands = commands }

    mutating func explore(_ classroom: Classroom, steps: Int) {
        visited += 1
        if steps == 0 {
            checkInvariants(classroom.session, "\(classroom.log.map(\.event))")
            #expect(classroom.recovered == classroom.session, "\(classroom.log.map(\.event))")
            return
        }
        for (command, actor) in commands {
            var next = classroom
            // Once in a while longer than the grace, so that passing time has something to do.
            next.pass(command == .passTime ? 61 : 1)
            do throws(Rejection) {
                let events = try next.perform(command, by: actor)
                if events.isEmpty && next.ballots.count == classroom.ballots.count { continue }
            } catch {
                continue
            }
            explore(next, steps: steps - 1)
        }
    }
}
