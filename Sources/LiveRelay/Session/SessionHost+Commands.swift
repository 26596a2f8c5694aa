import Foundation
import LiveRelayWire
import Recorder
import SessionModel
import WebSocketCore

extension SessionHost {
    /// A message of a member.
    func received(_ message: ClientMessage, from connection: ConnectionID, now: UInt64) {
        switch message {
        case .command(let id, let asked): command(id, asked, from: connection, now: now)
        case .findPeople(let id, let search, let offset):
            findPeople(id, search: search, offset: offset, from: connection)
        case .playback(let report): playback(report, from: connection, now: now)
        case .panels(let panels): show(panels, on: connection, now: now)
        case .ping(let at): sendNow(.send(pong(at: at, now: now).frame, to: connection))
        case .join, .resume:
            sendNow(.send(ServerMessage.error(.malformed, of: nil).frame, to: connection))
        }
    }

    /// A member asks for something; answered exactly once.
    func command(_ id: CommandID, _ asked: ClientCommand, from connection: ConnectionID, now: UInt64) {
        guard let attendee = attendees[connection] else { return }
        guard isRunning else {
            silence(asked, by: attendee.seat, now: now)
            return postpone(id, to: connection)
        }
        guard attendee.commandsInFlight < SessionLimits.commandsInFlightCountMaximum else {
            return answer(.rejected(id, .tooManyInFlight), connection)
        }
        attendees[connection]?.commandsInFlight += 1
        if let n = session.outcome(of: id, by: attendee.seat) {
            return answer(
                .accepted(accepted(id, asked, n: n, by: attendee.seat)), connection, counted: id)
        }
        if votesTaken[attendee.seat]?[id] != nil {
            return answer(.accepted(Accepted(id: id, n: nil)), connection, counted: id)
        }
        do {
            let n = try take(id, asked, by: attendee.seat, at: time(now))
            answer(.accepted(accepted(id, asked, n: n, by: attendee.seat)), connection, counted: id)
        } catch {
            return answer(.rejected(id, error), connection, counted: id)
        }
        afterwards(asked, from: connection)
    }

    /// A disk that cannot be written must not leave a lecturer unable to stop somebody's sound. It is no
    /// promise: the command is answered `retry`, and counts when it is sent again and the log takes it.
    private func silence(_ asked: ClientCommand, by seat: SeatID, now: UInt64) {
        let target: SeatID
        switch asked {
        case .mute(let seat), .remove(let seat, _), .endTurn(let seat?): target = seat
        case .endTurn(nil), .open, .start, .startBreak, .endBreak, .end, .leave, .hideChat, .raiseHand,
            .lowerHand,
            .callToSpeak, .unmute, .closePoll, .openTrack, .closeTrack, .postChat, .openPoll, .vote:
            return
        }
        guard let command = try? asked.plainCommand(),
            (try? session.decide(command, by: .seat(seat), at: time(now))) != nil
        else { return }
        silence(target)
    }

    /// Answers; `counted` names the command that is no longer in flight then.
    private func answer(_ message: ServerMessage, _ connection: ConnectionID, counted: CommandID? = nil) {
        post(.send(message.frame, to: connection))
        if let counted { post(.settle(connection, counted)) }
    }

    private func accepted(_ id: CommandID, _ asked: ClientCommand, n: UInt64?, by seat: SeatID) -> Accepted {
        guard case .openTrack = asked else { return Accepted(id: id, n: n) }
        let track = session.tracks.last { $0.seat == seat }?.id
        return Accepted(id: id, n: n, track: track, run: session.run)
    }

    /// Turns what was typed into references and decides.
    private func take(
        _ id: CommandID, _ asked: ClientCommand, by seat: SeatID, at time: SessionTime
    ) throws(Rejection) -> UInt64? {
        guard diskLevel < .textsStop || !asked.isTyped else { throw .noSpace }
        var texts: [TextEntry] = []
        let command: Command
        switch asked {
        case .postChat(let typed):
            let entry = try text(typed, charactersMaximum: SessionLimits.chatCharactersMaximum)
            texts = [entry]
            command = .postChat(text: entry.reference, characters: entry.text.count)
        case .openPoll(let question, let options, let secrecy):
            guard
                (SessionLimits.pollOptionsCountMinimum...SessionLimits.pollOptionsCountMaximum)
                    .contains(options.count)
            else { throw .optionCountOutOfRange }
            texts = [try text(question, charactersMaximum: SessionLimits.pollQuestionCharactersMaximum)]
            for option in options {
                texts.append(
                    try text(option, charactersMaximum: SessionLimits.pollOptionCharactersMaximum))
            }
            command = .openPoll(
                PollQuestion(
                    question: texts[0].reference, options: texts.dropFirst().map(\.reference),
                    secrecy: secrecy))
        default:
            command = try asked.plainCommand()
        }
        let before = session.lastN
        try decide(command, by: .seat(seat), at: time, cause: id, texts: texts)
        guard session.lastN > before else {
            if case .vote(let poll, _) = asked { votesTaken[seat, default: [:]][id] = poll }
            return nil
        }
        return session.lastN
    }

