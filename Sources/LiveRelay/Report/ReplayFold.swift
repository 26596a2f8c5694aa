import LiveRelayWire
import SessionModel

/// Gathers from a log what a replay shows beside the sound.
struct ReplayFold {
    private struct Entry {
        let chat: ChatID
        let shown: ReplayChat
    }

    private let names: ClassPeople
    private var chat: [Entry] = []
    private var hidden: Set<ChatID> = []
    private var seats: Set<SeatID> = []
    private(set) var hands: [ReplayHand] = []
    private(set) var people: [ReplayPerson] = []

    init(_ names: ClassPeople) { self.names = names }

    /// What was said and not taken out of sight.
    var visibleChat: [ReplayChat] { chat.filter { !hidden.contains($0.chat) }.map(\.shown) }

    mutating func apply(_ recorded: RecordedEvent) {
        let time = recorded.t
        switch recorded.event {
        case .joined(let seat, let person, let role, _): join(seat, person, role)
        case .chatPosted(let chat, let seat, let text):
            let card = names.card(seat)
            self.chat.append(
                Entry(
                    chat: chat,
                    shown: ReplayChat(
                        at: time, name: card.name, affiliation: card.affiliation, role: card.role,
                        text: names.text(text))))
        case .chatHidden(let chat): hidden.insert(chat)
        case .handRaised(let seat): add(.raised, seat, time)
        case .handLowered(let seat, let cause): if cause != .called { add(.lowered, seat, time) }
        case .calledToSpeak(let seat): add(.called, seat, time)
        case .turnEnded(let seat, _): add(.ended, seat, time)
        case .scheduled, .peopleExpected, .relayStarted, .opened, .started, .breakStarted, .breakEnded,
            .ended,
            .interrupted, .resumed, .left, .removed, .playbackChanged, .muted, .unmuted, .pollOpened,
            .voteCast,
            .pollClosed, .trackOpened, .trackClosed, .recordingPaused, .recordingResumed, .textsRemoved:
            return
        }
    }

    private mutating func join(_ seat: SeatID, _ person: PersonID, _ role: Role) {
        guard role.isVisibleToParticipants, seats.insert(seat).inserted else { return }
        people.append(ReplayPerson(seat: seat, name: names.name(person), role: role))
    }

    private mutating func add(_ what: ReplayHandChange, _ seat: SeatID, _ time: SessionTime) {
        hands.append(ReplayHand(at: time, name: names.name(seat), what: what))
    }
}
