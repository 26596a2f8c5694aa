import SessionModel

/// A class as the HTTP interface shows it; fields that a role may not see are nil.
struct ClassAnswer: Codable, Hashable, Sendable {
    let id: SessionID
    let title: String
    let kind: String
    let phase: Phase
    let plannedStart: Int64
    let plannedMinutes: Int
    let timeZone: String
    let code: String?
    let lecturerName: String?
    let present: Int?
    let expected: Int?
    let cost: CostAnswer?
}

/// What a class has cost.
struct CostAnswer: Codable, Hashable, Sendable {
    struct Sent: Codable, Hashable, Sendable {
        let sound: Int
        let other: Int
    }
    struct Disk: Codable, Hashable, Sendable {
        let log: Int
        let texts: Int
        let recording: Int
    }
    let sentBytes: Sent
    let personMinutes: Int
    let diskBytes: Disk
}

/// One class.
struct ClassEnvelope: Codable, Sendable {
    let `class`: ClassAnswer
}

/// A page of classes.
struct ClassesAnswer: Codable, Sendable {
    let total: Int
    let classes: [ClassAnswer]
}

/// A class that was just made, with its links.
struct CreatedAnswer: Codable, Sendable {
    let `class`: ClassAnswer
    let links: [String: String]
}

/// What a new class should be.
struct CreateBody: Codable, Sendable {
    let title: String
    let kind: ClassKind
    let plannedStart: Int64
    let plannedMinutes: Int
    let timeZone: String
    var organisation: [NamedPart]?
    var project: NamedPart?
    var cohort: NamedPart?
    var lesson: Lesson?
    var lecturerName: String?
    var isRecorded: Bool?
    var duplicateLogin: DuplicateLogin?
}

/// Whom a link is for.
struct LinkBody: Codable, Sendable {
    let role: Role
    let name: String
    var number: String?
    var validMinutes: Int?
}

/// A link for one person.
struct LinkAnswer: Codable, Sendable {
    let url: String
    let token: String
}

/// What became of a roster.
struct RosterAnswer: Codable, Sendable {
    struct Problem: Codable, Sendable {
        let line: Int?
        let code: String
    }
    let imported: Int
    let problems: [Problem]?
}

/// Nothing, as a body.
struct EmptyBody: Codable, Sendable {}

/// What a replay holds besides the sound.
struct ReplayAnswer: Codable, Sendable {
    struct Chat: Codable, Sendable {
        let at: Int64
        let name: String
        let affiliation: String?
        let role: Role?
        let text: String?
    }
    struct Hand: Codable, Sendable {
        let at: Int64
        let name: String
        let what: String
    }
    struct Poll: Codable, Sendable {
        let at: Int64
        let closedAt: Int64?
        let question: String
        let options: [String]
        let count: Int?
        let sums: [Int]?
    }
    struct Break: Codable, Sendable {
        let from: Int64
        let to: Int64?
    }
    struct Pause: Codable, Sendable {
        let from: Int64
        let to: Int64?
        let cause: String
    }
    let `class`: ClassAnswer
    let wall: Int64?
    let from: Int64?
    let to: Int64?
    let breaks: [Break]?
    let pauses: [Pause]?
    let chat: [Chat]?
    let hands: [Hand]?
    let polls: [Poll]?
}
