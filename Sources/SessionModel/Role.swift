/// What somebody is in a class. In teacher training every participant is a teacher, so the words say the
/// role.
public enum Role: String, CaseIterable, Hashable, Sendable, Codable {
    /// 主讲: speaks, calls, opens polls, ends the class.
    case lecturer
    /// 助教: helps the lecturer keep order and may speak.
    case assistant
    /// 学员: attends, chats, votes, and speaks when called.
    case participant
    /// 巡课: looks at the order of classes, invisible to participants; every visit is in the log.
    case supervisor
    /// 评审专家: looks at sampled spans of a class.
    case expert
    /// 回看: watches a replay.
    case viewer
    /// 管理员: plans classes for an organisation and its subtree.
    case administrator

    /// Whether the role runs the class or watches over it, and so sees what only staff may see.
    public var isStaff: Bool {
        switch self {
        case .lecturer, .assistant, .supervisor, .administrator: true
        case .participant, .expert, .viewer: false
        }
    }

    /// Whether somebody with this role can hold the lesson.
    public var isTeaching: Bool {
        switch self {
        case .lecturer, .assistant: true
        case .participant, .supervisor, .expert, .viewer, .administrator: false
        }
    }

    /// Whether participants see that somebody with this role is in class.
    public var isVisibleToParticipants: Bool {
        switch self {
        case .lecturer, .assistant, .participant: true
        case .supervisor, .expert, .viewer, .administrator: false
        }
    }

    /// Whether somebody with this role takes a seat in a live class.
    public var takesSeat: Bool {
        switch self {
        case .lecturer, .assistant, .participant, .supervisor: true
        case .expert, .viewer, .administrator: false
        }
    }
}

/// Who asks for something, or caused an event.
public enum Actor: Hashable, Sendable {
    /// Somebody in class.
    case seat(SeatID)
    /// An administrator, from outside the class.
    case administrator
    /// The relay itself: a deadline that passed, a start, a full disk.
    case relay
}

extension Actor: Codable {
    /// Reads `"relay"`, `"administrator"` or a seat.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        switch try container.decode(String.self) {
        case "relay": self = .relay
        case "administrator": self = .administrator
        case let text:
            guard let seat = SeatID(text) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an actor")
            }
            self = .seat(seat)
        }
    }

    /// Writes `"relay"`, `"administrator"` or a seat.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .relay: try container.encode("relay")
        case .administrator: try container.encode("administrator")
        case .seat(let seat): try container.encode(seat)
        }
    }
}
