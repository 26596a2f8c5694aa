public import SessionModel

/// A control message from a client to the relay, checked for shape but not for permission.
public enum ClientMessage: Hashable, Sendable {
    /// Takes a seat, by token or by code.
    case join(JoinRequest)
    /// Takes one's seat again after the connection was lost.
    case resume(ResumeRequest)
    /// Something to be decided; answered once.
    case command(CommandID, ClientCommand)
    /// Searches the people of the class; answered by `people`.
    case findPeople(CommandID, search: String, offset: Int)
    /// Whether the learner hears.
    case playback(PlaybackReport)
    /// What the client shows now.
    case panels(Set<Panel>)
    /// Asks for the session time.
    case ping(at: Double)
}

/// How somebody asks for a seat.
public struct JoinRequest: Hashable, Sendable {
    /// By which right.
    public let credential: JoinCredential
    /// What the client shows.
    public let panels: Set<Panel>

    /// A request for a seat.
    public init(credential: JoinCredential, panels: Set<Panel> = Set(Panel.allCases)) {
        self.credential = credential
        self.panels = panels
    }
}

/// By which right somebody asks for a seat.
public enum JoinCredential: Hashable, Sendable {
    /// A signed token from a link.
    case token(String)
    /// The nine digits of the class, and who one says one is.
    case code(String, name: String, number: String, device: String)
}

/// How somebody comes back.
public struct ResumeRequest: Hashable, Sendable {
    /// The signed resume token from `hello`.
    public let token: String
    /// The log that the client knows.
    public let epoch: String
    /// How far the client has come.
    public let n: UInt64
    /// What the client shows.
    public let panels: Set<Panel>

    /// A request to come back.
    public init(token: String, epoch: String, n: UInt64, panels: Set<Panel> = Set(Panel.allCases)) {
        self.token = token
        self.epoch = epoch
        self.n = n
        self.panels = panels
    }
}

/// A part of the page; what is not shown is not sent as events.
public enum Panel: String, CaseIterable, Hashable, Sendable, Codable {
    /// 聊天.
    case chat
    /// 成员.
    case people
    /// 投票.
    case polls
}

/// Whether a learner hears, how late and with how many gaps.
public struct PlaybackReport: Hashable, Sendable {
    /// Whether sound plays.
    public let state: Playback
    /// From the lecturer's mouth to the learner's ear, in milliseconds.
    public let delayMilliseconds: Int
    /// Gaps since the last report.
    public let gaps: Int

    /// A report; numbers out of bounds are clamped, since they only describe.
    public init(state: Playback, delayMilliseconds: Int, gaps: Int) {
        self.state = state
        self.delayMilliseconds = min(max(delayMilliseconds, 0), 600_000)
        self.gaps = min(max(gaps, 0), 100_000)
    }
}

/// What a client may ask for; texts are in clear here and become references in the model.
public enum ClientCommand: Hashable, Sendable {
    /// Opens the door.
    case open
    /// Starts the lesson.
    case start
    /// Pauses the lesson.
    case startBreak(minutes: Int)
    /// Goes on.
    case endBreak
    /// Ends the class.
    case end
    /// Says goodbye.
    case leave
    /// Puts somebody out.
    case remove(SeatID, isBanned: Bool)
    /// Says something to all.
    case postChat(String)
    /// Takes an entry out of sight.
    case hideChat(ChatID)
    /// 举手.
    case raiseHand
    /// Lowers a hand.
    case lowerHand(SeatID?)
    /// 请发言.
    case callToSpeak(SeatID)
    /// 结束发言.
    case endTurn(SeatID?)
    /// 静音.
    case mute(SeatID)
    /// Lifts the mute.
    case unmute(SeatID)
    /// Opens a poll.
    case openPoll(question: String, options: [String], secrecy: PollSecrecy)
    /// Answers a poll.
    case vote(PollID, option: Int)
    /// Closes a poll.
    case closePoll(PollID)
    /// Announces an audio track.
    case openTrack(channels: Int)
    /// Ends an audio track.
    case closeTrack(TrackID)
}

/// Why a client's message was not understood.
public enum ClientMessageFailure: Error, Hashable, Sendable {
    /// Not a JSON object, or a field is missing or of the wrong kind.
    case malformed(CommandID?)
    /// A type that this relay does not know.
    case unknownType(String, CommandID?)
    /// A version of the wire that this relay does not speak.
    case wireUnsupported
}
