import Foundation
import SessionModel
import Testing

struct PermissionTests {
    /// Every command × every role × every state of the class: `decide` refuses what the matrix forbids, and
    /// only that, for lack of permission.
    @Test func decideObeysTheMatrix() throws {
        for phase in Phase.allCases {
            let classroom = try staffed(phase)
            for kind in CommandKind.allCases {
                for role in Role.allCases {
                    guard let actor = actor(role, kind) else { continue }
                    let refusal = classroom.refusal(sample(kind, role), by: actor)
                    let label: Comment = "\(kind) by \(role) while \(phase)"
                    if Permission.allows(kind, role, in: phase) {
                        #expect(refusal.map { !forbidding.contains($0) } ?? true, label)
                    } else if phase == .ended {
                        #expect(refusal == .sessionEnded, label)
                    } else {
                        let never = Permission.phases(kind, .role(role)).isEmpty
                        #expect(refusal == (never ? .notPermitted : .notNow), label)
                    }
                }
            }
        }
    }

    @Test func theRelayDoesOnlyWhatIsItsOwn() throws {
        for phase in Phase.allCases {
            let classroom = try staffed(phase)
            for kind in CommandKind.allCases where kind != .join {
                let refusal = classroom.refusal(sample(kind, .lecturer), by: .relay)
                let isAllowed = Permission.allows(kind, .relay, in: phase)
                #expect(isAllowed == (refusal.map { !forbidding.contains($0) } ?? true), "\(kind) \(phase)")
            }
        }
    }

    @Test func aSupervisorOnlyLooks() {
        let looking: [CommandKind] = [.join, .resume, .interrupt, .leave, .reportPlayback]
        for kind in CommandKind.allCases {
            let may = !Permission.phases(kind, .role(.supervisor)).isEmpty
            #expect(may == looking.contains(kind), "\(kind)")
        }
    }

    @Test func whoTakesNoSeatDoesNothingInClass() {
        for kind in CommandKind.allCases {
            for role in [Role.expert, .viewer] { #expect(Permission.phases(kind, .role(role)).isEmpty) }
        }
    }

    @Test func nothingIsAllowedAfterTheEndButCleaningUp() {
        for kind in CommandKind.allCases {
            for role in Role.allCases where Permission.allows(kind, role, in: .ended) {
                #expect(kind == .removeTexts)
            }
        }
    }

    @Test func nobodyDirectsThemselvesOrThoseAbove() {
        for role in Role.allCases where role != .administrator {
            #expect(!Permission.mayDirect(role, role))
            #expect(!Permission.mayDirect(role, .lecturer))
            #expect(!Permission.mayDirect(role, .supervisor))
        }
    }

    /// `LIVERELAY_RECORD=1` writes the page, and fails all the same.
    @Test func thePageIsTheMatrix() throws {
        let page = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/permissions.md")
        if ProcessInfo.processInfo.environment["LIVERELAY_RECORD"] != nil {
            try Permission.page.write(to: page, atomically: true, encoding: .utf8)
            Issue.record("docs/permissions.md was written; look at it, and run the tests again")
        }
        #expect(try String(contentsOf: page, encoding: .utf8) == Permission.page)
    }

    /// What a refusal for lack of permission looks like.
    private let forbidding: [Rejection] = [.notPermitted, .notNow, .sessionEnded]

    /// A class in a state, with somebody in each role that takes a seat; seats `s1` to `s4`, and `s5` to act
    /// on.
    private func staffed(_ phase: Phase) throws -> Classroom {
        var classroom = Classroom()
        let people: [(PersonID, Role)] = [
            (.lin, .lecturer), (.he, .assistant), (.wang, .participant), (.xu, .supervisor),
            (.zhao, .participant),
        ]
        // Participants cannot come before the door opens; the log can still say that they are there.
        for (number, (person, role)) in people.enumerated() {
            let seat = SeatID(unchecked: "s\(number + 1)")
            let joined = Event.joined(seat, person: person, role: role, members: [])
            _ = classroom.session.record([joined], by: .relay, cause: nil, at: .zero)
        }
        let steps: [(Phase, Command)] = [
            (.open, .open), (.live, .start), (.onBreak, .startBreak(minutes: 5)), (.ended, .end),
        ]
        for (_, command) in steps {
            if classroom.session.phase == phase { break }
            try classroom.perform(command, by: .administrator)
        }
        #expect(classroom.session.phase == phase)
        return classroom
    }

    private func actor(_ role: Role, _ kind: CommandKind) -> Actor? {
        switch role {
        case .lecturer: .seat(SeatID(unchecked: "s1"))
        case .assistant: .seat(SeatID(unchecked: "s2"))
        case .participant: .seat(SeatID(unchecked: "s3"))
        case .supervisor: .seat(SeatID(unchecked: "s4"))
        case .administrator: .administrator
        // They take no seat, so that nobody in class can be one; joining is all they can try.
        case .expert, .viewer: kind == .join ? .relay : nil
        }
    }

    private func sample(_ kind: CommandKind, _ role: Role) -> Command {
        let other = SeatID(unchecked: "s5")
        return switch kind {
        case .open: .open
        case .start: .start
        case .startBreak: .startBreak(minutes: 5)
        case .endBreak: .endBreak
        case .end: .end
        case .join: .join(PersonID(unchecked: "newcomer"), role)
        case .resume: .resume
        case .interrupt: .interrupt(.network)
        case .leave: .leave
        case .remove: .remove(other, isBanned: false)
        case .reportPlayback: .reportPlayback(.playing)
        case .postChat: .say("t")
        case .hideChat: .hideChat(.first)
        case .raiseHand: .raiseHand
        case .lowerHand: .lowerHand(nil)
        case .callToSpeak: .callToSpeak(other)
        case .endTurn: .endTurn(nil)
        case .mute: .mute(other)
        case .unmute: .unmute(other)
        case .openPoll: .openPoll(.choice(.named))
        case .vote: .vote(.first, option: 0)
        case .closePoll: .closePoll(.first)
        case .openTrack: .openTrack(channels: 1)
        case .closeTrack: .closeTrack(TrackID(1))
        case .startRelay: .startRelay(run: 2, wall: WallTime(milliseconds: 0))
        case .expect: .expect([.wang])
        case .pauseRecording: .pauseRecording(.noSpace)
        case .resumeRecording: .resumeRecording
        case .removeTexts: .removeTexts(.erased)
        case .passTime: .passTime
        }
    }
}
