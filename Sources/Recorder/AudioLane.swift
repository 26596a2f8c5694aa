import SessionModel

/// The packets of one track in one start of the relay, on their way into segments; or what came for the
/// record when its turn was over.
final class AudioLane {
    let key: AudioLaneKey
    var order = PacketOrder()
    var segment: OpenSegment?
    var lastWritten: UInt32?
    var unwrittenSamples = 0
    /// What lies before it is on disk already, as far as live packets go.
    var captureFloor: UInt64 = 0
    /// Packets that are in a segment.
    var taken = SequenceRanges()
    /// Packets that are on the disk and synced.
    var durable = SequenceRanges()
    /// When the first packet came, and how much was taken since.
    let since: SessionTime
    var takenSamples: Int64 = 0
    /// When the last packet came.
    var lastArrival: SessionTime
    /// Milliseconds of the session at capture time 0, once known.
    var offsetMilliseconds: Int64?
    /// Stretches of capture time that are on disk, where numbers of packets are not known any more: after a
    /// crash, or a failure of the disk.
    private var covered: [(from: UInt64, to: UInt64)] = []

    init(key: AudioLaneKey, at now: SessionTime) {
        self.key = key
        since = now
        lastArrival = now
    }

    /// Learns from the manifest what is on disk already.
    func learn(_ manifest: Manifest) {
        let own = manifest.segments.filter {
            $0.track == key.track && $0.run == key.run && $0.state != .open
        }
        covered = own.map { ($0.firstCapture, $0.firstCapture &+ UInt64(clamping: $0.samples)) }
        captureFloor = covered.map(\.to).max() ?? 0
    }

    /// Whether a packet is on the disk and synced.
    func isDurable(_ packet: SequencedPacket) -> Bool {
        if durable.contains(packet.sequence) { return true }
        let middle = packet.captureSamples &+ UInt64(packet.samples / 2)
        return covered.contains { $0.from <= middle && middle < $0.to }
    }

    /// The disk failed: what was not said to be durable may be missing.
    func forgetUnsettled() {
        segment = nil
        unwrittenSamples = 0
        captureFloor = 0
        taken = durable
        order.goBack(to: lastWritten)
    }

    /// Whether this publisher sends more than time can have brought: what it may have kept is the bound.
    func isAhead(at now: SessionTime) -> Bool {
        let elapsed = since.milliseconds(to: now) + AudioRecorderLimits.aheadMillisecondsMaximum
        return takenSamples > elapsed * AudioRecorderLimits.samplesPerMillisecond
    }

    /// When a packet was captured. The clock of the packets before says so, that their files may lie without
    /// a seam; where there were none, the arrival of a live packet does, and of one that comes for the record
    /// the publisher's own clock as far as it can be true.
    func sessionTime(of packet: SequencedPacket) -> SessionTime {
        let capture = Int64(clamping: packet.captureSamples) / AudioRecorderLimits.samplesPerMillisecond
        let time = capture &+ (offsetMilliseconds ?? 0)
        let arrival = packet.arrival.milliseconds
        if packet.isForTheRecord { return SessionTime(milliseconds: min(max(0, time), arrival)) }
        let isPlausible =
            offsetMilliseconds != nil && time - arrival <= AudioRecorderLimits.earlyMillisecondsMaximum
            && arrival - time <= AudioRecorderLimits.seamMillisecondsMaximum
        return isPlausible ? SessionTime(milliseconds: time) : packet.arrival
    }
}
