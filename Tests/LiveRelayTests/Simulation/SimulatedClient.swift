import LiveRelayClient
import LiveRelayWire
import Recorder
import SessionModel
import TestSupport
import WebSocketCore

@testable import LiveRelay

/// Somebody in the simulated class: remembers what was promised and what was seen, folds it as a page does,
/// sends again what was not answered, and complains of what may not be.
struct SimulatedClient {
    let index: Int
    let role: Role
    var connection: ConnectionID? {
        didSet {
            guard connection != oldValue else { return }
            isMember = false
            searches = []
        }
    }
    var isMember = false
    /// What the page shows.
    var panels = Set(Panel.allCases)
    /// What the relay knows of it.
    var panelsTold = Set(Panel.allCases)
    private(set) var seat: SeatID?
    /// The class as this client's page shows it.
    private(set) var room: Classroom?
    /// Commands that were answered with the number of an event.
    private(set) var acknowledged: [CommandID: UInt64] = [:]
    /// Polls in which a vote was acknowledged.
    private(set) var votedPolls: [PollID] = []
    /// What was seen, by number.
    private(set) var seen: [UInt64: EventNotice] = [:]
    /// Up to here a snapshot stands for what was seen; after it every event must have come one by one.
    private(set) var coveredTo: UInt64 = 0
    /// How far this client has come.
    private(set) var lastN: UInt64 = 0
    /// Commands without an answer.
    private(set) var inFlight: [(CommandID, ClientCommand)] = []
    /// What was chosen in each poll; always the same in one, so that the ballots can be checked.
    private(set) var choices: [PollID: Int] = [:]
    /// Searches without an answer on this connection.
    private(set) var searches: Set<CommandID> = []
    private(set) var mayComeBack = true
    private(set) var complaints: [String] = []
    private var epoch: String?
    private var nextCommand = 1

    init(index: Int, role: Role) {
        self.index = index
        self.role = role
    }

    var name: String { "p\(index)" }

    /// The name that others see.
    var shownName: String { role == .supervisor ? "巡课员" : "学员\(index)" }

    var arrival: Arrival? {
        PersonEntry(
            person: PersonID(unchecked: name), name: shownName, number: nil, affiliation: nil, source: .token
        ).map { Arrival(person: $0, role: role) }
    }

    var resumeRequest: ResumeRequest? {
        // What a part of the page missed that was not shown stands in a snapshot alone.
        let isMore = !panels.isSubset(of: panelsTold)
        return epoch.map { ResumeRequest(token: "resume", epoch: isMore ? "" : $0, n: lastN, panels: panels) }
    }

    // MARK: What the client does

    /// The next thing this client sends: what is unanswered first, else something new.
    mutating func act(_ random: inout SeededGenerator, _ session: Session) -> (CommandID, ClientCommand)? {
        guard isMember else { return nil }
        if let again = inFlight.first, random.below(3) > 0 { return again }
        guard inFlight.count < 8 else { return nil }
        let asked: ClientCommand
        switch role {
        case .lecturer, .assistant: asked = lecture(&random, session)
        case .participant: asked = attend(&random, session)
        case .supervisor, .expert, .viewer, .administrator: return nil
        }
        return (ask(asked), asked)
    }

    /// Remembers a search until it is answered.
    mutating func search() -> CommandID {
        let command = CommandID(unchecked: "\(name)-\(nextCommand)")
        nextCommand += 1
        searches.insert(command)
        return command
    }

    /// Remembers a command until it is answered.
    mutating func ask(_ asked: ClientCommand) -> CommandID {
        let command = CommandID(unchecked: "\(name)-\(nextCommand)")
        nextCommand += 1
        inFlight.append((command, asked))
        if case .vote(let poll, let option) = asked { choices[poll] = option }
        return command
    }

    private func lecture(_ random: inout SeededGenerator, _ session: Session) -> ClientCommand {
        switch session.phase {
        case .scheduled: return .open
        case .open: return .start
        case .onBreak: return .endBreak
        case .live, .ended: break
        }
        let others = session.seats.filter { $0.role == .participant }.map(\.id)
        let someone = others.isEmpty ? SeatID(unchecked: "s1") : others[random.below(others.count)]
        switch random.below(60) {
        case 0..<4: return .startBreak(minutes: 5)
        case 4..<12:
            let secrecy: PollSecrecy = random.below(2) == 0 ? .named : .anonymous
            return .openPoll(question: "听得清吗？", options: ["清楚", "不清楚"], secrecy: secrecy)
        case 12..<18: if let poll = session.openPoll { return .closePoll(poll.id) }
        case 18..<25: if let hand = session.hands.first { return .callToSpeak(hand.seat) }
        case 25..<30: if let speaker = session.speakers.first { return .endTurn(speaker) }
        case 30..<33: return .openTrack(channels: 1)
        case 33: if let track = session.tracks.first { return .closeTrack(track.id) }
        case 34..<37: return .mute(someone)
        case 37..<39: return .unmute(someone)
        case 39..<42: if let entry = session.chat.last { return .hideChat(entry.id) }
        case 42: return .remove(someone, isBanned: random.below(4) == 0)
        case 43: if random.below(4) == 0 { return .end }
        default: break
        }
        return .postChat("第 \(nextCommand) 句")
    }

