/// An event as it stands in the log and on the wire: one flat object of a `type` and whatever fields it
/// needs.
///
/// In the log a typed text is a `TextReference`; on the wire, where people read it, a `String`. Names of
/// fields are never renamed: what is written today must be read in twenty years.
public struct EventFields<Text: Hashable & Sendable & Codable>: Hashable, Sendable, Codable {
    /// The stable name of the event.
    public var type: String
    /// The plan of the class.
    public var plan: SessionPlan?
    /// People who should come.
    public var people: [PersonID]?
    /// Number of the relay's start.
    public var run: UInt32?
    /// The wall clock.
    public var wall: WallTime?
    /// The last moment at which the relay is known to have run before.
    public var silentSince: SessionTime?
    /// Planned length of a break.
    public var plannedMinutes: Int?
    /// Why.
    public var reason: String?
    /// Whom it is about.
    public var seat: SeatID?
    /// Who took the seat.
    public var person: PersonID?
    /// As what.
    public var role: Role?
    /// Who shares the seat.
    public var members: [PersonID]?
    /// Whether for good.
    public var isBanned: Bool?
    /// Whether the learner hears.
    public var playback: Playback?
    /// The chat entry.
    public var chat: ChatID?
    /// What was typed.
    public var text: Text?
    /// The poll.
    public var poll: PollID?
    /// What is asked.
    public var question: Text?
    /// What can be answered.
    public var options: [Text]?
    /// Whether the poll is named or anonymous.
    public var secrecy: PollSecrecy?
    /// The chosen option.
    public var option: Int?
    /// Number of votes.
    public var count: Int?
    /// Votes for each option.
    public var sums: [Int]?
    /// The audio track.
    public var track: TrackID?
    /// Its coding.
    public var codec: AudioCodec?
    /// Its channels.
    public var channels: Int?

    init(_ type: String, _ seat: SeatID? = nil, _ reason: String? = nil) {
        self.type = type
        self.seat = seat
        self.reason = reason
    }

    /// The same object with one more field.
    func with<Value>(_ field: WritableKeyPath<EventFields, Value?>, _ value: Value?) -> EventFields {
        var copy = self
        copy[keyPath: field] = value
        return copy
    }

    /// The field, or an error that names the type of event that lacks it.
    func need<Value>(_ field: KeyPath<EventFields, Value?>) throws -> Value {
        guard let value = self[keyPath: field] else { throw EventCodingError.fieldMissing(type: type) }
        return value
    }

    /// The cause with the coded reason.
    func needReason<Cause: RawRepresentable>(_ cause: Cause.Type) throws -> Cause
    where Cause.RawValue == String {
        guard let value = Cause(rawValue: try need(\.reason)) else {
            throw EventCodingError.reasonUnknown(type: type)
        }
        return value
    }

    /// The same event with its texts turned into something else, for instance into what people read.
    public func mapTexts<Other: Hashable & Sendable & Codable>(
        _ transform: (Text) throws -> Other
    ) rethrows -> EventFields<Other> {
        var other = EventFields<Other>(type, seat, reason)
        other.plan = plan
        other.people = people
        other.run = run
        other.wall = wall
        other.plannedMinutes = plannedMinutes
        other.person = person
        other.role = role
        other.members = members
        other.isBanned = isBanned
        other.playback = playback
        other.chat = chat
        other.text = try text.map(transform)
        other.poll = poll
        other.question = try question.map(transform)
        other.options = try options.map { try $0.map(transform) }
        other.secrecy = secrecy
        other.option = option
        other.count = count
        other.sums = sums
        other.track = track
        other.codec = codec
        other.channels = channels
        return other
    }
}

/// Why a stored event could not be read.
public enum EventCodingError: Error, Hashable, Sendable {
    /// The type is from a newer LiveRelay, or is no event.
    case typeUnknown(String)
    /// A field that the type needs is not there.
    case fieldMissing(type: String)
    /// The reason is not one that the type knows.
    case reasonUnknown(type: String)
}