    /// What a command does to connections, beside its events.
    private func afterwards(_ asked: ClientCommand, from connection: ConnectionID) {
        switch asked {
        case .leave: dismiss(connection, .left)
        case .remove(let seat, let isBanned):
            for gone in connectionsBySeat[seat] ?? [] { dismiss(gone, isBanned ? .banned : .removed) }
        case .end: farewell()
        default: break
        }
    }

    /// The class is over: everybody is told and sent home.
    func farewell() {
        for connection in attendees.keys.sorted(by: { $0.description < $1.description }) {
            dismiss(connection, .ended)
        }
    }

    /// A typed text with its salt, or why it is none.
    private func text(_ typed: String, charactersMaximum: Int) throws(Rejection) -> TextEntry {
        let text = typed.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else { throw .textEmpty }
        guard text.count <= charactersMaximum else { throw .textTooLong }
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            scalar == "\n" || scalar == "\t" || scalar.properties.generalCategory != .control
        }
        // A character may be made of very many scalars; bytes bound what is stored.
        guard isPlain, text.utf8.count <= 16 * charactersMaximum else { throw .textInvalid }
        let salt = (0..<TextEntry.saltBytesCount).map { _ in
            UInt8.random(in: 0...UInt8.max, using: &surroundings.random)
        }
        let number = UInt64.random(in: 0...UInt64.max, using: &surroundings.random)
        let ref = TextID(unchecked: "t" + String(number, radix: 36))
        guard let entry = TextEntry(ref: ref, salt: salt, text: text) else { throw .textInvalid }
        return entry
    }

    /// Staff look for people.
    func findPeople(_ id: CommandID, search: String, offset: Int, from connection: ConnectionID) {
        guard let attendee = attendees[connection], let seat = session.seat(attendee.seat) else { return }
        guard isRunning else { return postpone(id, to: connection) }
        guard attendee.commandsInFlight < SessionLimits.commandsInFlightCountMaximum else {
            return answer(.rejected(id, .tooManyInFlight), connection)
        }
        attendees[connection]?.commandsInFlight += 1
        let viewpoint = Viewpoint(seat.role)
        guard viewpoint.seesStaffMatters else {
            return answer(.rejected(id, .notPermitted), connection, counted: id)
        }
        guard search.count <= WireLimits.searchCharactersMaximum else {
            return answer(.rejected(id, .textTooLong), connection, counted: id)
        }
        let page = view.people(
            matching: search, offset: offset, in: session, for: viewpoint, id: id)
        answer(.people(page), connection, counted: id)
    }

    /// A learner tells whether the class is heard.
    func playback(_ report: PlaybackReport, from connection: ConnectionID, now: UInt64) {
        guard let attendee = attendees[connection], isRunning else { return }
        pulse.note(report, of: attendee.seat)
        guard session.seat(attendee.seat)?.playback != report.state else { return }
        // Refused once the class has ended.
        decideIfAllowed(.reportPlayback(report.state), by: .seat(attendee.seat), at: time(now))
    }

    /// The session time, at once: it depends on nothing that could be lost.
    func pong(at: Double, now: UInt64) -> ServerMessage {
        let t = time(now)
        return .pong(at: at, t: t, wall: surroundings.clock.wall(at: t))
    }
}

extension ClientCommand {
    /// Whether the command brings texts or ballots to the disk; what keeps order goes on when those are
    /// refused.
    fileprivate var isTyped: Bool {
        switch self {
        case .postChat, .openPoll, .vote: true
        case .open, .start, .startBreak, .endBreak, .end, .leave, .remove, .hideChat, .raiseHand, .lowerHand,
            .callToSpeak, .endTurn, .mute, .unmute, .closePoll, .openTrack, .closeTrack:
            false
        }
    }

    /// The command in the words of the model, where nothing was typed.
    fileprivate func plainCommand() throws(Rejection) -> Command {
        switch self {
        case .open: .open
        case .start: .start
        case .startBreak(let minutes): .startBreak(minutes: minutes)
        case .endBreak: .endBreak
        case .end: .end
        case .leave: .leave
        case .remove(let seat, let isBanned): .remove(seat, isBanned: isBanned)
        case .hideChat(let chat): .hideChat(chat)
        case .raiseHand: .raiseHand
        case .lowerHand(let seat): .lowerHand(seat)
        case .callToSpeak(let seat): .callToSpeak(seat)
        case .endTurn(let seat): .endTurn(seat)
        case .mute(let seat): .mute(seat)
        case .unmute(let seat): .unmute(seat)
        case .vote(let poll, let option): .vote(poll, option: option)
        case .closePoll(let poll): .closePoll(poll)
        case .openTrack(let channels): .openTrack(channels: channels)
        case .closeTrack(let track): .closeTrack(track)
        case .postChat, .openPoll: throw .malformed
        }
    }
}
