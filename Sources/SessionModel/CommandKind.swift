/// What a command asks for, without its particulars: one case for each case of `Command`.
public enum CommandKind: String, CaseIterable, Hashable, Sendable, Codable {
    // Lifecycle
    case open, start, startBreak, endBreak, end
    // Presence
    case join, resume, interrupt, leave, remove, reportPlayback
    // Chat
    case postChat, hideChat
    // The floor
    case raiseHand, lowerHand, callToSpeak, endTurn, mute, unmute
    // Polls
    case openPoll, vote, closePoll
    // Sound
    case openTrack, closeTrack
    // The relay's own
    case startRelay, expect, pauseRecording, resumeRecording, removeTexts, passTime
}

extension Command {
    /// What the command asks for.
    public var kind: CommandKind {
        switch self {
        case .open: .open
        case .start: .start
        case .startBreak: .startBreak
        case .endBreak: .endBreak
        case .end: .end
        case .join: .join
        case .resume: .resume
        case .interrupt: .interrupt
        case .leave: .leave
        case .remove: .remove
        case .reportPlayback: .reportPlayback
        case .postChat: .postChat
        case .hideChat: .hideChat
        case .raiseHand: .raiseHand
        case .lowerHand: .lowerHand
        case .callToSpeak: .callToSpeak
        case .endTurn: .endTurn
        case .mute: .mute
        case .unmute: .unmute
        case .openPoll: .openPoll
        case .vote: .vote
        case .closePoll: .closePoll
        case .openTrack: .openTrack
        case .closeTrack: .closeTrack
        case .startRelay: .startRelay
        case .expect: .expect
        case .pauseRecording: .pauseRecording
        case .resumeRecording: .resumeRecording
        case .removeTexts: .removeTexts
        case .passTime: .passTime
        }
    }
}
