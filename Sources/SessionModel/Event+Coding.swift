// How events stand in the log and on the wire. Written by hand, one line a case, because what is written
// today must be read in twenty years; `EventFields` holds the names of the fields.

extension Event: Codable {
    /// The stable name of the case, as it stands in `type`.
    public var typeName: String { fields.type }

    /// Writes one flat object.
    public func encode(to encoder: any Encoder) throws { try fields.encode(to: encoder) }

    /// Reads one flat object; unknown fields are ignored, an unknown type is an error.
    public init(from decoder: any Decoder) throws {
        self = try Event(EventFields<TextReference>(from: decoder))
    }

    /// The event as one flat object.
    public var fields: EventFields<TextReference> {
        switch self {
        case .scheduled(let plan): EventFields("scheduled").with(\.plan, plan)
        case .peopleExpected(let people): EventFields("peopleExpected").with(\.people, people)
        case .relayStarted(let run, let wall, let silentSince):
            EventFields("relayStarted").with(\.run, run).with(\.wall, wall)
                .with(\.silentSince, silentSince)
        case .opened: EventFields("opened")
        case .started: EventFields("started")
        case .breakStarted(let minutes): EventFields("breakStarted").with(\.plannedMinutes, minutes)
        case .breakEnded: EventFields("breakEnded")
        case .ended(let cause): EventFields("ended").with(\.reason, cause.rawValue)
        case .joined(let seat, let person, let role, let members):
            EventFields("joined", seat).with(\.person, person).with(\.role, role)
                .with(\.members, members.isEmpty ? nil : members)
        case .interrupted(let seat, let cause): EventFields("interrupted", seat, cause.rawValue)
        case .resumed(let seat): EventFields("resumed", seat)
        case .left(let seat, let cause): EventFields("left", seat, cause.rawValue)
        case .removed(let seat, let isBanned): EventFields("removed", seat).with(\.isBanned, isBanned)
        case .playbackChanged(let seat, let playback):
            EventFields("playbackChanged", seat).with(\.playback, playback)
        case .chatPosted(let chat, let seat, let text):
            EventFields("chatPosted", seat).with(\.chat, chat).with(\.text, text)
        case .chatHidden(let chat): EventFields("chatHidden").with(\.chat, chat)
        case .handRaised(let seat): EventFields("handRaised", seat)
        case .handLowered(let seat, let cause): EventFields("handLowered", seat, cause.rawValue)
        case .calledToSpeak(let seat): EventFields("calledToSpeak", seat)
        case .turnEnded(let seat, let cause): EventFields("turnEnded", seat, cause.rawValue)
        case .muted(let seat): EventFields("muted", seat)
        case .unmuted(let seat): EventFields("unmuted", seat)
        case .pollOpened(let poll, let asked):
            EventFields("pollOpened").with(\.poll, poll).with(\.question, asked.question)
                .with(\.options, asked.options).with(\.secrecy, asked.secrecy)
        case .voteCast(let poll, let seat, let option):
            EventFields("voteCast", seat).with(\.poll, poll).with(\.option, option)
        case .pollClosed(let poll, let count, let sums):
            EventFields("pollClosed").with(\.poll, poll).with(\.count, count).with(\.sums, sums)
        case .trackOpened(let track, let seat, let codec, let channels):
            EventFields("trackOpened", seat).with(\.track, track).with(\.codec, codec)
                .with(\.channels, channels)
        case .trackClosed(let track, let cause):
            EventFields("trackClosed", nil, cause.rawValue).with(\.track, track)
        case .recordingPaused(let cause): EventFields("recordingPaused", nil, cause.rawValue)
        case .recordingResumed: EventFields("recordingResumed")
        case .textsRemoved(let cause): EventFields("textsRemoved", nil, cause.rawValue)
        }
    }

