/// One command of one seat, and what became of it; a line of the journal.
struct EndureCommand: Encodable {
    let seat: String
    let id: String
    let kind: String
    var text: String?
    var poll: String?
    var option: Int?
    /// Milliseconds of the monotonic clock.
    let sentAt: UInt64
    var answeredAt: UInt64?
    /// `accepted`, a rejection code, or `unanswered`.
    var answer: String?
    /// The event that the answer named.
    var n: UInt64?
}
