/// Why the relay ends a connection, as a WebSocket close code. The only table from failures to codes.
///
/// 4000 to 4499 mean "come back", 4500 to 4999 "do not". The close reason is the name; never a sentence.
public enum DisconnectCode: UInt16, CaseIterable, Error, Hashable, Sendable {
    // Come back
    /// The relay stops.
    case shutdown = 4000
    /// The connection cannot keep up.
    case tooSlow = 4001
    /// No answer to pings.
    case silentTooLong = 4002
    /// The log could not be written.
    case storageFailed = 4003
    /// Too many people arrive at once.
    case busy = 4004
    /// The door is closed.
    case notYetOpen = 4005

    // Do not come back
    /// The class is over.
    case ended = 4500
    /// Put out of class.
    case removed = 4501
    /// Put out for good.
    case banned = 4502
    /// The same person joined elsewhere.
    case replaced = 4503
    /// The token is not ours, or altered.
    case tokenInvalid = 4504
    /// The token's time is over.
    case tokenExpired = 4505
    /// No such class, or a token for another.
    case classUnknown = 4506
    /// No seat is left.
    case classFull = 4507
    /// No class has this code.
    case codeUnknown = 4508
    /// Too many wrong codes from this address.
    case tooManyAttempts = 4509
    /// In class elsewhere already.
    case alreadyInClass = 4510
    /// The name is empty, too long or unreadable.
    case nameInvalid = 4511
    /// The first message was neither `join` nor `resume`.
    case joinExpected = 4512
    /// Another version of the wire.
    case wireUnsupported = 4513
    /// Said goodbye.
    case left = 4514
    /// A message beyond the limit.
    case messageTooLong = 4515
    /// A binary message that breaks the layout.
    case audioInvalid = 4516
    /// A token that gives no seat in a live class.
    case roleCannotJoin = 4517

    /// The stable name, as it stands in the close reason and in HTTP errors.
    public var name: String { String(describing: self) }

    /// Whether the client should come back by itself.
    public var isComeBack: Bool { rawValue < 4500 }
}
