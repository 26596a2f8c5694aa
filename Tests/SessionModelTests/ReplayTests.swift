import SessionModel
import Testing

/// Long random classes: whatever happens, the log gives the class back.
struct ReplayTests {
    @Test func aRandomClassIsItsLog() {
        for seed in UInt64(1)...200 {
            var random = RandomClass(seed: seed)
            for step in 0..<250 {
                random.step()
                if step.isMultiple(of: 50) {
                    checkInvariants(random.classroom.session, "seed \(seed), step \(step)")
                }
            }
            checkInvariants(random.classroom.session, "seed \(seed)")
            #expect(random.classroom.recovered == random.classroom.session, "seed \(seed)")
            #expect(random.ballotsAreOutOfTheLog, "seed \(seed)")
        }
    }

    @Test func theSameSeedGivesTheSameLog() {
        for seed in UInt64(1)...20 {
            var first = RandomClass(seed: seed)
            var second = RandomClass(seed: seed)
            for _ in 0..<100 {
                first.step()
                second.step()
            }
            #expect(first.classroom.log == second.classroom.log, "seed \(seed)")
        }
    }

    @Test func aReportOfThePastIsTheReportThatWasMadeThen() {
        for seed in UInt64(1)...50 {
            var random = RandomClass(seed: seed)
            for _ in 0..<150 { random.step() }
            let log = random.classroom.log
            let moment = log[log.count / 2].t
            let then = log.filter { $0.t <= moment }
            #expect(
                SessionReport(events: log, at: moment) == SessionReport(events: then, at: moment),
                "seed \(seed)")
        }
    }

    @Test func noReportSaysMoreThanTheLessonLasted() {
        for seed in UInt64(1)...200 {
            var random = RandomClass(seed: seed)
            for _ in 0..<250 { random.step() }
            let report = SessionReport(events: random.classroom.log)
            for row in report.rows.map(\.attendance) {
                let isSound =
                    0 <= row.onlineMilliseconds && row.onlineMilliseconds <= report.lessonMilliseconds
                    && row.hiddenMilliseconds <= row.listeningMilliseconds
                    && row.listeningMilliseconds <= row.onlineMilliseconds
                    && row.outageMilliseconds <= row.onlineMilliseconds
                    && row.onlineMilliseconds + row.interruptedMilliseconds <= report.lessonMilliseconds
                    && zip(row.spans, row.spans.dropFirst()).allSatisfy { $0.to <= $1.from }
                #expect(isSound, "seed \(seed), \(row)")
            }
        }
    }
}

/// A class in which anything is tried by anybody.
private struct RandomClass {
    private(set) var classroom: Classroom
    private var random: SeededGenerator

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        let kind: ClassKind = seed.isMultiple(of: 2) ? .smallInteractive : .largeLecture
        let policy = DuplicateLogin.allCases[Int(seed % 3)]
        classroom = Classroom(
            .lesson.with {
                $0.kind = kind
                $0.duplicateLogin = policy
            })
    }

    /// Whether no event tells of a vote in an anonymous poll.
    var ballotsAreOutOfTheLog: Bool {
        let named = Set(classroom.session.polls.filter { $0.question.secrecy == .named }.map(\.id))
        return classroom.log.allSatisfy {
            guard case .voteCast(let poll, _, _) = $0.event else { return true }
            return named.contains(poll)
        }
    }

    mutating func step() {
        classroom.pass(milliseconds: Int64(random.below(random.below(20) == 0 ? 90_000 : 2_000)))
        let (command, actor) = next()
        _ = try? classroom.perform(command, by: actor)
        if let deadline = classroom.session.nextDeadline, deadline <= classroom.now {
            _ = try? classroom.perform(.passTime, by: .relay)
        }
    }

    private mutating func next() -> (Command, Actor) {
        let seat = anySeat()
        return switch random.below(40) {
        case 0...7:
            (
                .join(anyPerson(), [Role.lecturer, .assistant, .participant, .supervisor][random.below(4)]),
                .relay
            )
        case 8: (.open, .relay)
        case 9: (.start, .seat(seat))
        case 10: (.startBreak(minutes: random.below(130)), .seat(seat))
        case 11...12: (.endBreak, .seat(seat))
        case 13: random.below(60) == 0 ? (.end, .seat(seat)) : (.passTime, .relay)
        case 14...15: (.interrupt(InterruptionCause.allCases[random.below(3)]), .seat(seat))
        case 16...17: (.resume, .seat(seat))
        case 18: (.leave, .seat(seat))
        case 19: (.remove(anySeat(), isBanned: random.below(4) == 0), .seat(seat))
        case 20...21:
            (.reportPlayback([.playing, .hidden, .notPlaying(.paused)][random.below(3)]), .seat(seat))
        case 22...23: (.say("t"), .seat(seat))
        case 24: (.hideChat(ChatID(unchecked: "c\(random.below(20))")), .seat(seat))
        case 25...26: (.raiseHand, .seat(seat))
        case 27: (.lowerHand(random.below(2) == 0 ? nil : anySeat()), .seat(seat))
        case 28...29: (.callToSpeak(anySeat()), .seat(seat))
        case 30: (.endTurn(random.below(2) == 0 ? nil : anySeat()), .seat(seat))
        case 31: (random.below(2) == 0 ? .mute(anySeat()) : .unmute(anySeat()), .seat(seat))
        case 32: (.openPoll(.choice(random.below(2) == 0 ? .named : .anonymous)), .seat(seat))
        case 33...34: (.vote(anyPoll(), option: random.below(4)), .seat(seat))
        case 35: (.closePoll(anyPoll()), .seat(seat))
        case 36: (.openTrack(channels: random.below(4)), .seat(seat))
        case 37: (.closeTrack(TrackID(UInt16(random.below(9)))), .seat(seat))
        case 38: (.startRelay(run: UInt32(random.below(9)), wall: WallTime(milliseconds: 0)), .relay)
        default: (.expect([anyPerson(), anyPerson()]), .administrator)
        }
    }

    private mutating func anyPerson() -> PersonID { PersonID(unchecked: "n\(random.below(9))") }
    private mutating func anySeat() -> SeatID { SeatID(unchecked: "s\(1 + random.below(12))") }
    private mutating func anyPoll() -> PollID { PollID(unchecked: "p\(1 + random.below(3))") }
}
