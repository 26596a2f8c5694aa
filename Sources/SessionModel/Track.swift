/// One open audio track.
public struct Track: Hashable, Sendable {
    /// Its number, as in the header of audio messages.
    public let id: TrackID
    /// Who publishes it.
    public let seat: SeatID
    /// 1 or 2.
    public let channels: Int
    /// Since when it is open.
    public let openedAt: SessionTime
}
