/// All limits of a class. Every one is a promise to those who run the machine: nothing grows beyond it.
public enum SessionLimits {
    /// Longer than any chat line a person types by hand, short enough for a phone's screen.
    public static let chatCharactersMaximum = 500
    /// What a late joiner gets of the chat; enough for ten minutes of a lively class.
    public static let chatBacklogCountMaximum = 200
    /// Entries of one seat within `chatWindowMilliseconds`.
    public static let chatPerSeatCountMaximum = 10
    /// Entries of one session within `chatWindowMilliseconds`; beyond it nobody can read along.
    public static let chatPerSessionCountMaximum = 500
    /// The window in which chat entries are counted.
    public static let chatWindowMilliseconds: Int64 = 10_000
    /// A queue nobody can work off within a lesson needs no more places.
    public static let handQueueCountMaximum = 1_000
    /// Speakers beside lecturers and assistants; more than this is no conversation.
    public static let speakersCountMaximum = 4
    /// A question that fits on a phone's screen.
    public static let pollQuestionCharactersMaximum = 300
    /// An option that fits on a button.
    public static let pollOptionCharactersMaximum = 100
    /// A choice needs two options.
    public static let pollOptionsCountMinimum = 2
    /// Keys 1 to 9 choose an option.
    public static let pollOptionsCountMaximum = 9
    /// Below this number of ballots an anonymous sum would point at people.
    public static let anonymousBallotsCountMinimum = 5
    /// The longest break; a longer one is another class.
    public static let breakMinutesMaximum = 120
    /// After an interruption the seat is held this long and the absence counts as interrupted, not as left.
    public static let interruptionGraceMilliseconds: Int64 = 60_000
    /// A lesson that everybody who teaches left on purpose goes on this long without them: long enough to
    /// come back from another page or device, short enough not to be recorded all night.
    public static let teacherAbsenceMilliseconds: Int64 = 15 * 60_000
    /// Command identifiers remembered for each seat, so that sending twice takes effect once.
    public static let commandsRememberedCountMaximum = 64
    /// Commands one client may have in flight.
    public static let commandsInFlightCountMaximum = 16
    /// Tracks a session may open over its life; the track number is 16 bits wide.
    public static let tracksCountMaximum = 60_000
    /// People who may share one seat, as in a room of teachers before one screen.
    public static let seatMembersCountMaximum = 100
    /// People in one event of the list of those expected, so that no line of the log grows without bound.
    public static let expectedPerEventCountMaximum = 500
    /// People who may be expected in one class.
    public static let expectedCountMaximum = 50_000
    /// Seats a class may see over its life, so that coming and going cannot fill memory.
    public static let seatsEverCountMaximum = 100_000
    /// Texts that people in class can still see: those of the chat entries that are kept and of all polls.
    public static let liveTextsCountMaximum =
        chatBacklogCountMaximum + pollsCountMaximum * (pollOptionsCountMaximum + 1)
    /// Polls of one class; one every half minute for four hours.
    public static let pollsCountMaximum = 480
    /// An interruption that ends by coming back this soon counts as presence: a page that loses its socket
    /// tries again for this long before it slows down, and a flapping network must not eat up attendance.
    public static let interruptionForgivenMilliseconds: Int64 = 10_000
}
