/// One raised hand in the queue.
public struct Hand: Hashable, Sendable {
    /// Whose hand it is.
    public let seat: SeatID
    /// Since when it is up.
    public let raisedAt: SessionTime
}
