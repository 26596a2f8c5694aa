import Foundation
import LiveRelayWire
import Recorder
import SessionModel
import WebSocketCore

/// What the members of one audience see; two members of the same audience get the same bytes.
enum Viewpoint: Int, CaseIterable, Hashable, Sendable {
    /// Those who attend.
    case participant
    /// Lecturers and assistants.
    case staff
    /// Supervisors and administrators, who see each other.
    case supervisor

    init(_ role: Role) {
        switch role {
        case .lecturer, .assistant: self = .staff
        case .supervisor, .administrator: self = .supervisor
        case .participant, .expert, .viewer: self = .participant
        }
    }

    /// Whether hands, votes and hidden texts are shown.
    var seesStaffMatters: Bool { self != .participant }

    func sees(_ role: Role) -> Bool { role.isVisibleToParticipants || self == .supervisor }
}

/// Turns the state of a class into what people see: typed texts in clear, and names beside seats.
struct ClassView {
    /// Typed texts by reference; what was erased is not in it.
    var texts: [TextID: String] = [:]
    /// People by identifier; what was erased is not in it.
    var people: [PersonID: PersonEntry] = [:]

    /// Gone through when as many texts are of no use as can be of use.
    static let textsCountMaximum = 2 * SessionLimits.liveTextsCountMaximum

    /// Lets go of texts that nobody in class can see any more, where there are too many.
    mutating func forgetOldTexts(_ session: Session) {
        guard texts.count > Self.textsCountMaximum else { return }
        let live = session.liveTexts
        texts = texts.filter { live.contains($0.key) }
    }

    /// How a person appears to others.
    func card(of seat: Seat) -> PersonCard {
        let person = people[seat.person]
        return PersonCard(
            name: person?.name ?? "", affiliation: person?.affiliation ?? "", role: seat.role)
    }

    /// The event as people see it.
    func notice(_ recorded: RecordedEvent, in session: Session, epoch: String) -> ServerMessage {
        let event = recorded.event.fields.mapTexts { texts[$0.ref] ?? "" }
        var cards: [String: PersonCard] = [:]
        var mentioned = [event.seat].compactMap(\.self)
        if case .seat(let seat) = recorded.by { mentioned.append(seat) }
        for id in mentioned {
            guard let seat = session.seat(id) else { continue }
            cards[id.text] = card(of: seat)
        }
        return .event(
            EventNotice(
                epoch: epoch, n: recorded.n, t: recorded.t, by: recorded.by, cause: recorded.cause,
                event: event,
                people: cards))
    }

    /// The whole class as somebody sees it who arrives now.
    func snapshot(
        of session: Session, for viewpoint: Viewpoint, epoch: String, t: SessionTime, wall: WallTime
    ) -> Snapshot? {
        guard let card = ClassCard(session) else { return nil }
        return Snapshot(
            epoch: epoch, n: session.lastN, t: t, wall: wall, class: card,
            presence: PresenceCount(present: session.presentCount, expected: session.expected.count),
            people: people(of: session, for: viewpoint), hands: hands(of: session, for: viewpoint),
            chat: session.chat.compactMap { chat($0, in: session, for: viewpoint) },
            polls: session.polls.map { poll($0, in: session, for: viewpoint) },
            tracks: session.tracks.map {
                TrackCard(track: $0.id, seat: $0.seat, codec: .opus, channels: $0.channels)
            })
    }

    private func people(of session: Session, for viewpoint: Viewpoint) -> [SnapshotPerson] {
        let announcesPresence = session.plan?.kind.policy.announcesPresence ?? false
        return session.seats.compactMap { seat in
            guard seat.isPresent, viewpoint.sees(seat.role) else { return nil }
            let isSpeaking = session.speakers.contains(seat.id)
            guard announcesPresence || seat.role != .participant || isSpeaking else { return nil }
            return SnapshotPerson(
                seat: seat, card: card(of: seat), presence: seat.presence.wireName, isSpeaking: isSpeaking)
        }
    }

