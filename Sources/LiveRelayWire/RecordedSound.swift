public import SessionModel

/// What has become of a stretch of packets: nobody needs to keep them any longer.
public struct RecordedSound: Hashable, Sendable {
    /// The track.
    public let track: TrackID
    /// The start of the relay that the sequence numbers belong to.
    public let run: UInt32
    /// The numbers of the packets.
    public let sequences: ClosedRange<UInt32>
    /// Whether they may not be recorded, because they were captured while the publisher might not be heard;
    /// otherwise they are on disk and synced.
    public let isRefused: Bool

    /// A stretch of packets.
    public init(track: TrackID, run: UInt32, sequences: ClosedRange<UInt32>, isRefused: Bool = false) {
        self.track = track
        self.run = run
        self.sequences = sequences
        self.isRefused = isRefused
    }
}
