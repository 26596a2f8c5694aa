/// A recorded fact about a class. Names of cases and fields stand in logs for ever and are never renamed.
///
/// Nothing in here may join an anonymous ballot to a person, and nothing a person typed stands in here in
/// clear.
public enum Event: Hashable, Sendable {
    // Lifecycle
    /// The class was planned; always the first event.
    case scheduled(SessionPlan)
    /// People were put on the list of those who should come (应到).
    case peopleExpected([PersonID])
    /// The relay started with this log; `run` stands in the header of audio messages, and since
    /// `silentSince` it was away, where that is known.
    case relayStarted(run: UInt32, wall: WallTime, silentSince: SessionTime? = nil)
    /// The door was opened.
    case opened
    /// The lesson began.
    case started
    /// The lesson paused, for so many minutes as planned.
    case breakStarted(plannedMinutes: Int)
    /// The lesson went on.
    case breakEnded
    /// The class is over.
    case ended(EndCause)

    // Presence
    /// Somebody took a seat, for the first time or after having left.
    case joined(SeatID, person: PersonID, role: Role, members: [PersonID])
    /// The last connection of a seat went away without a goodbye.
    case interrupted(SeatID, InterruptionCause)
    /// Somebody came back within the grace.
    case resumed(SeatID)
    /// Somebody left.
    case left(SeatID, LeaveCause)
    /// Somebody was put out.
    case removed(SeatID, isBanned: Bool)
    /// A learner began or ceased to hear the class.
    case playbackChanged(SeatID, Playback)

    // Chat
    /// Somebody said something to all.
    case chatPosted(ChatID, seat: SeatID, text: TextReference)
    /// A chat entry was taken out of sight.
    case chatHidden(ChatID)

    // The floor
    /// 举手.
    case handRaised(SeatID)
    /// A hand went down.
    case handLowered(SeatID, HandLowerCause)
    /// 请发言.
    case calledToSpeak(SeatID)
    /// 结束发言.
    case turnEnded(SeatID, TurnEndCause)
    /// 静音.
    case muted(SeatID)
    /// The mute was lifted.
    case unmuted(SeatID)

    // Polls
    /// A poll was opened.
    case pollOpened(PollID, PollQuestion)
    /// Somebody answered a named poll; an anonymous vote is never an event.
    case voteCast(PollID, seat: SeatID, option: Int)
    /// A poll was closed. `sums` is nil where fewer than the least number of ballots may be shown.
    case pollClosed(PollID, count: Int, sums: [Int]?)

    // Sound
    /// An audio track was announced.
    case trackOpened(TrackID, seat: SeatID, codec: AudioCodec, channels: Int)
    /// An audio track ended.
    case trackClosed(TrackID, TrackCloseCause)
    /// Recording stopped.
    case recordingPaused(RecordingPauseCause)
    /// Recording went on.
    case recordingResumed
    /// The texts of the class were removed from disk.
    case textsRemoved(TextRemovalCause)
}

/// An event with its place in the log.
public struct RecordedEvent: Hashable, Sendable {
    /// Its number in the log, from 1 without a gap.
    public let n: UInt64
    /// When it happened.
    public let t: SessionTime
    /// Who caused it.
    public let by: Actor
    /// The command that caused it, where a client sent one.
    public let cause: CommandID?
    /// What happened.
    public let event: Event

    /// An event at its place.
    public init(n: UInt64, t: SessionTime, by: Actor, cause: CommandID?, event: Event) {
        self.n = n
        self.t = t
        self.by = by
        self.cause = cause
        self.event = event
    }
}
