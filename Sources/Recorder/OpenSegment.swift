import SessionModel

/// A segment that is being written: turns packets in order into pages, fills short gaps, keeps the digest.
///
/// The file runs on capture time: packet or filler, every sample of it has its place.
final class OpenSegment {
    private(set) var entry: AudioSegment
    private let writer: OggOpusWriter
    private let digest = RunningDigest()
    private var lastPacket: [UInt8] = []
    private(set) var lastSequence: UInt32
    /// The numbers of the packets that are in no page yet.
    private var pendingSequences = SequenceRanges()
    /// When the first packet came that is not in a page yet.
    private(set) var pendingSince: SessionTime?
    /// When the last packet came.
    private(set) var lastArrival: SessionTime
    /// When pages were handed over that were not synced yet; nil where all were.
    private(set) var unsyncedSince: SessionTime?
    private var anchorDueAt: SessionTime
    private var lowestOffset: Int64?

    init(_ entry: AudioSegment, tags: OpusTags, at now: SessionTime) {
        self.entry = entry
        let serial = UInt32(entry.track.number) << 16 ^ entry.run &* 0x9E37_79B1 ^ entry.firstSequence
        let head = OpusHead(channels: entry.channels, preSkip: entry.preSkip)
        writer = OggOpusWriter(serial: serial, head: head, tags: tags)
        lastSequence = entry.firstSequence
        lastArrival = now
        anchorDueAt = now.advanced(byMilliseconds: AudioRecorderLimits.anchorMilliseconds)
    }

    /// What becomes of a packet.
    enum Taken {
        /// It is in the segment, after so many samples of filler.
        case taken(fillerSamples: Int)
        /// It lies too far from the end of the segment: another one has to begin with it.
        case beginsAnother
    }

    /// The bytes that a new file begins with.
    func beginning() -> [UInt8] { counted(writer.headerPages()) }

    /// The capture time at which the next packet is expected.
    var captureEnd: UInt64 { entry.firstCapture &+ UInt64(writer.samplesCount) }

    func take(_ packet: SequencedPacket) -> Taken {
        let ahead = Self.difference(packet.captureSamples, captureEnd)
        let perMillisecond = AudioRecorderLimits.samplesPerMillisecond
        guard ahead <= AudioRecorderLimits.gapMillisecondsMaximum * perMillisecond,
            ahead >= -AudioRecorderLimits.overlapMillisecondsMaximum * perMillisecond
        else { return .beginsAnother }
        let filled = lastPacket.isEmpty ? 0 : fill(Int(ahead))
        writer.append(packet.bytes, samples: packet.samples)
        lastPacket = packet.bytes
        lastSequence = packet.sequence
        pendingSequences.insert(packet.sequence)
        lastArrival = max(lastArrival, packet.arrival)
        if pendingSince == nil { pendingSince = packet.arrival }
        if !packet.isForTheRecord { observe(packet) }
        return .taken(fillerSamples: filled)
    }

    /// Whether a page is due: a second of sound, or a second since the first of it came.
    func isPageDue(at now: SessionTime) -> Bool {
        guard let pendingSince else { return false }
        return Int64(writer.pendingSamplesCount)
            >= AudioRecorderLimits.pageMilliseconds * AudioRecorderLimits.samplesPerMillisecond
            || pendingSince.milliseconds(to: now) >= AudioRecorderLimits.pageMilliseconds
    }

    /// The page, and what it holds.
    func page(of lane: AudioLaneKey, at now: SessionTime) -> (bytes: [UInt8], mark: PageMark) {
        pendingSince = nil
        if unsyncedSince == nil { unsyncedSince = now }
        let mark = mark(lane)
        return (counted(writer.flush()), mark)
    }

    private func mark(_ lane: AudioLaneKey) -> PageMark {
        PageMark(
            lane: lane, lastSequence: lastSequence, sequences: pendingSequences.takeAll(),
            samples: writer.pendingSamplesCount)
    }

    func wasSynced() { unsyncedSince = nil }

    /// The last bytes of the file, and the entry as it stands in the manifest from then on.
    func end(of lane: AudioLaneKey) -> (bytes: [UInt8], mark: PageMark, entry: AudioSegment) {
        let mark = mark(lane)
        let bytes = counted(writer.end())
        entry.state = .closed
        entry.samples = writer.samplesCount
        entry.lastSequence = lastSequence
        entry.sha256 = Digest.hex(digest.finish())
        return (bytes, mark, entry)
    }

    /// When something is due if no packet comes.
    var nextDeadline: SessionTime {
        let idle = lastArrival.advanced(byMilliseconds: AudioRecorderLimits.gapMillisecondsMaximum)
        let page = pendingSince?.advanced(byMilliseconds: AudioRecorderLimits.pageMilliseconds)
        let sync = unsyncedSince?.advanced(byMilliseconds: AudioRecorderLimits.syncMilliseconds)
        return [page, sync].compactMap { $0 }.reduce(idle, min)
    }

    /// Fills a gap with packets that say nothing, as far as whole ones fit.
    private func fill(_ gap: Int) -> Int {
        let filler = OpusPacket.filler(like: lastPacket)
        var filled = 0
        while filled + filler.samples <= gap {
            writer.append(filler.packet, samples: filler.samples)
            filled += filler.samples
        }
        return filled
    }

    /// The clock of a publisher drifts against ours, and packets come late but never early: once a minute the
    /// place of the file in the session is taken from the packet of that minute that came soonest.
    private func observe(_ packet: SequencedPacket) {
        let file =
            Self.difference(packet.captureSamples, entry.firstCapture)
            / AudioRecorderLimits.samplesPerMillisecond
        let offset = packet.arrival.milliseconds - file
        lowestOffset = min(lowestOffset ?? offset, offset)
        guard packet.arrival >= anchorDueAt, let lowest = lowestOffset, let last = entry.anchors.last else {
            return
        }
        anchorDueAt = packet.arrival.advanced(byMilliseconds: AudioRecorderLimits.anchorMilliseconds)
        lowestOffset = nil
        let step = lowest - (last.session.milliseconds - last.fileMilliseconds)
        guard abs(step) >= AudioRecorderLimits.anchorStepMilliseconds, file > last.fileMilliseconds else {
            return
        }
        entry.anchors.append(
            AudioAnchor(fileMilliseconds: file, session: SessionTime(milliseconds: file + lowest)))
    }

    private func counted(_ bytes: [UInt8]) -> [UInt8] {
        digest.update(bytes)
        return bytes
    }

    /// The signed distance of two capture times, which a publisher may choose freely.
    static func difference(_ later: UInt64, _ earlier: UInt64) -> Int64 {
        later >= earlier ? Int64(clamping: later - earlier) : -Int64(clamping: earlier - later)
    }
}