    private func attend(_ random: inout SeededGenerator, _ session: Session) -> ClientCommand {
        switch random.below(24) {
        case 0..<5: return .raiseHand
        case 5..<7: return .lowerHand(nil)
        case 7..<16: if let poll = session.openPoll { return .vote(poll.id, option: option(poll.id)) }
        case 16: return .openTrack(channels: 1)
        case 17: return .endTurn(nil)
        case 18: if random.below(3) == 0 { return .leave }
        default: break
        }
        return .postChat("\(name) 说 \(nextCommand)")
    }

    private func option(_ poll: PollID) -> Int { (index + poll.text.utf8.count) % 2 }

    // MARK: What the relay says

    mutating func receive(_ message: ServerMessage) {
        switch message {
        case .hello(let hello):
            seat = hello.seat
            epoch = hello.epoch
            if room == nil { room = Classroom(hello) }
            room?.apply(.joined(hello))
        case .snapshot(let snapshot):
            lastN = snapshot.n
            coveredTo = snapshot.n
            room?.apply(.snapshot(snapshot))
            for person in snapshot.people { look(at: person.seat, person.role, "snapshot \(snapshot.n)") }
        case .event(let notice): receive(notice)
        case .accepted(let accepted): settle(accepted.id, n: accepted.n)
        case .rejected(let id, let code):
            // A vote that was counted before the answer got lost is refused as a second one.
            if code == .alreadyVoted { settle(id, n: nil) }
            inFlight.removeAll { $0.0 == id }
            searches.remove(id)
        case .digest(let digest):
            if (digest.heard == nil) == role.isStaff { complain("got the digest of others") }
            room?.apply(.digest(digest))
        case .position(let position, let total): room?.apply(.position(position, total: total))
        case .people(let page):
            searches.remove(page.id)
            for row in page.rows where row.role == .supervisor && role != .supervisor {
                complain("found supervisor \(row.name)")
            }
            if !role.isStaff { complain("found people") }
        case .retry(let id, _): searches.remove(id)
        case .recorded, .pong, .reconnect, .error: break
        }
    }

    private mutating func receive(_ notice: EventNotice) {
        if notice.n <= lastN { complain("got \(notice.n) after \(lastN)") }
        if let before = seen[notice.n], before != notice { complain("saw two different \(notice.n)") }
        lastN = notice.n
        seen[notice.n] = notice
        room?.apply(.event(notice))
        for (seat, card) in notice.people {
            look(at: SeatID(unchecked: seat), card.role, "event \(notice.n)")
        }
    }

    private mutating func look(at seat: SeatID, _ role: Role, _ place: String) {
        guard role == .supervisor, self.role != .supervisor else { return }
        complain("saw supervisor \(seat) in \(place)")
    }

    private mutating func settle(_ id: CommandID, n: UInt64?) {
        guard let (_, asked) = inFlight.first(where: { $0.0 == id }) else { return }
        inFlight.removeAll { $0.0 == id }
        if let n {
            acknowledged[id] = n
            let isShown = asked.isSeen(by: role) && (asked.panel.map(panelsTold.contains) ?? true)
            if isShown, n > coveredTo, seen[n] == nil { complain("got the answer \(n) before the event") }
        } else if case .vote(let poll, _) = asked {
            votedPolls.append(poll)
            room?.noteVote(in: poll)
        }
    }

    private mutating func complain(_ what: String) { complaints.append("\(name) \(what)") }

    mutating func sentAway(_ code: DisconnectCode) {
        connection = nil
        guard !code.isComeBack else { return }
        if code == .left {
            // Comes in again by the door, as somebody who knows nothing.
            epoch = nil
            room = nil
        } else {
            mayComeBack = false
        }
    }
}

extension ClientCommand {
    /// Whether whoever asks for it sees the event that it causes.
    fileprivate func isSeen(by role: Role) -> Bool {
        switch self {
        case .raiseHand, .lowerHand, .vote: role.isStaff
        case .leave, .end: false
        case .open, .start, .startBreak, .endBreak, .remove, .postChat, .hideChat, .callToSpeak, .endTurn,
            .mute,
            .unmute, .openPoll, .closePoll, .openTrack, .closeTrack:
            true
        }
    }

    fileprivate var panel: Panel? {
        switch self {
        case .postChat, .hideChat: .chat
        case .open, .start, .startBreak, .endBreak, .end, .leave, .remove, .raiseHand, .lowerHand,
            .callToSpeak,
            .endTurn, .mute, .unmute, .openPoll, .vote, .closePoll, .openTrack, .closeTrack:
            nil
        }
    }
}
