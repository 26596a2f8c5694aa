public import SessionModel

/// A control message from the relay to a client.
public enum ServerMessage: Hashable, Sendable {
    /// The answer to `join` and `resume`, for this seat alone.
    case hello(Hello)
    /// The state of the class up to an event, shared by everyone of the same audience.
    case snapshot(Snapshot)
    /// Something happened.
    case event(EventNotice)
    /// Counters at a fixed period.
    case digest(Digest)
    /// The command took effect and is on disk.
    case accepted(Accepted)
    /// The command was refused.
    case rejected(CommandID, Rejection)
    /// The command is to be sent again after so many milliseconds.
    case retry(CommandID, after: Int)
    /// The place in the queue of hands; nil once the hand is down.
    case position(Int?, total: Int)
    /// What has become of packets of the publisher's track.
    case recorded(RecordedSound)
    /// The answer to `ping`.
    case pong(at: Double, t: SessionTime, wall: WallTime)
    /// The answer to `findPeople`.
    case people(PeoplePage)
    /// How to come back when the relay closes.
    case reconnect(after: Int, jitter: Int)
    /// A message without an `id` could not be read.
    case error(Rejection, of: String?)
}

/// What a client is told about its own seat.
public struct Hello: Hashable, Sendable, Codable {
    /// The version of the wire.
    public var wire = wireVersion
    /// The class.
    public var `class`: SessionID
    /// Identity of the log.
    public var epoch: String
    /// Number of the relay's start.
    public var run: UInt32
    /// The seat.
    public var seat: SeatID
    /// What one is in class.
    public var role: Role
    /// The name as others see it.
    public var name: String
    /// Session time now.
    public var t: SessionTime
    /// The wall clock of the relay now.
    public var wall: WallTime
    /// Whether the missing events follow instead of a snapshot.
    public var resumed: Bool
    /// Lets this seat come back, on any node.
    public var resumeToken: String
    /// The period of `digest`.
    public var digestMilliseconds: Int
    /// How much sound one message holds.
    public var batchMilliseconds: Int
    /// Whether one's sound is stopped.
    public var isMuted: Bool
    /// Whether one was called to speak.
    public var isSpeaking: Bool
    /// The place in the queue of hands.
    public var handPosition: Int?
    /// The polls one has voted in.
    public var voted: [PollID]
    /// The limits a client should keep.
    public var limits = WireLimits()

    /// What a client is told about its own seat.
    public init(
        class: SessionID, epoch: String, run: UInt32, seat: SeatID, role: Role, name: String, t: SessionTime,
        wall: WallTime, resumed: Bool, resumeToken: String, digestMilliseconds: Int, batchMilliseconds: Int,
        isMuted: Bool, isSpeaking: Bool, handPosition: Int?, voted: [PollID]
    ) {
        self.class = `class`
        self.epoch = epoch
        self.run = run
        self.seat = seat
        self.role = role
        self.name = name
        self.t = t
        self.wall = wall
        self.resumed = resumed
        self.resumeToken = resumeToken
        self.digestMilliseconds = digestMilliseconds
        self.batchMilliseconds = batchMilliseconds
        self.isMuted = isMuted
        self.isSpeaking = isSpeaking
        self.handPosition = handPosition
        self.voted = voted
    }
}

/// The limits of the wire; a client that keeps them is never refused for size.
public struct WireLimits: Hashable, Sendable, Codable {
    /// A text message; four times the longest poll in the widest script.
    public static let messageBytesMaximum = 16_384
    /// A search for people.
    public static let searchCharactersMaximum = 64
    /// A name, as it stands in the longest legal names of the country with room to spare.
    public static let nameCharactersMaximum = 64
    /// A 工号.
    public static let numberCharactersMaximum = 32
    /// Rows in one page of people.
    public static let peoplePageCountMaximum = 100
    /// Events sent one by one after a resume; beyond it a snapshot is cheaper.
    public static let resumeEventsCountMaximum = 500
    /// Probes one connection may send in a second.
    public static let probesPerSecondMaximum = 100
    /// After the upgrade a client must join within this time.
    public static let joinMillisecondsMaximum = 5_000

    /// Characters of a chat entry.
    public var chatCharacters = SessionLimits.chatCharactersMaximum
    /// Options of a poll.
    public var pollOptions = SessionLimits.pollOptionsCountMaximum
    /// Commands without an answer.
    public var commandsInFlight = SessionLimits.commandsInFlightCountMaximum
    /// Bytes of a text message.
    public var messageBytes = WireLimits.messageBytesMaximum

    /// The limits of this version.
    public init() {}
}

/// The answer to a command that took effect.
public struct Accepted: Hashable, Sendable, Codable {
    /// The command.
    public var id: CommandID
    /// The last event that it caused; nil where nothing may point at the moment, as with an anonymous vote.
    public var n: UInt64?
    /// The track that was opened.
    public var track: TrackID?
    /// The run in which the track's sequence counts.
    public var run: UInt32?

    /// The answer to a command.
    public init(id: CommandID, n: UInt64?, track: TrackID? = nil, run: UInt32? = nil) {
        self.id = id
        self.n = n
        self.track = track
        self.run = run
    }
}

/// Something that happened, as one audience sees it.
public struct EventNotice: Hashable, Sendable, Codable {
    /// Identity of the log.
    public var epoch: String
    /// Number of the event.
    public var n: UInt64
    /// When it happened.
    public var t: SessionTime
    /// Who caused it.
    public var by: Actor
    /// The command that caused it.
    public var cause: CommandID?
    /// What happened, with typed texts in clear.
    public var event: EventFields<String>
    /// The people whom the event mentions.
    public var people: [String: PersonCard]

