public import LiveRelayWire
public import SessionModel

/// What `ClassroomMachine` asks of whoever drives it, in order.
public enum ClassroomEffect: Hashable, Sendable {
    /// Open a socket under this number.
    case open(socket: Int)
    /// Send a text message.
    case sendText(socket: Int, [UInt8])
    /// Send a binary message.
    case sendBinary(socket: Int, [UInt8])
    /// Let go of a socket; what it still says no longer counts.
    case close(socket: Int)
    /// Tell the owner.
    case deliver(ClassroomNotice)
}

/// What somebody who takes part is told.
public enum ClassroomNotice: Hashable, Sendable {
    /// In class, for the first time or again.
    case joined(Hello)
    /// The state of the class; replaces what was known.
    case snapshot(Snapshot)
    /// Something happened; each event comes once.
    case event(EventNotice)
    /// Counters.
    case digest(Digest)
    /// The answer to a command; each command gets exactly one.
    case answer(CommandID, CommandAnswer)
    /// The answer to `findPeople`.
    case people(PeoplePage)
    /// The place in the queue of hands; nil once the hand is down.
    case position(Int?, total: Int)
    /// What has become of packets of one's own tracks.
    case recorded(RecordedSound)
    /// Sound.
    case audio(AudioMessage)
    /// A probe has come back.
    case probe([UInt8])
    /// The relay could not read a message.
    case unreadable(Rejection, of: String?)
    /// The line is away; the next try comes in so many milliseconds.
    case interrupted(LineLoss, nextTryMilliseconds: UInt64)
    /// Over: nothing will be tried again.
    case ended(ClassroomEnding)
}

/// How a command was answered.
public enum CommandAnswer: Hashable, Sendable {
    /// It took effect and is on disk.
    case accepted(Accepted)
    /// It was refused.
    case rejected(Rejection)
    /// No answer came in time; it may have taken effect.
    case unanswered
}

/// How a socket ended, as its driver saw it.
public enum SocketEnd: Hashable, Sendable {
    /// By a close code of the wire or of RFC 6455.
    case code(UInt16)
    /// The certificate is not trusted; the text says why.
    case untrusted(String)
    /// The upgrade was answered with this HTTP status.
    case status(Int)
    /// In any other way; the text is the system's.
    case failed(String)
}

/// Why the line is away.
public enum LineLoss: Hashable, Sendable {
    /// The relay said so.
    case code(DisconnectCode)
    /// Nothing was heard for too long.
    case silence
    /// The network failed; the text is the system's.
    case failed(String)
}

/// Why nothing will be tried again.
public enum ClassroomEnding: Hashable, Sendable {
    /// The relay said so.
    case code(DisconnectCode)
    /// A close code of RFC 6455 that does not ask to come back.
    case closed(UInt16)
    /// The certificate is not trusted; the text says why.
    case untrusted(String)
    /// What answers there is no LiveRelay, or refuses: an HTTP status.
    case status(Int)
    /// This side stopped.
    case stopped
}
