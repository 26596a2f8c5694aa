/// Who may do what, and when: the permission matrix as data.
///
/// What is not listed is forbidden. To let a role do more, add a line; `docs/permissions.md` is made from it.
public enum Permission {
    /// Who asks, as far as permissions go.
    public enum Asker: Hashable, Sendable {
        /// Somebody with a role.
        case role(Role)
        /// The relay itself.
        case relay
    }

    /// One line of the matrix.
    public struct Rule: Hashable, Sendable {
        /// What may be done.
        public let kind: CommandKind
        /// By whom.
        public let askers: [Asker]
        /// While the class is in which state.
        public let phases: [Phase]
    }

    private static let teaching: [Asker] = [.role(.lecturer), .role(.assistant)]
    private static let moderating: [Asker] = teaching + [.role(.administrator)]
    private static let participant: [Asker] = [.role(.participant)]
    private static let supervisor: [Asker] = [.role(.supervisor)]
    private static let administrator: [Asker] = [.role(.administrator)]
    private static let relay: [Asker] = [.relay]

    private static let beforeTheEnd: [Phase] = [.scheduled, .open, .live, .onBreak]
    private static let doorOpen: [Phase] = [.open, .live, .onBreak]
    private static let begun: [Phase] = [.live, .onBreak]

    /// The matrix, command by command.
    public static let matrix: [Rule] = [
        Rule(kind: .open, askers: moderating + relay, phases: [.scheduled]),
        Rule(kind: .start, askers: moderating, phases: [.open]),
        Rule(kind: .startBreak, askers: moderating, phases: [.live]),
        Rule(kind: .endBreak, askers: moderating, phases: [.onBreak]),
        Rule(kind: .end, askers: teaching, phases: doorOpen),
        Rule(kind: .end, askers: administrator, phases: beforeTheEnd),

        Rule(kind: .join, askers: teaching + supervisor, phases: beforeTheEnd),
        Rule(kind: .join, askers: participant, phases: doorOpen),
        Rule(kind: .resume, askers: teaching + participant + supervisor, phases: beforeTheEnd),
        Rule(kind: .interrupt, askers: teaching + participant + supervisor, phases: beforeTheEnd),
        Rule(kind: .leave, askers: teaching + participant + supervisor, phases: beforeTheEnd),
        Rule(kind: .remove, askers: moderating, phases: beforeTheEnd),
        Rule(kind: .reportPlayback, askers: teaching + participant + supervisor, phases: beforeTheEnd),

        Rule(kind: .postChat, askers: teaching + participant, phases: doorOpen),
        Rule(kind: .hideChat, askers: moderating, phases: doorOpen),

        Rule(kind: .raiseHand, askers: participant, phases: [.live]),
        Rule(kind: .lowerHand, askers: moderating + participant, phases: begun),
        Rule(kind: .callToSpeak, askers: teaching, phases: [.live]),
        Rule(kind: .endTurn, askers: moderating + participant, phases: begun),
        Rule(kind: .mute, askers: moderating, phases: doorOpen),
        Rule(kind: .unmute, askers: moderating, phases: doorOpen),

        Rule(kind: .openPoll, askers: teaching, phases: begun),
        Rule(kind: .vote, askers: participant, phases: begun),
        Rule(kind: .closePoll, askers: moderating, phases: begun),

        Rule(kind: .openTrack, askers: teaching, phases: doorOpen),
        Rule(kind: .openTrack, askers: participant, phases: begun),
        Rule(kind: .closeTrack, askers: teaching + participant, phases: doorOpen),

        Rule(kind: .startRelay, askers: relay, phases: beforeTheEnd),
        Rule(kind: .expect, askers: administrator + relay, phases: beforeTheEnd),
        Rule(kind: .pauseRecording, askers: relay, phases: beforeTheEnd),
        Rule(kind: .resumeRecording, askers: relay, phases: beforeTheEnd),
        Rule(kind: .removeTexts, askers: administrator + relay, phases: beforeTheEnd + [.ended]),
        Rule(kind: .passTime, askers: relay, phases: beforeTheEnd),
    ]

    /// Whether somebody with a role may ask for this in this state of the class.
    public static func allows(_ kind: CommandKind, _ role: Role, in phase: Phase) -> Bool {
        allows(kind, .role(role), in: phase)
    }

    /// Whether somebody, or the relay, may ask for this in this state of the class.
    public static func allows(_ kind: CommandKind, _ asker: Asker, in phase: Phase) -> Bool {
        rules[kind]?.contains { $0.phases.contains(phase) && $0.askers.contains(asker) } ?? false
    }

    /// The matrix by command, since every command of every seat is looked up.
    private static let rules = Dictionary(grouping: matrix, by: \.kind)

    /// In which states of the class somebody may ask for this; none where they never may.
    public static func phases(_ kind: CommandKind, _ asker: Asker) -> [Phase] {
        Phase.allCases.filter { allows(kind, asker, in: $0) }
    }

    /// Whether somebody with a role may mute, remove or end the turn of somebody with another: only of those
    /// who have less to say.
    public static func mayDirect(_ role: Role, _ other: Role) -> Bool {
        switch role {
        case .administrator: true
        case .lecturer: other == .assistant || other == .participant
        case .assistant: other == .participant
        case .participant, .supervisor, .expert, .viewer: false
        }
    }

    /// Whether somebody with a role may know that somebody with another is in class.
    public static func mayKnow(_ role: Role, of other: Role) -> Bool {
        switch role {
        case .supervisor, .administrator: true
        case .lecturer, .assistant, .participant, .expert, .viewer: other.isVisibleToParticipants
        }
    }
}