    /// Something that happened.
    public init(
        epoch: String, n: UInt64, t: SessionTime, by: Actor, cause: CommandID?, event: EventFields<String>,
        people: [String: PersonCard]
    ) {
        self.epoch = epoch
        self.n = n
        self.t = t
        self.by = by
        self.cause = cause
        self.event = event
        self.people = people
    }
}

/// How a person appears to others.
public struct PersonCard: Hashable, Sendable, Codable {
    /// 姓名.
    public var name: String
    /// 单位.
    public var affiliation: String
    /// What the person is in class.
    public var role: Role

    /// How a person appears to others.
    public init(name: String, affiliation: String, role: Role) {
        self.name = name
        self.affiliation = affiliation
        self.role = role
    }
}

/// What is wrong with the log of a class while its sound goes on.
public enum LogTrouble: String, Hashable, Sendable, Codable {
    /// The disk is slow: what is asked for is answered late.
    case waiting
    /// The log cannot be written: what is asked for is answered `retry` until it can.
    case unavailable
}

/// Counters that go out at a fixed period instead of one message a person.
public struct Digest: Hashable, Sendable, Codable {
    /// Session time.
    public var t: SessionTime
    /// The wall clock of the relay.
    public var wall: WallTime
    /// How far the log has come.
    public var n: UInt64
    /// Participants in class.
    public var present: Int
    /// 应到.
    public var expected: Int
    /// Raised hands.
    public var hands: Int
    /// When the class ends by itself, since everybody who teaches has left; nil while somebody teaches.
    public var endsAt: SessionTime?
    /// The open poll.
    public var poll: PollCount?
    /// How the class is heard; for staff.
    public var heard: Heard?
    /// Why what is asked for takes long; nil where the log is well.
    public var log: LogTrouble?
    /// Over how many milliseconds people spread who come back after their line broke off; nil where the usual
    /// second is enough.
    public var spread: Int?

    /// Counters.
    public init(
        t: SessionTime, wall: WallTime, n: UInt64, present: Int, expected: Int, hands: Int,
        endsAt: SessionTime? = nil, poll: PollCount?, heard: Heard?, log: LogTrouble? = nil,
        spread: Int? = nil
    ) {
        self.t = t
        self.wall = wall
        self.n = n
        self.present = present
        self.expected = expected
        self.hands = hands
        self.endsAt = endsAt
        self.poll = poll
        self.heard = heard
        self.log = log
        self.spread = spread
    }
}

/// How many have voted.
public struct PollCount: Hashable, Sendable, Codable {
    /// The poll.
    public var poll: PollID
    /// Votes so far.
    public var count: Int

    /// How many have voted.
    public init(poll: PollID, count: Int) {
        self.poll = poll
        self.count = count
    }
}

/// How the class is heard, from the reports of learners and the relay's own view.
public struct Heard: Hashable, Sendable, Codable {
    /// Learners whose sound plays.
    public var playing: Int
    /// Learners whose sound plays out of sight.
    public var hidden: Int
    /// Learners who do not hear.
    public var silent: Int
    /// Median delay in milliseconds.
    public var delay: Int
    /// Gaps reported since the last digest.
    public var gaps: Int
    /// The relay's view of each track.
    public var tracks: [HeardTrack]

    /// How the class is heard.
    public init(playing: Int, hidden: Int, silent: Int, delay: Int, gaps: Int, tracks: [HeardTrack]) {
        self.playing = playing
        self.hidden = hidden
        self.silent = silent
        self.delay = delay
        self.gaps = gaps
        self.tracks = tracks
    }
}

/// The relay's view of a track.
public struct HeardTrack: Hashable, Sendable, Codable {
    /// The track.
    public var track: TrackID
    /// Packets in the last second.
    public var packetsPerSecond: Int
    /// For how long nobody has been heard on it.
    public var quietMilliseconds: Int64

    /// The relay's view of a track.
    public init(track: TrackID, packetsPerSecond: Int, quietMilliseconds: Int64) {
        self.track = track
        self.packetsPerSecond = packetsPerSecond
        self.quietMilliseconds = quietMilliseconds
    }
}

/// One page of a search for people.
public struct PeoplePage: Hashable, Sendable, Codable {
    /// The search that this answers.
    public var id: CommandID
    /// People found.
    public var total: Int
    /// The number of the first row.
    public var offset: Int
    /// The rows.
    public var rows: [PeopleRow]

    /// One page.
    public init(id: CommandID, total: Int, offset: Int, rows: [PeopleRow]) {
        self.id = id
        self.total = total
        self.offset = offset
        self.rows = rows
    }
}

/// One person as staff see them.
public struct PeopleRow: Hashable, Sendable, Codable {
    /// The seat; nil for somebody expected who has not come.
    public var seat: SeatID?
    /// 姓名.
    public var name: String
    /// 工号.
    public var number: String
    /// 单位.
    public var affiliation: String
    /// What the person is in class.
    public var role: Role
    /// `connected`, `interrupted`, `left`, `removed` or `absent`.
    public var presence: String
    /// Whether the person is on the list of those who should come.
    public var isExpected: Bool
    /// The place in the queue of hands.
    public var hand: Int?

    /// One person as staff see them.
    public init(
        seat: SeatID?, name: String, number: String, affiliation: String, role: Role, presence: String,
        isExpected: Bool, hand: Int?
    ) {
        self.seat = seat
        self.name = name
        self.number = number
        self.affiliation = affiliation
        self.role = role
        self.presence = presence
        self.isExpected = isExpected
        self.hand = hand
    }
}