    /// The event that the flat object stands for.
    public init(_ fields: EventFields<TextReference>) throws {
        switch fields.type {
        case "scheduled": self = .scheduled(try fields.need(\.plan))
        case "peopleExpected": self = .peopleExpected(try fields.need(\.people))
        case "relayStarted":
            self = .relayStarted(
                run: try fields.need(\.run), wall: try fields.need(\.wall),
                silentSince: fields.silentSince)
        case "opened": self = .opened
        case "started": self = .started
        case "breakStarted": self = .breakStarted(plannedMinutes: try fields.need(\.plannedMinutes))
        case "breakEnded": self = .breakEnded
        case "ended": self = .ended(try fields.needReason(EndCause.self))
        case "recordingPaused": self = .recordingPaused(try fields.needReason(RecordingPauseCause.self))
        case "recordingResumed": self = .recordingResumed
        case "textsRemoved": self = .textsRemoved(try fields.needReason(TextRemovalCause.self))
        case "chatHidden": self = .chatHidden(try fields.need(\.chat))
        case "pollOpened":
            self = .pollOpened(
                try fields.need(\.poll),
                PollQuestion(
                    question: try fields.need(\.question), options: try fields.need(\.options),
                    secrecy: try fields.need(\.secrecy)))
        case "pollClosed":
            self = .pollClosed(
                try fields.need(\.poll), count: try fields.need(\.count), sums: fields.sums)
        case "trackClosed":
            self = .trackClosed(
                try fields.need(\.track), try fields.needReason(TrackCloseCause.self))
        default:
            guard let seat = fields.seat else { throw EventCodingError.typeUnknown(fields.type) }
            self = try Event(fields, of: seat)
        }
    }

    /// The events that are about one seat.
    private init(_ fields: EventFields<TextReference>, of seat: SeatID) throws {
        switch fields.type {
        case "joined":
            self = .joined(
                seat, person: try fields.need(\.person), role: try fields.need(\.role),
                members: fields.members ?? [])
        case "interrupted": self = .interrupted(seat, try fields.needReason(InterruptionCause.self))
        case "resumed": self = .resumed(seat)
        case "left": self = .left(seat, try fields.needReason(LeaveCause.self))
        case "removed": self = .removed(seat, isBanned: try fields.need(\.isBanned))
        case "playbackChanged": self = .playbackChanged(seat, try fields.need(\.playback))
        case "chatPosted":
            self = .chatPosted(try fields.need(\.chat), seat: seat, text: try fields.need(\.text))
        case "handRaised": self = .handRaised(seat)
        case "handLowered": self = .handLowered(seat, try fields.needReason(HandLowerCause.self))
        case "calledToSpeak": self = .calledToSpeak(seat)
        case "turnEnded": self = .turnEnded(seat, try fields.needReason(TurnEndCause.self))
        case "muted": self = .muted(seat)
        case "unmuted": self = .unmuted(seat)
        case "voteCast":
            self = .voteCast(try fields.need(\.poll), seat: seat, option: try fields.need(\.option))
        case "trackOpened":
            self = .trackOpened(
                try fields.need(\.track), seat: seat, codec: try fields.need(\.codec),
                channels: try fields.need(\.channels))
        default: throw EventCodingError.typeUnknown(fields.type)
        }
    }
}

extension RecordedEvent: Codable {
    private enum Key: String, CodingKey {
        case n, t, by, cause
    }

    /// Writes one flat object: number, time, who, cause, and the fields of the event.
    public func encode(to encoder: any Encoder) throws {
        var place = encoder.container(keyedBy: Key.self)
        try place.encode(n, forKey: .n)
        try place.encode(t, forKey: .t)
        try place.encode(by, forKey: .by)
        try place.encodeIfPresent(cause, forKey: .cause)
        try event.encode(to: encoder)
    }

    /// Reads one flat object.
    public init(from decoder: any Decoder) throws {
        let place = try decoder.container(keyedBy: Key.self)
        self.init(
            n: try place.decode(UInt64.self, forKey: .n),
            t: try place.decode(SessionTime.self, forKey: .t),
            by: try place.decode(Actor.self, forKey: .by),
            cause: try place.decodeIfPresent(CommandID.self, forKey: .cause),
            event: try Event(from: decoder))
    }
}
