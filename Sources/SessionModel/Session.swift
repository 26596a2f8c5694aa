/// A class: the state that follows from its log.
///
/// `decide` says what a command leads to and changes nothing; `record` numbers and applies what was decided;
/// `apply` refuses nothing, so that a log of any age can be read back. The class reads no clock and draws no
/// random number: the same commands at the same times give the same log, and the same log gives the same
/// class.
///
/// The first event of a log is `scheduled`; until it is applied every command is refused with `notNow`.
public struct Session: Hashable, Sendable {
    /// The name of the class.
    public let id: SessionID
    /// What is fixed about the class; nil only until the first event.
    public internal(set) var plan: SessionPlan?
    /// Where the class stands.
    public internal(set) var phase: Phase = .scheduled
    /// The number of the last event.
    public internal(set) var lastN: UInt64 = 0
    /// The time of the last event.
    public internal(set) var time: SessionTime = .zero
    /// The number of the last start of the relay with this log.
    public internal(set) var run: UInt32 = 0

    /// When the door was opened.
    public internal(set) var openedAt: SessionTime?
    /// When the lesson began.
    public internal(set) var startedAt: SessionTime?
    /// When the class ended.
    public internal(set) var endedAt: SessionTime?
    /// When the present break began; nil outside a break.
    public internal(set) var breakStartedAt: SessionTime?
    /// How long the present break should last; nil outside a break.
    public internal(set) var breakMinutes: Int?
    /// Who should come (应到), in the order of the list, without doubles.
    public internal(set) var expected: [PersonID] = []
    /// Why recording stands still; nil while it goes on.
    public internal(set) var isRecordingPaused: RecordingPauseCause?

    /// Everybody who ever took a seat, in order of arrival.
    public internal(set) var seats: [Seat] = []
    /// How many participants are present.
    public internal(set) var presentCount = 0
    /// Raised hands, the longest raised first.
    public internal(set) var hands: [Hand] = []
    /// Who was called to speak, in the order of the calls.
    public internal(set) var speakers: [SeatID] = []
    /// All polls, in the order of opening.
    public internal(set) var polls: [Poll] = []
    /// The last chat entries, oldest first, hidden ones flagged.
    public internal(set) var chat: [ChatEntry] = []
    /// Open audio tracks, in the order of opening.
    public internal(set) var tracks: [Track] = []

    // What makes looking up quick. Sets and dictionaries are asked, never walked through.
    var positions: [SeatID: Int] = [:]
    var positionsByPerson: [PersonInRole: Int] = [:]
    var banned: Set<PersonID> = []
    var expectedSet: Set<PersonID> = []
    /// Positions of interrupted seats, the longest interrupted first.
    var interrupted: [Int] = []
    /// When the relay last started: nobody could come back before.
    var relayStartedAt: SessionTime = .zero
    /// When the last of those who teach left on purpose; nil while one is here, and where one may be gone
    /// only because the network or the relay was.
    var teachersLeftAt: SessionTime?
    var chatCount = 0
    /// Who said something within the window of the rate limit, oldest first.
    var recentChats: [RecentChat] = []
    var hiddenChats: Set<ChatID> = []
    /// The highest number a track ever had.
    var lastTrack: UInt16 = 0
    var outcomes: [SeatID: CommandOutcomes] = [:]

    /// A class of which nothing is known yet; the first recorded event must be `scheduled`.
    public init(id: SessionID) { self.id = id }

    /// Numbers and applies what was decided; the host appends the result to the log.
    ///
    /// Time never decreases: a moment before the last event counts as the moment of the last event.
    public mutating func record(
        _ events: [Event], by actor: Actor, cause: CommandID?, at time: SessionTime
    ) -> [RecordedEvent] {
        let moment = max(time, self.time)
        return events.map { event in
            let recorded = RecordedEvent(n: lastN &+ 1, t: moment, by: actor, cause: cause, event: event)
            apply(recorded)
            return recorded
        }
    }

    /// Takes over what was recorded: in recovery and in replicas. Refuses nothing.
    public mutating func apply(_ recorded: RecordedEvent) {
        lastN = recorded.n
        time = recorded.t
        if case .seat(let seat) = recorded.by, let cause = recorded.cause {
            outcomes[seat, default: CommandOutcomes()].remember(cause, n: recorded.n)
        }
        apply(recorded.event, at: recorded.t)
    }

    /// The number of the last event that a seat's command caused; nil where it caused none, or is too long
    /// ago to be remembered.
    public func outcome(of command: CommandID, by seat: SeatID) -> UInt64? {
        outcomes[seat]?.n(of: command)
    }

    private mutating func apply(_ event: Event, at time: SessionTime) {
        switch event {
        case .scheduled(let plan): self.plan = plan
        case .peopleExpected(let people): applyExpected(people)
        case .relayStarted(let run, _, _): applyRelayStarted(run, at: time)
        case .opened: applyOpened(at: time)
        case .started: applyStarted(at: time)
        case .breakStarted(let minutes): applyBreakStarted(minutes, at: time)
        case .breakEnded: applyBreakEnded()
        case .ended: applyEnded(at: time)
        case .joined(let seat, let person, let role, let members):
            applyJoined(seat, person, role, members, at: time)
        case .interrupted(let seat, let cause): applyInterrupted(seat, cause, at: time)
        case .resumed(let seat): applyResumed(seat, at: time)
        case .left(let seat, let cause): applyGone(seat, .left(cause), at: time)
        case .removed(let seat, let isBanned): applyRemoved(seat, isBanned: isBanned, at: time)
        case .playbackChanged(let seat, let playback): change(seat) { $0.playback = playback }
        case .chatPosted(let chat, let seat, let text): applyChatPosted(chat, seat, text, at: time)
        case .chatHidden(let chat): applyChatHidden(chat)
        case .handRaised(let seat): applyHandRaised(seat, at: time)
        case .handLowered(let seat, _): hands.removeAll { $0.seat == seat }
        case .calledToSpeak(let seat): applyCalledToSpeak(seat)
        case .turnEnded(let seat, _): speakers.removeAll { $0 == seat }
        case .muted(let seat): change(seat) { $0.isMuted = true }
        case .unmuted(let seat): change(seat) { $0.isMuted = false }
        case .pollOpened(let poll, let question): applyPollOpened(poll, question, at: time)
        case .voteCast(let poll, let seat, let option): applyVoteCast(poll, seat, option)
        case .pollClosed(let poll, let count, let sums): applyPollClosed(poll, count, sums, at: time)
        case .trackOpened(let track, let seat, _, let channels):
            applyTrackOpened(track, seat, channels: channels, at: time)
        case .trackClosed(let track, _): tracks.removeAll { $0.id == track }
        case .recordingPaused(let cause): isRecordingPaused = cause
        case .recordingResumed: isRecordingPaused = nil
        case .textsRemoved: break
        }
    }
}
