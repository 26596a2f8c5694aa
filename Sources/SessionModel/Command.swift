/// Everything that can be asked of a class, by somebody in it, by an administrator or by the relay itself.
public enum Command: Hashable, Sendable {
    // Lifecycle
    /// Opens the door: scheduled → open.
    case open
    /// Starts the lesson: open → live.
    case start
    /// Pauses the lesson for so many minutes: live → break.
    case startBreak(minutes: Int)
    /// Goes on: break → live.
    case endBreak
    /// Ends the class for good.
    case end

    // Presence; made by the relay from what connections do, `by` being the seat where there is one
    /// Takes a seat, or takes the seat one already has; `members` share one screen with the person.
    case join(person: PersonID, role: Role, members: [PersonID])
    /// Somebody who was interrupted is back.
    case resume
    /// The connection went away without a goodbye.
    case interrupt(InterruptionCause)
    /// Somebody says goodbye.
    case leave
    /// Puts somebody out; with `isBanned` for good.
    case remove(SeatID, isBanned: Bool)
    /// Tells whether a learner really hears.
    case reportPlayback(Playback)

    // Chat
    /// Says something to all; `characters` counts what was typed.
    case postChat(text: TextReference, characters: Int)
    /// Takes a chat entry out of sight.
    case hideChat(ChatID)

    // The floor
    /// 举手.
    case raiseHand
    /// Lowers one's own hand (nil), or somebody's.
    case lowerHand(SeatID?)
    /// 请发言: gives somebody with a raised hand, or anybody present, the floor.
    case callToSpeak(SeatID)
    /// 结束发言: one's own turn (nil), or somebody's.
    case endTurn(SeatID?)
    /// 静音: stops somebody's sound at once.
    case mute(SeatID)
    /// Lets somebody sound again.
    case unmute(SeatID)

    // Polls
    /// Opens a single-choice poll.
    case openPoll(PollQuestion)
    /// Answers a poll: the number of an option, from 0.
    case vote(PollID, option: Int)
    /// Closes a poll and publishes its result.
    case closePoll(PollID)

    // Sound
    /// Announces an audio track of so many channels.
    case openTrack(channels: Int)
    /// Ends an audio track.
    case closeTrack(TrackID)

    // The relay's own
    /// The relay started, or started again, with this log; since `silentSince` it was away, as far as it
    /// knows.
    case startRelay(run: UInt32, wall: WallTime, silentSince: SessionTime? = nil)
    /// Puts people on the list of those who should come.
    case expect([PersonID])
    /// Recording stops, for a cause that people are told.
    case pauseRecording(RecordingPauseCause)
    /// Recording goes on.
    case resumeRecording
    /// The texts of the class are removed from disk.
    case removeTexts(TextRemovalCause)
    /// Time went by: whoever was away for too long has left.
    case passTime
}

/// The question and the options of a single-choice poll; the words live in the erasable store.
public struct PollQuestion: Hashable, Sendable, Codable {
    /// What is asked.
    public let question: TextReference
    /// What can be answered, in order.
    public let options: [TextReference]
    /// Whether staff see who chose what; fixed before the first vote.
    public let secrecy: PollSecrecy

    /// A question with its options.
    public init(question: TextReference, options: [TextReference], secrecy: PollSecrecy) {
        self.question = question
        self.options = options
        self.secrecy = secrecy
    }
}

/// Whether a poll knows who chose what.
public enum PollSecrecy: String, CaseIterable, Hashable, Sendable, Codable {
    /// 记名: staff see each person's choice.
    case named
    /// 匿名: no record joins a choice to a person; votes never enter the log.
    case anonymous
}

/// One answer to an anonymous poll on its way to the ballot box; never an event, never in a log.
public struct Ballot: Hashable, Sendable {
    /// The poll.
    public let poll: PollID
    /// Who voted; kept apart from what was voted.
    public let seat: SeatID
    /// The number of the chosen option, from 0.
    public let option: Int

    /// A ballot as it is cast.
    public init(poll: PollID, seat: SeatID, option: Int) {
        self.poll = poll
        self.seat = seat
        self.option = option
    }
}

/// What a command leads to: events for the log, and ballots that must stay out of it.
public struct Decision: Hashable, Sendable {
    /// Facts to be recorded, in order.
    public var events: [Event]
    /// Ballots for the ballot boxes.
    public var ballots: [Ballot]

    /// A decision; by default nothing happens.
    public init(events: [Event] = [], ballots: [Ballot] = []) {
        self.events = events
        self.ballots = ballots
    }
}
