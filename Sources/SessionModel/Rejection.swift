/// A typed refusal: somebody asked for what they may not have. The class is unchanged and goes on.
///
/// Raw values are stable codes on the wire; clients translate them.
public enum Rejection: String, Error, CaseIterable, Hashable, Sendable, Codable {
    // Who and when
    /// The role may never do this.
    case notPermitted
    /// Not in this state of the class, for instance before it starts.
    case notNow
    /// The class is over.
    case sessionEnded
    /// Removed for good.
    case banned
    /// No seat is left.
    case classFull
    /// Already in class elsewhere, and the class allows one connection only.
    case alreadyInClass
    /// The seat does not exist.
    case seatUnknown
    /// The person is not in class now.
    case seatAbsent

    // Lifecycle
    /// The number of minutes is out of bounds.
    case minutesOutOfRange

    // Chat
    /// Nothing but white space.
    case textEmpty
    /// Longer than allowed.
    case textTooLong
    /// Holds characters that no text may hold, such as NUL.
    case textInvalid
    /// Too many entries in a short time.
    case tooFast
    /// The chat entry does not exist.
    case chatUnknown
    /// The chat entry is already out of sight.
    case chatAlreadyHidden

    // The floor
    /// The hand is already up.
    case handAlreadyRaised
    /// The hand is not up.
    case handNotRaised
    /// The queue of hands is full.
    case handQueueFull
    /// Already called to speak.
    case alreadySpeaking
    /// Has not been called to speak.
    case notSpeaking
    /// As many people speak as may.
    case speakersFull
    /// Already muted.
    case alreadyMuted
    /// Not muted.
    case notMuted

    // Polls
    /// Another poll is open.
    case pollAlreadyOpen
    /// The poll does not exist.
    case pollUnknown
    /// The poll is closed.
    case pollClosed
    /// The option does not exist.
    case optionUnknown
    /// Fewer or more options than allowed.
    case optionCountOutOfRange
    /// Has voted already.
    case alreadyVoted

    // Sound
    /// The track does not exist or is somebody else's.
    case trackUnknown
    /// The number of channels is not 1 or 2.
    case channelsOutOfRange
    /// Already publishes a track.
    case trackAlreadyOpen

    // Bounds
    /// More polls, tracks, people on one seat or people expected than a class may have.
    case limitReached

    // What the relay refuses before the class is asked
    /// Not JSON, or without what the message needs.
    case malformed
    /// A type of message the relay does not know.
    case unknownType
    /// Too many commands at once.
    case tooManyInFlight
    /// The disk is full: only what keeps order still works.
    case noSpace
}
