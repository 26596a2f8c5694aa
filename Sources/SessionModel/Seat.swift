/// One participation of one person in one class; outlives connections, and even leaving and coming back.
public struct Seat: Hashable, Sendable {
    /// The name of the seat in this class.
    public let id: SeatID
    /// Whose seat it is.
    public let person: PersonID
    /// What the person is in this class.
    public let role: Role
    /// Others who share the screen with the person.
    public internal(set) var members: [PersonID]
    /// Whether the person is here now.
    public internal(set) var presence: Presence = .connected
    /// When the seat was taken for the first time.
    public let joinedAt: SessionTime
    /// Whether staff took the sound away.
    public internal(set) var isMuted = false
    /// Whether the person was put out for good.
    public internal(set) var isBanned = false
    /// Whether the person really hears, as last reported on the present connection.
    public internal(set) var playback: Playback?

    /// Whether the seat is held: connected, or interrupted within the grace.
    public var isPresent: Bool {
        switch presence {
        case .connected, .interrupted: true
        case .left, .removed: false
        }
    }

    /// Whether a connection is there now.
    public var isConnected: Bool { presence == .connected }
}

/// Whether somebody is in class now.
public enum Presence: Hashable, Sendable {
    /// A connection is there.
    case connected
    /// The connection went away; the seat is held for a while.
    case interrupted(since: SessionTime, InterruptionCause)
    /// Not in class any more; may come back.
    case left(LeaveCause)
    /// Put out; may come back unless banned.
    case removed
}
