public import SessionModel

/// Consecutive packets of one track, as a publisher sent them.
public struct AudioBatch: Hashable, Sendable {
    /// The track.
    public let track: TrackID
    /// The start of the relay that the sequence numbers belong to.
    public let run: UInt32
    /// The number of the first packet; the next has the next number.
    public let firstSequence: UInt32
    /// When the first packet was captured, in samples at 48 kHz of the publisher's clock.
    public let captureSamples: UInt64
    /// Opus packets.
    public let packets: [[UInt8]]
    /// Whether the publisher sends them again because they were never said to be on disk.
    public let isForTheRecord: Bool

    /// A batch of packets.
    public init(
        track: TrackID, run: UInt32, firstSequence: UInt32, captureSamples: UInt64, packets: [[UInt8]],
        isForTheRecord: Bool = false
    ) {
        self.track = track
        self.run = run
        self.firstSequence = firstSequence
        self.captureSamples = captureSamples
        self.packets = packets
        self.isForTheRecord = isForTheRecord
    }
}

/// How the recorder bounds itself.
public enum AudioRecorderLimits {
    /// A page of Ogg: what kill -9 may take.
    public static let pageMilliseconds: Int64 = 1_000
    /// At most so long between two syncs of a file: with a page, what a power cut may take.
    public static let syncMilliseconds: Int64 = 5_000
    /// A longer silence ends the segment instead of being filled (RFC 7845 §4.1 leaves it to us).
    public static let gapMillisecondsMaximum: Int64 = 10_000
    /// Sound of one track that the disk has not taken yet; beyond it recording pauses and says so.
    public static let unwrittenMillisecondsMaximum: Int64 = 30_000
    /// How long packets after a hole wait for the publisher to send again what is missing; each that comes
    /// gives as long again. Until then they are not said to be written.
    public static let lateWaitMilliseconds: Int64 = 5_000
    /// Packets after a hole that may wait: 30 s of packets of 20 ms.
    public static let heldPacketsCountMaximum = 1_500
    /// After the disk failed it is tried again so much later.
    public static let retryMilliseconds: Int64 = 10_000
    /// Clocks of publishers drift: how far a file may run ahead of the capture time before a new one is
    /// begun.
    public static let overlapMillisecondsMaximum: Int64 = 120
    /// How often the place of the file in the session is looked at again.
    public static let anchorMilliseconds: Int64 = 60_000
    /// A live packet is this long on its way at most; one that seems to have been for longer comes from
    /// another clock than those before.
    public static let seamMillisecondsMaximum: Int64 = 3_000
    /// How much sooner than the quickest of those before a live packet comes, where they had been held up.
    public static let earlyMillisecondsMaximum: Int64 = 500
    /// A smaller correction would not be heard.
    public static let anchorStepMilliseconds: Int64 = 20
    /// Runs of one track whose late packets are taken: this one and the few before it.
    public static let runsPerTrackCountMaximum = 4
    /// A packet of one frame: the TOC byte and 1,275 bytes (RFC 6716 §3.2.1).
    public static let packetBytesMaximum = 1_276
    /// How much sound a publisher may send beyond the time that passed: the minutes it keeps to send again. A
    /// lane that has been silent for as long is forgotten; what comes after goes by what is on disk.
    public static let aheadMillisecondsMaximum: Int64 = 300_000
    /// The window in which new segments of a class are counted.
    public static let startsWindowMilliseconds: Int64 = 60_000
    /// New segments in a window; only a publisher whose clock jumps makes more, and its packets are left out
    /// then.
    public static let startsCountMaximum = 120

    static let samplesPerMillisecond: Int64 = 48
}
