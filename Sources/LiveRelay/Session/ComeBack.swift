import LiveRelayWire

/// When people are to come back after the server told them to, or is gone without a word: spread, so that a
/// class does not knock at the door in one instant, and those who speak before those who listen.
struct ComeBack: Hashable, Sendable {
    /// Two cores take a TLS handshake, a join and its first messages in about half of this.
    static let spreadPerPersonMilliseconds = 2
    /// Also a few people need not come in the same turn.
    static let spreadMillisecondsMinimum = 200
    /// Longer than this nobody believes that it comes back by itself.
    static let spreadMillisecondsMaximum = 30_000
    /// After a loss without a word everybody spreads over a second anyway.
    static let spreadUntoldMilliseconds = 1_000
    /// Lecturers and assistants come first: without them there is nothing to hear.
    static let spreadOfStaffMilliseconds = 100
    /// A program that is started anew is not there before.
    static let restartMilliseconds = 1_000

    /// Before this nobody comes.
    let after: Int
    /// Over this people spread.
    let spread: Int

    /// `isPortKept`: connections wait until the next server takes them, so that there is nothing to wait for.
    init(people: Int, isPortKept: Bool) {
        after = isPortKept ? 0 : Self.restartMilliseconds
        spread = max(Self.spreadMillisecondsMinimum, Self.spread(people))
    }

    /// What those who listen are told beforehand, for the case that the server dies; in whole seconds, and
    /// nil where the usual one is enough.
    static func spreadToldBeforehand(_ people: Int) -> Int? {
        let spread = spread(people)
        guard spread > spreadUntoldMilliseconds else { return nil }
        return (spread + 999) / 1_000 * 1_000
    }

    private static func spread(_ people: Int) -> Int {
        min(spreadMillisecondsMaximum, people * spreadPerPersonMilliseconds)
    }

    /// What lecturers and assistants are told.
    var forStaff: ServerMessage { .reconnect(after: after, jitter: Self.spreadOfStaffMilliseconds) }

    /// What everybody else is told.
    var forOthers: ServerMessage { .reconnect(after: after, jitter: spread) }
}
