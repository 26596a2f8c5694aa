/// An event as it stands in the log and on the wire: one flat object of a `type` and whatever fields it needs.
///
/// Names of fields are never renamed: what is written today must be read in twenty years.
struct EventFields: Codable {
    var type: String
    var plan: SessionPlan?
    var people: [PersonID]?
    var run: UInt32?
    var wall: WallTime?
    var plannedMinutes: Int?
    var reason: String?
    var seat: SeatID?
    var person: PersonID?
    var role: Role?
    var members: [PersonID]?
    var isBanned: Bool?
    var playback: Playback?
    var chat: ChatID?
    var text: TextReference?
    var poll: PollID?
    var question: TextReference?
    var options: [TextReference]?
    var secrecy: PollSecrecy?
    var option: Int?
    var count: Int?
    var sums: [Int]?
    var track: TrackID?
    var codec: AudioCodec?
    var channels: Int?

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
