/// One person in the report of a class.
public struct ReportRow: Hashable, Sendable, Codable {
    /// When the person was there.
    public let attendance: AttendanceRow
    /// What the person did.
    public let engagement: EngagementRow

    /// Who.
    public var person: PersonID { attendance.person }
}

/// 互动 of all people of a class together.
public struct EngagementTotals: Hashable, Sendable, Codable {
    /// Chat entries.
    public let chats: Int
    /// 举手.
    public let hands: Int
    /// 发言.
    public let turns: Int
    /// Time for which people who were called had the floor.
    public let talkMilliseconds: Int64
    /// How many polls there were.
    public let polls: Int
    /// Answers to named polls.
    public let namedVotes: Int
    /// Ballots in anonymous polls.
    public let anonymousBallots: Int

    init(_ engagement: Engagement, _ polls: [PollReport]) {
        chats = engagement.rows.reduce(0) { $0 + $1.chatsCount }
        hands = engagement.rows.reduce(0) { $0 + $1.handsCount }
        turns = engagement.rows.reduce(0) { $0 + $1.turnsCount }
        talkMilliseconds = engagement.rows.reduce(0) { $0 &+ $1.talkMilliseconds }
        self.polls = polls.count
        namedVotes = engagement.rows.reduce(0) { $0 + $1.namedVotesCount }
        anonymousBallots = engagement.anonymousBallotsCount
    }
}

/// One poll in the report of a class.
public struct PollReport: Hashable, Sendable, Codable {
    /// Its name in the class.
    public let poll: PollID
    /// What was asked.
    public let question: PollQuestion
    /// When it was opened.
    public let openedAt: SessionTime
    /// When it was closed; nil while it is open.
    public internal(set) var closedAt: SessionTime?
    /// How many voted; nil while an anonymous poll is open.
    public internal(set) var count: Int?
    /// How often each option was chosen; nil while it is open, and below five anonymous ballots.
    public internal(set) var sums: [Int]?
    /// Who chose what, in the order of voting; nil for an anonymous poll.
    public internal(set) var answers: [PollAnswer]?
}

/// What a person answered in a named poll.
public struct PollAnswer: Hashable, Sendable, Codable {
    /// Who.
    public let person: PersonID
    /// The number of the chosen option, from 0.
    public let option: Int
}

/// One visit of a supervisor (巡课).
public struct Visit: Hashable, Sendable, Codable {
    /// Who looked in.
    public let person: PersonID
    /// From when.
    public let from: SessionTime
    /// Until when; nil while the visit lasts.
    public internal(set) var to: SessionTime?
}

/// A stretch in which recording stood still.
public struct RecordingPause: Hashable, Sendable, Codable {
    /// From when.
    public let from: SessionTime
    /// Until when; nil while it lasts.
    public internal(set) var to: SessionTime?
    /// Why.
    public let cause: RecordingPauseCause
}
