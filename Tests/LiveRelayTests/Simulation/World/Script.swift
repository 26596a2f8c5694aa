import LiveRelayClient
import LiveRelayWire
import SessionModel

/// What somebody does next who sees this class.
struct Script {
    enum Step {
        case ask(ClientCommand)
        case talk
        case search
        case report(PlaybackReport)
        case show(Set<Panel>)
        case leave
        case nothing
    }

    let classroom: Classroom
    let name: String
    let lots: Lots
    /// How many things were said; no text comes twice, so that one that stands twice in the log is seen.
    var said: Int

    mutating func next() -> Step {
        if lots.percent(4) { return other() }
        switch classroom.role {
        case .lecturer: return lecture(keepsOrder: true)
        case .assistant: return lecture(keepsOrder: lots.percent(30))
        case .participant: return attend()
        case .supervisor, .expert, .viewer, .administrator: return lots.percent(20) ? .search : .nothing
        }
    }

    private func other() -> Step {
        switch lots.below(4) {
        case 0: return .search
        case 1:
            let state: Playback = lots.percent(50) ? .playing : .hidden
            return .report(PlaybackReport(state: state, delayMilliseconds: 300, gaps: 1))
        case 2: return .show(lots.percent(50) ? Set(Panel.allCases) : [.people, .polls])
        default: return .nothing
        }
    }

    private mutating func lecture(keepsOrder: Bool) -> Step {
        if keepsOrder {
            switch classroom.phase {
            case .scheduled: return .ask(.open)
            case .open: return .ask(.start)
            case .onBreak: return lots.percent(30) ? .ask(.endBreak) : say()
            case .live, .ended, nil: break
            }
            if let command = order() { return .ask(command) }
        }
        let hasTrack = classroom.tracks.contains { $0.seat == classroom.seat }
        if lots.percent(25) { return hasTrack ? .talk : .ask(.openTrack(channels: 1)) }
        return say()
    }

    private func order() -> ClientCommand? {
        let others = classroom.peopleInOrder.filter { $0.role == .participant }.map(\.seat)
        let someone = lots.one(of: others)
        switch lots.below(60) {
        case 0: return .startBreak(minutes: 5)
        case 1..<8:
            let secrecy: PollSecrecy = lots.percent(40) ? .named : .anonymous
            return classroom.openPoll == nil
                ? .openPoll(question: "听得清吗？", options: ["清楚", "不清楚"], secrecy: secrecy) : nil
        case 8..<11: return classroom.openPoll.map { .closePoll($0.poll) }
        case 11..<18: return classroom.hands.first.map { .callToSpeak($0.seat) }
        case 18..<22:
            return classroom.peopleInOrder.first { $0.isSpeaking }.map { .endTurn($0.seat) }
        case 22..<26: return someone.map { .mute($0) }
        case 26..<29: return someone.map { .unmute($0) }
        case 29..<33: return lots.one(of: classroom.chat).map { .hideChat($0.chat) }
        case 33: return someone.map { .remove($0, isBanned: lots.percent(10)) }
        case 34: return lots.percent(5) ? .end : nil
        case 35: return classroom.tracks.first { $0.seat == classroom.seat }.map { .closeTrack($0.track) }
        default: return nil
        }
    }

    private mutating func attend() -> Step {
        if let poll = classroom.openPoll, !classroom.voted.contains(poll.poll), lots.percent(50) {
            return .ask(.vote(poll.poll, option: lots.below(2)))
        }
        if classroom.isSpeaking, lots.percent(40) {
            let hasTrack = classroom.tracks.contains { $0.seat == classroom.seat }
            return hasTrack ? (lots.percent(70) ? .talk : .ask(.endTurn(nil))) : .ask(.openTrack(channels: 1))
        }
        switch lots.below(20) {
        case 0..<5: return .ask(.raiseHand)
        case 5: return .ask(.lowerHand(nil))
        case 6: return lots.percent(15) ? .leave : .nothing
        case 7..<9: return .nothing
        default: return say()
        }
    }

    private mutating func say() -> Step {
        said += 1
        return .ask(.postChat("\(name) 说 \(said)"))
    }
}
