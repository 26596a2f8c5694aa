public import LiveRelayWire
public import SessionModel

/// A class as one who takes part sees it: the fold of `hello`, `snapshot`, events and digests.
public struct Classroom: Hashable, Sendable {
    /// Chat entries kept; as many as a late joiner gets.
    static let chatCountMaximum = SessionLimits.chatBacklogCountMaximum

    /// One's own seat.
    public private(set) var seat: SeatID
    /// What one is in class.
    public private(set) var role: Role
    /// One's name as others see it.
    public private(set) var name: String
    /// The number of the relay's start.
    public private(set) var run: UInt32
    /// Whether one was called to speak.
    public internal(set) var isSpeaking: Bool
    /// Whether one's own sound is stopped.
    public internal(set) var isMuted: Bool
    /// One's place in the queue of hands; nil while one's hand is down.
    public internal(set) var handPosition: Int?
    /// The polls one has voted in.
    public internal(set) var voted: Set<PollID>
    /// The class; nil before the first snapshot.
    public internal(set) var card: ClassCard?
    /// How many are there.
    public internal(set) var presence = PresenceCount(present: 0, expected: 0)
    /// Who is there, by seat, as far as one may know.
    public internal(set) var people: [SeatID: ClassroomPerson] = [:]
    /// Raised hands.
    public internal(set) var handsCount = 0
    /// When the class ends by itself, since everybody who teaches has left; nil while somebody teaches.
    public internal(set) var endsAt: SessionTime?
    /// The queue of hands, for staff.
    public internal(set) var hands: [HandCard] = []
    /// The last chat entries, oldest first.
    public internal(set) var chat: [ChatCard] = []
    /// The polls, oldest first.
    public internal(set) var polls: [PollCard] = []
    /// The open audio tracks.
    public internal(set) var tracks: [TrackCard] = []
    /// How the class is heard, for staff.
    public internal(set) var heard: Heard?

    /// Why what one asks for takes long; nil where the log of the class is well.
    public internal(set) var logTrouble: LogTrouble?

    /// What `hello` tells.
    public init(_ hello: Hello) {
        seat = hello.seat
        role = hello.role
        name = hello.name
        run = hello.run
        isSpeaking = hello.isSpeaking
        isMuted = hello.isMuted
        handPosition = hello.handPosition
        voted = Set(hello.voted)
    }

    /// Where the class stands; nil before the first snapshot.
    public var phase: Phase? { card?.phase }

    /// The poll that can be answered now.
    public var openPoll: PollCard? { polls.last { $0.closedAt == nil } }

    /// The queue of people as the terminal lists them: staff first, then by seat number.
    public var peopleInOrder: [ClassroomPerson] {
        people.values.sorted { left, right in
            if left.role.isStaff != right.role.isStaff { return left.role.isStaff }
            if left.seat.text.utf8.count != right.seat.text.utf8.count {
                return left.seat.text.utf8.count < right.seat.text.utf8.count
            }
            return left.seat < right.seat
        }
    }

    /// Takes in what the machine delivers; everything that changes no state is left alone.
    public mutating func apply(_ notice: ClassroomNotice) {
        switch notice {
        case .joined(let hello): apply(hello)
        case .snapshot(let snapshot): apply(snapshot)
        case .event(let notice): apply(notice)
        case .digest(let digest): apply(digest)
        case .position(let position, let total):
            handPosition = position
            handsCount = total
        case .answer, .people, .recorded, .audio, .probe, .unreadable, .interrupted, .ended: break
        }
    }

    /// One's own vote took effect.
    public mutating func noteVote(in poll: PollID) { voted.insert(poll) }

    private mutating func apply(_ hello: Hello) {
        seat = hello.seat
        role = hello.role
        name = hello.name
        run = hello.run
        isSpeaking = hello.isSpeaking
        isMuted = hello.isMuted
        handPosition = hello.handPosition
        voted = Set(hello.voted)
    }

    private mutating func apply(_ snapshot: Snapshot) {
        card = snapshot.class
        presence = snapshot.presence
        people = [:]
        for person in snapshot.people { people[person.seat] = ClassroomPerson(person) }
        handsCount = snapshot.hands.total
        hands = snapshot.hands.queue ?? []
        chat = snapshot.chat
        polls = snapshot.polls
        tracks = snapshot.tracks
    }

    private mutating func apply(_ digest: Digest) {
        presence = PresenceCount(present: digest.present, expected: digest.expected)
        handsCount = digest.hands
        endsAt = digest.endsAt
        if let heard = digest.heard { self.heard = heard }
        logTrouble = digest.log
        // A digest may be older than the end of the poll: a slow disk has the last one told again.
        let open = polls.firstIndex { $0.poll == digest.poll?.poll && $0.closedAt == nil }
        if let count = digest.poll, let index = open {
            polls[index].count = count.count
        }
    }
}

/// Somebody in class.
public struct ClassroomPerson: Hashable, Sendable {
    /// The seat.
    public let seat: SeatID
    /// 姓名.
    public var name: String
    /// 单位.
    public var affiliation: String
    /// What the person is in class.
    public var role: Role
    /// Whether the person's line is there.
    public var isConnected: Bool
    /// Whether the person's sound is stopped.
    public var isMuted: Bool
    /// Whether the person was called to speak.
    public var isSpeaking: Bool

    init(_ person: SnapshotPerson) {
        seat = person.seat
        name = person.name
        affiliation = person.affiliation
        role = person.role
        isConnected = person.presence == "connected"
        isMuted = person.isMuted
        isSpeaking = person.isSpeaking
    }

    init(seat: SeatID, _ card: PersonCard) {
        self.seat = seat
        name = card.name
        affiliation = card.affiliation
        role = card.role
        isConnected = true
        isMuted = false
        isSpeaking = false
    }
}