    private func hands(of session: Session, for viewpoint: Viewpoint) -> HandsCard {
        guard viewpoint.seesStaffMatters else { return HandsCard(total: session.hands.count, queue: nil) }
        let queue = session.hands.compactMap { hand in
            session.seat(hand.seat).map { seat in
                let card = card(of: seat)
                return HandCard(
                    seat: seat.id, name: card.name, affiliation: card.affiliation, raisedAt: hand.raisedAt)
            }
        }
        return HandsCard(total: session.hands.count, queue: queue)
    }

    private func chat(_ entry: ChatEntry, in session: Session, for viewpoint: Viewpoint) -> ChatCard? {
        guard let seat = session.seat(entry.seat) else { return nil }
        let isShown = !entry.isHidden || viewpoint.seesStaffMatters
        return ChatCard(
            chat: entry.id, seat: entry.seat, card: card(of: seat), at: entry.at,
            text: isShown ? texts[entry.text.ref] : nil, isHidden: entry.isHidden)
    }

    private func poll(_ poll: Poll, in session: Session, for viewpoint: Viewpoint) -> PollCard {
        let votes =
            viewpoint.seesStaffMatters
            ? poll.answers?.map { answer in
                let seat = session.seat(answer.seat)
                return VoteCard(
                    seat: answer.seat, name: seat.map { card(of: $0).name } ?? "", option: answer.option)
            } : nil
        return PollCard(
            poll: poll.id, question: texts[poll.question.question.ref] ?? "",
            options: poll.question.options.map { texts[$0.ref] ?? "" }, secrecy: poll.question.secrecy,
            openedAt: poll.openedAt, closedAt: poll.closedAt, count: poll.count, sums: poll.result,
            votes: votes)
    }

    /// One page of the people who are, were or should be in class, whose name, 工号 or 单位 holds the search.
    func people(
        matching search: String, offset: Int, in session: Session, for viewpoint: Viewpoint, id: CommandID
    ) -> PeoplePage {
        let wanted = search.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        let expected = Set(session.expected)
        let handPlaces = Dictionary(
            session.hands.enumerated().map { ($0.element.seat, $0.offset + 1) },
            uniquingKeysWith: { first, _ in first })
        var rows: [PeopleRow] = []
        var seated: Set<PersonID> = []
        for seat in session.seats where viewpoint.sees(seat.role) {
            seated.insert(seat.person)
            let card = card(of: seat)
            rows.append(
                PeopleRow(
                    seat: seat.id, name: card.name, number: people[seat.person]?.number ?? "",
                    affiliation: card.affiliation, role: seat.role, presence: seat.presence.wireName,
                    isExpected: expected.contains(seat.person), hand: handPlaces[seat.id]))
        }
        for person in session.expected where !seated.contains(person) {
            let entry = people[person]
            rows.append(
                PeopleRow(
                    seat: nil, name: entry?.name ?? "", number: entry?.number ?? "",
                    affiliation: entry?.affiliation ?? "", role: .participant, presence: "absent",
                    isExpected: true, hand: nil))
        }
        if !wanted.isEmpty {
            rows = rows.filter { row in
                [row.name, row.number, row.affiliation].contains { $0.lowercased().contains(wanted) }
            }
        }
        let page = rows.dropFirst(offset).prefix(WireLimits.peoplePageCountMaximum)
        return PeoplePage(id: id, total: rows.count, offset: offset, rows: Array(page))
    }
}

extension Presence {
    /// The word on the wire.
    var wireName: String {
        switch self {
        case .connected: "connected"
        case .interrupted: "interrupted"
        case .left: "left"
        case .removed: "removed"
        }
    }
}

extension ServerMessage {
    /// The message as a frame that any number of connections share.
    var frame: SharedFrame {
        do {
            return .text([UInt8](try json()), isCompressible: !holdsSecret)
        } catch {
            // Every field is a string, a number or a list of such: there is nothing that JSON cannot say.
            preconditionFailure("a message of ours has a JSON form")
        }
    }

    /// Whether a token stands beside names that people chose. Compressed together, the length would tell who
    /// listens on the line how much of a guess is right.
    private var holdsSecret: Bool {
        if case .hello = self { return true }
        return false
    }
}
