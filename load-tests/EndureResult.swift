import SessionModel

/// What the class has shown at its end, as one line of JSON.
struct EndureResult: Encodable {
    /// Answers by kind of command.
    let answers: [String: Int]
    /// Commands that never got an answer, not even `unanswered`.
    let open: Int
    /// Why clients gave up that were not asked to; by seat, −1 is the lecturer.
    let gaveUp: [String: String]
    /// Where a seat's picture of the class differs from the lecturer's; by seat.
    let different: [String: String]
    /// Chat entries of the class, as far as anybody saw them.
    let chats: [String]
    /// Entries that somebody who was in class all the time never saw; by seat.
    let chatsMissed: [String: Int]
    /// Entries that came twice as events.
    let chatsTwice: Int
    let interruptions: Int
    let snapshots: Int
    let packetsSent: Int
    /// Packets that the server has not confirmed as recorded.
    let packetsUnrecorded: Int
    let milliseconds: UInt64
}
