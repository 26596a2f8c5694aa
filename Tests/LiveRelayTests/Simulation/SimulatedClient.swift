import Foundation
import LiveRelayWire
import Recorder
import SessionModel
import WebSocketCore

@testable import LiveRelay

/// Somebody in the simulated class: remembers what was promised and what was seen, and sends again what was not
/// answered.
struct SimulatedClient {
    let index: Int
    let role: Role
    var connection: ConnectionID? {
        didSet { if connection == nil { isMember = false } }
    }
    var isMember = false
    private(set) var seat: SeatID?
    /// Commands that were answered with the number of an event.
    private(set) var acknowledged: [CommandID] = []
    /// Polls in which a vote was acknowledged.
    private(set) var votedPolls: [PollID] = []
    /// What was seen, by number.
    private(set) var seen: [UInt64: String] = [:]
    /// Commands without an answer.
    private(set) var inFlight: [(CommandID, ClientCommand)] = []
    private(set) var mayComeBack = true
    private var lastN: UInt64 = 0
    private var epoch: String?
    private var nextCommand = 1

    init(index: Int, role: Role) {
        self.index = index
        self.role = role
    }

    var name: String { "p\(index)" }

    var arrival: Arrival? {
        PersonEntry(
            person: PersonID(unchecked: name), name: "学员\(index)", number: nil, affiliation: nil, source: .token
        ).map { Arrival(person: $0, role: role) }
    }

    var resumeRequest: ResumeRequest? {
        epoch.map { ResumeRequest(token: "resume", epoch: $0, n: lastN) }
    }

    /// The next thing this client sends: what is unanswered first, else something new.
    mutating func act(_ random: inout SeededGenerator, _ session: Session) -> (CommandID, ClientCommand)? {
        guard isMember else { return nil }
        if let again = inFlight.first, random.below(3) > 0 { return again }
        guard inFlight.count < 8 else { return nil }
        let command = CommandID(unchecked: "\(name)-\(nextCommand)")
        nextCommand += 1
        let asked = role == .lecturer ? lecture(&random, session) : attend(&random, session)
        inFlight.append((command, asked))
        return (command, asked)
    }

    private func lecture(_ random: inout SeededGenerator, _ session: Session) -> ClientCommand {
        switch session.phase {
        case .scheduled: return .open
        case .open: return .start
        case .onBreak: return .endBreak
        case .live, .ended: break
        }
        switch random.below(8) {
        case 0: return .startBreak(minutes: 5)
        case 1:
            let secrecy: PollSecrecy = random.below(2) == 0 ? .named : .anonymous
            return .openPoll(question: "听得清吗？", options: ["清楚", "不清楚"], secrecy: secrecy)
        case 2: if let poll = session.openPoll { return .closePoll(poll.id) }
        case 3: if let hand = session.hands.first { return .callToSpeak(hand.seat) }
        case 4: if let speaker = session.speakers.first { return .endTurn(speaker) }
        case 5: return .openTrack(channels: 1)
        default: break
        }
        return .postChat("第 \(nextCommand) 句")
    }

    private func attend(_ random: inout SeededGenerator, _ session: Session) -> ClientCommand {
        switch random.below(5) {
        case 0: return .raiseHand
        case 1: return .lowerHand(nil)
        case 2, 3: if let poll = session.openPoll { return .vote(poll.id, option: random.below(2)) }
        default: break
        }
        return .postChat("\(name) 说 \(nextCommand)")
    }

    // MARK: What the relay says

    mutating func receive(_ frame: SharedFrame) {
        guard let message = try? ServerMessage(json: Data(frame.payload)) else {
            preconditionFailure("the relay sent something that is no message")
        }
        switch message {
        case .hello(let hello):
            seat = hello.seat
            epoch = hello.epoch
        case .snapshot(let snapshot): lastN = snapshot.n
        case .event(let notice):
            lastN = notice.n
            seen[notice.n] = notice.event.type
        case .accepted(let accepted): settle(accepted.id, n: accepted.n)
        case .rejected(let id, let code):
            // A vote that was counted before the answer got lost is refused as a second one.
            if code == .alreadyVoted { settle(id, n: nil) }
            inFlight.removeAll { $0.0 == id }
        case .retry, .digest, .position, .recorded, .pong, .people, .reconnect, .error: break
        }
    }

    private mutating func settle(_ id: CommandID, n: UInt64?) {
        guard let (_, asked) = inFlight.first(where: { $0.0 == id }) else { return }
        inFlight.removeAll { $0.0 == id }
        if n != nil {
            acknowledged.append(id)
        } else if case .vote(let poll, _) = asked {
            votedPolls.append(poll)
        }
    }

    mutating func sentAway(_ code: DisconnectCode) {
        connection = nil
        if !code.isComeBack { mayComeBack = false }
    }
}
