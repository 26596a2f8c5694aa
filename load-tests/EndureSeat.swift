import LiveRelayClient
import LiveRelayWire
import SessionModel

/// A learner who chats, votes, raises the hand, goes and comes again, and notes what was answered. Lives on
/// the loop of its class.
final class EndureSeat {
    /// Commands under way at once: enough that a death of the server meets some of them in every stage.
    private static let inFlightCountMaximum = 3
    /// One command of so many is a chat entry.
    private static let chatShare = 0.03
    /// One of so many is a goodbye; who went comes again.
    private static let leaveShare = 0.002
    /// How long who went stays away.
    private static let awayMilliseconds: ClosedRange<UInt64> = 500...3_000

    let index: Int
    private unowned let owner: EndureClass
    private var client: ClassroomClient?
    private(set) var hearing: EndureHearing
    private var lives = 1
    /// Went on purpose and has not come again.
    private(set) var isAway = false
    /// Nil where an answer did not come and nobody knows.
    private(set) var isHandUp: Bool? = false
    private var isHandAsked = false
    private var votesAsked: Set<PollID> = []
    private var inFlight = 0
    private var hasLeft = false
    /// Chat entries that came as events, and those seen at all.
    private(set) var chatsSeen: Set<ChatID> = []
    private var chatsTold: Set<ChatID> = []
    private(set) var chatsTwice = 0
    private(set) var interruptions = 0
    private(set) var snapshots = 0
    /// The last turns of the line, with their times: what a slow return is explained by.
    private(set) var turns: [(at: UInt64, what: String)] = []
    private static let turnsCountMaximum = 8
    /// Somebody who came again may have missed entries while away.
    var sawEverything: Bool { lives == 1 }

    init(_ index: Int, _ owner: EndureClass) {
        self.index = index
        self.owner = owner
        hearing = EndureHearing(startedAt: owner.now)
    }

    var isInClass: Bool { client?.isInClass ?? false }

    func start() {
        hearing = EndureHearing(startedAt: owner.now)
        let client = owner.client(for: index, life: lives) { [weak self, life = lives] notice in
            guard let self, self.lives == life else { return }
            self.take(notice)
        }
        self.client = client
        client.start()
    }

    // MARK: Doing

    /// Asks for something; false where nothing can be asked at the moment.
    func act() -> Bool {
        guard !isAway, let client, client.classroom?.phase == .live, inFlight < Self.inFlightCountMaximum
        else {
            return false
        }
        let dice = owner.dice()
        if dice < Self.chatShare {
            let text = "第 \(owner.journal.commands.count) 句，\(index) 号说"
            ask(.postChat(text), kind: "postChat", text: text)
        } else if dice < Self.chatShare + Self.leaveShare, owner.mayLeave, inFlight == 0, client.isInClass {
            isAway = true
            hasLeft = true
            client.leave()
        } else if let poll = client.classroom?.openPoll?.poll, votesAsked.insert(poll).inserted {
            let option = owner.dice() < 0.5 ? 0 : 1
            ask(.vote(poll, option: option), kind: "vote", poll: poll, option: option)
        } else if !isHandAsked {
            isHandAsked = true
            let isUp = isHandUp ?? false
            ask(isUp ? .lowerHand(nil) : .raiseHand, kind: isUp ? "lowerHand" : "raiseHand")
        } else {
            return false
        }
        return true
    }

    private func ask(
        _ command: ClientCommand, kind: String, text: String? = nil, poll: PollID? = nil, option: Int? = nil
    ) {
        guard let client, let seat = client.classroom?.seat else { return }
        inFlight += 1
        let sentAt = owner.now
        let id = client.send(command)
        owner.journal.asked(
            id,
            EndureCommand(
                seat: seat.text, id: id.text, kind: kind, text: text, poll: poll?.text, option: option,
                sentAt: sentAt))
    }

    private func comeAgain() {
        lives += 1
        owner.after(owner.milliseconds(Self.awayMilliseconds)) { [weak self] in
            guard let self else { return }
            self.isHandUp = false
            self.isHandAsked = false
            self.isAway = false
            self.hasLeft = false
            self.start()
        }
    }

    func stop() {
        lives += 1
        client?.stop()
    }

    // MARK: Hearing and seeing

    private func take(_ notice: ClassroomNotice) {
        switch notice {
        case .audio(let audio): if !audio.packets.isEmpty { hearing.take(at: owner.now) }
        case .answer(let id, let answer): answered(id, answer)
        case .event(let event): see(event)
        case .snapshot(let snapshot):
            snapshots += 1
            chatsSeen.formUnion(snapshot.chat.map(\.chat))
        case .interrupted(let loss, let wait):
            interruptions += 1
            note("\(loss) wait \(wait)")
        case .ended(let ending):
            if hasLeft { comeAgain() } else { owner.lost(index, "\(ending)") }
        case .joined: note("joined")
        case .digest, .people, .position, .recorded, .probe, .unreadable: break
        }
    }

    private func note(_ what: String) {
        turns.append((owner.now, what))
        if turns.count > Self.turnsCountMaximum { turns.removeFirst() }
    }

    private func see(_ event: EventNotice) {
        guard event.event.type == "chatPosted", let chat = event.event.chat else { return }
        chatsSeen.insert(chat)
        if !chatsTold.insert(chat).inserted { chatsTwice += 1 }
    }

    private func answered(_ id: CommandID, _ answer: CommandAnswer) {
        guard let command = owner.journal.answered(id, answer, at: owner.now) else { return }
        inFlight -= 1
        guard command.kind == "raiseHand" || command.kind == "lowerHand" else { return }
        isHandAsked = false
        let asksUp = command.kind == "raiseHand"
        switch answer {
        case .accepted: isHandUp = asksUp
        case .rejected(.handAlreadyRaised): isHandUp = true
        case .rejected(.handNotRaised): isHandUp = false
        case .rejected: break
        case .unanswered: isHandUp = nil
        }
    }

    // MARK: At the end

    /// Where this seat's view of the class differs from the lecturer's; nil where it does not.
    func difference(from lecturer: Classroom) -> String? {
        guard let client, let own = client.classroom else { return "never in class" }
        guard client.isInClass else { return "not in class" }
        if let topic = EndureView(own).difference(from: EndureView(lecturer)) { return topic }
        let isUp = lecturer.hands.contains { $0.seat == own.seat }
        if let isHandUp, isHandUp != isUp { return "hand" }
        if (own.handPosition != nil) != isUp { return "position" }
        if let seen = lecturer.people[own.seat], seen.isMuted != own.isMuted { return "muted" }
        return nil
    }
}
