public import SessionModel

/// Records the sound of one class: packets go in, work for the disk and notices come out. Pure: no clock, no
/// disk.
///
/// A segment of a track is an Ogg Opus file. Gaps up to ten seconds are filled; a longer one, a break, a
/// restart and the end of the class close the segment. The disk may fall behind by 30 s of sound; then
/// recording pauses and says so, and goes on by itself. A driver calls the inputs, then does what `takeWork`
/// gives and reports by `performed`.
public final class AudioRecorder {
    private enum State {
        case recording
        /// The disk is too far behind: goes on when it has caught up.
        case catchingUp
        /// The disk failed: is tried again at a time.
        case failed(retryAt: SessionTime)
        /// Somebody outside said so: goes on when told.
        case held
        /// The class is over; what a failure leaves then is repaired once.
        case ended(hasTriedRepair: Bool)
    }

    private struct TrackDescription {
        let seat: SeatID
        let channels: Int
        let artist: String?
    }

    /// What is on disk or on its way there.
    public private(set) var manifest: Manifest
    private let title: String
    private let date: String
    private var state = State.recording
    /// Whether somebody outside wants nothing recorded, whatever else stands in the way.
    private var isHeld = false
    private var tracks: [TrackID: TrackDescription] = [:]
    private var lanes: [AudioLaneKey: AudioLane] = [:]
    private var operations: [AudioOperation] = []
    private var inFlight: [AudioOperation]?
    private var notices: [AudioNotice] = []
    /// Segments whose files were left by a failure, to be repaired before recording goes on.
    private var broken: [AudioSegment] = []
    /// Pages of each file that were written and not synced yet.
    private var unsynced: [String: [PageMark]] = [:]
    /// Files whose last bytes were not said to be on disk.
    private var unsettled: Set<String> = []
    private var nextOrdinal: Int
    private var startsWindow = SessionTime.zero
    private var startsInWindow = 0

    /// A recorder that goes on from a manifest without open segments (`AudioRecovery`). Title and date go
    /// into files.
    public init(manifest: Manifest, title: String, createdAt: WallTime) {
        self.manifest = manifest
        self.title = title
        date = String(CalendarTime.text(createdAt).prefix(10))
        nextOrdinal = (manifest.segments.compactMap { Int($0.file.prefix { $0 != "-" }) }.max() ?? 0) + 1
    }

    // MARK: - Inputs

    /// A track was announced; packets of tracks that were not are ignored. `artist` goes into the file.
    public func openTrack(_ track: TrackID, seat: SeatID, channels: Int, artist: String?) {
        tracks[track] = TrackDescription(seat: seat, channels: channels, artist: artist)
    }

    /// A track ended: its segments are closed. What was missing may still be sent again for the record.
    public func closeTrack(_ track: TrackID, at now: SessionTime) {
        for lane in sortedLanes where lane.key.track == track { finish(lane, at: now) }
    }

    /// A break began: all segments are closed.
    public func breakOff(at now: SessionTime) {
        for lane in sortedLanes { finish(lane, at: now) }
    }

    /// The class is over: all segments are closed and nothing more is taken. Files that a failure left are
    /// repaired, or stay as they are where the disk fails once more.
    public func end(at now: SessionTime) {
        breakOff(at: now)
        if case .failed = state, inFlight == nil, operations.isEmpty { queueRepairs() }
        state = .ended(hasTriedRepair: false)
    }

    /// Somebody outside stops the recording, for instance because the disk is nearly full.
    public func pause(_ cause: RecordingPauseCause, at now: SessionTime) {
        isHeld = true
        guard case .recording = state else { return }
        breakOff(at: now)
        state = .held
        notices.append(.paused(cause))
    }

    /// Ends what `pause` began.
    public func resume() {
        isHeld = false
        guard case .held = state else { return }
        state = .recording
        notices.append(.resumed)
    }

    /// Takes packets. What is no Opus packet, or came before, is ignored; what comes for the record and is on
    /// disk already is said to be.
    public func receive(_ batch: AudioBatch, at now: SessionTime) {
        guard case .recording = state, let lane = lane(for: batch, at: now) else { return }
        var capture = batch.captureSamples
        var sequence = batch.firstSequence
        for bytes in batch.packets {
            guard bytes.count <= AudioRecorderLimits.packetBytesMaximum,
                let samples = OpusPacket.samples(bytes)
            else { return }
            let packet = SequencedPacket(
                sequence: sequence, captureSamples: capture, samples: samples, arrival: now,
                isForTheRecord: batch.isForTheRecord, bytes: bytes)
            if packet.isForTheRecord, lane.order.isPast(sequence) {
                acceptLate(packet, of: lane, at: now)
            } else {
                for ready in lane.order.take(packet) { accept(ready, in: lane, at: now) }
            }
            sequence &+= 1
            capture &+= UInt64(samples)
        }
        write(lane, at: now)
        if let late = lanes[lane.key.late] { write(late, at: now) }
    }

    /// Time went by.
    public func advance(to now: SessionTime) {
        if case .failed(let retryAt) = state, retryAt <= now, inFlight == nil, operations.isEmpty {
            state = .failed(retryAt: now.advanced(byMilliseconds: AudioRecorderLimits.retryMilliseconds))
            queueRepairs()
        }
        for lane in sortedLanes {
            if let deadline = lane.order.deadline, deadline <= now {
                for ready in lane.order.giveUpWaiting() { accept(ready, in: lane, at: now) }
            }
            write(lane, at: now)
            let idleMaximum = AudioRecorderLimits.gapMillisecondsMaximum
            if let segment = lane.segment, segment.lastArrival.milliseconds(to: now) >= idleMaximum {
                close(lane, at: now)
            }
            let restMilliseconds = AudioRecorderLimits.aheadMillisecondsMaximum
            if lane.segment == nil, lane.order.deadline == nil,
                lane.lastArrival.milliseconds(to: now) > restMilliseconds
            {
                lanes[lane.key] = nil
            }
        }
    }

    /// When `advance` has something to do; nil where it has not.
    public var nextDeadline: SessionTime? {
        var deadlines = sortedLanes.flatMap { [$0.order.deadline, $0.segment?.nextDeadline] }.compactMap {
            $0
        }
        if case .failed(let retryAt) = state { deadlines.append(retryAt) }
        return deadlines.min()
    }

    // MARK: - Outputs

    /// What is to be done on the disk now; nil where nothing is, or something is under way.
    public func takeWork() -> AudioWork? {
        guard inFlight == nil, !operations.isEmpty else { return nil }
        inFlight = operations
        operations = []
        return inFlight.map(AudioWork.init(operations:))
    }

    /// What became of the work that was taken.
    public func performed(_ outcome: AudioOutcome, at now: SessionTime) {
        let done = inFlight ?? []
        inFlight = nil
        if let failure = outcome.failure {
            fail(failure, at: now)
            return
        }
        for operation in done {
            switch operation {
            case .append(let file, _, let mark?):
                lanes[mark.lane]?.unwrittenSamples -= mark.samples
                lanes[mark.lane]?.lastWritten = mark.lastSequence
                unsynced[file, default: []].append(mark)
            case .sync(let file): synced(file)
            case .close(let file): unsettled.remove(file)
            case .append, .putManifest, .create, .repair: break
            }
        }
        guard outcome.repaired.isEmpty else {
            settle(outcome.repaired)
            return
        }
        switch state {
        case .failed: goOn()
        case .catchingUp where operations.isEmpty: goOn()
        case .catchingUp, .recording, .held, .ended: break
        }
    }

    /// What stood in the way is gone; whoever holds the recording has the last word.
    private func goOn() {
        state = isHeld ? .held : .recording
        if !isHeld { notices.append(.resumed) }
    }

    /// What has to be told, since the last call.
    public func takeNotices() -> [AudioNotice] {
        defer { notices = [] }
        return notices
    }

    // MARK: - Inside

    /// What was written of a file is on the disk for good: its publisher need not keep it any longer.
    private func synced(_ file: String) {
        guard let marks = unsynced.removeValue(forKey: file), let lane = marks.first?.lane else { return }
        var all = SequenceRanges()
        for stretch in marks.flatMap(\.sequences) { all.insert(stretch) }
        let origin = AudioLaneKey(track: lane.track, run: lane.run)
        for stretch in all.stretches {
            lanes[origin]?.durable.insert(stretch)
            notices.append(.recorded(lane.track, run: lane.run, stretch))
        }
    }

    private var sortedLanes: [AudioLane] { lanes.values.sorted { $0.key < $1.key } }

    private func lane(for batch: AudioBatch, at now: SessionTime) -> AudioLane? {
        let key = AudioLaneKey(track: batch.track, run: batch.run)
        if let lane = lanes[key] { return lane }
        let earlier = manifest.segments.filter { $0.track == key.track && $0.run == key.run }
        if tracks[key.track] == nil {
            guard let last = earlier.last else { return nil }
            tracks[key.track] = TrackDescription(seat: last.seat, channels: last.channels, artist: nil)
        }
        let siblings = sortedLanes.filter { $0.key.track == key.track && !$0.key.isLate }
        if siblings.count >= AudioRecorderLimits.runsPerTrackCountMaximum, let oldest = siblings.first {
            guard oldest.key < key else { return nil }
            for old in [oldest, lanes[oldest.key.late]].compactMap(\.self) {
                close(old, at: old.segment?.lastArrival ?? .zero)
                lanes[old.key] = nil
            }
        }
        let lane = AudioLane(key: key, at: now)
        lane.learn(manifest)
        // The clock of a publisher goes on over restarts of the relay and from one track to the next.
        let seat = tracks[key.track]?.seat
        if let last = earlier.last ?? manifest.segments.last(where: { $0.seat == seat }),
            let anchor = last.anchors.last
        {
            let capture = Int64(clamping: last.firstCapture) / AudioRecorderLimits.samplesPerMillisecond
            lane.offsetMilliseconds = anchor.session.milliseconds &- anchor.fileMilliseconds &- capture
        }
        lanes[key] = lane
        return lane
    }

    private func accept(_ packet: SequencedPacket, in lane: AudioLane, at now: SessionTime) {
        if packet.isForTheRecord, lane.isDurable(packet) { return sayRecorded(packet, lane) }
        guard
            packet.isForTheRecord
                || packet.captureSamples &+ UInt64(packet.samples) > lane.captureFloor
        else { return }
        guard !lane.isAhead(at: now) else { return }
        lane.takenSamples += Int64(packet.samples)
        lane.lastArrival = now
        if let segment = lane.segment, case .taken(let filler) = segment.take(packet) {
            lane.unwrittenSamples += filler + packet.samples
        } else {
            close(lane, at: now)
            guard begin(packet, in: lane, at: now) else { return }
            if case .taken = lane.segment?.take(packet) { lane.unwrittenSamples += packet.samples }
        }
        lane.taken.insert(packet.sequence)
        if !packet.isForTheRecord, let segment = lane.segment, let anchor = segment.entry.anchors.last {
            let capture =
                Int64(clamping: segment.entry.firstCapture) / AudioRecorderLimits.samplesPerMillisecond
            lane.offsetMilliseconds = anchor.session.milliseconds &- anchor.fileMilliseconds &- capture
        }
        watchUnwritten(of: lane, at: now)
    }

    /// What comes for the record after later packets were written: into a segment of its own, which lies
    /// where it was captured.
    private func acceptLate(_ packet: SequencedPacket, of lane: AudioLane, at now: SessionTime) {
        if lane.isDurable(packet) { return sayRecorded(packet, lane) }
        guard !lane.taken.contains(packet.sequence), !lane.isAhead(at: now) else { return }
        let late = lanes[lane.key.late] ?? AudioLane(key: lane.key.late, at: now)
        lanes[late.key] = late
        late.offsetMilliseconds = lane.offsetMilliseconds
        late.lastArrival = now
        lane.lastArrival = now
        lane.takenSamples += Int64(packet.samples)
        if let segment = late.segment, packet.sequence == segment.lastSequence &+ 1,
            case .taken(let filler) = segment.take(packet)
        {
            late.unwrittenSamples += filler + packet.samples
        } else {
            close(late, at: now)
            guard begin(packet, in: late, at: now) else { return }
            if case .taken = late.segment?.take(packet) { late.unwrittenSamples += packet.samples }
        }
        lane.taken.insert(packet.sequence)
        watchUnwritten(of: late, at: now)
    }

    /// A publisher sends what it does not know to be on disk, though it is.
    private func sayRecorded(_ packet: SequencedPacket, _ lane: AudioLane) {
        let number = packet.sequence
        notices.append(.recorded(lane.key.track, run: lane.key.run, number...number))
    }

    /// Recording pauses where the disk has fallen too far behind.
    private func watchUnwritten(of lane: AudioLane, at now: SessionTime) {
        let unwrittenMaximum =
            AudioRecorderLimits.unwrittenMillisecondsMaximum * AudioRecorderLimits.samplesPerMillisecond
        if Int64(lane.unwrittenSamples) > unwrittenMaximum, case .recording = state {
            breakOff(at: now)
            state = .catchingUp
            notices.append(.paused(.tooSlow))
        }
    }

    /// Begins a segment with a packet; false where too many began lately, which only a broken publisher
    /// causes.
    private func begin(_ packet: SequencedPacket, in lane: AudioLane, at now: SessionTime) -> Bool {
        guard let track = tracks[lane.key.track] else { return false }
        if startsWindow.milliseconds(to: now) >= AudioRecorderLimits.startsWindowMilliseconds {
            startsWindow = now
            startsInWindow = 0
        }
        guard startsInWindow < AudioRecorderLimits.startsCountMaximum else { return false }
        startsInWindow += 1
        let digits = String(nextOrdinal)
        let padding = String(repeating: "0", count: max(0, 5 - digits.count))
        nextOrdinal += 1
        let entry = AudioSegment(
            file: "\(padding)\(digits)-t\(lane.key.track)-r\(lane.key.run).opus", track: lane.key.track,
            seat: track.seat, run: lane.key.run, channels: track.channels, firstSequence: packet.sequence,
            lastSequence: nil, firstCapture: packet.captureSamples, samples: 0,
            preSkip: OpusHead.preSkipDefault,
            anchors: [AudioAnchor(fileMilliseconds: 0, session: lane.sessionTime(of: packet))],
            state: .open,
            sha256: nil)
        let segment = OpenSegment(entry, tags: tags(track), at: now)
        manifest.put(entry)
        unsettled.insert(entry.file)
        operations.append(.putManifest(manifest.fileBytes()))
        operations.append(.create(entry.file))
        operations.append(.append(entry.file, segment.beginning(), nil))
        lane.segment = segment
        return true
    }

    private func tags(_ track: TrackDescription) -> OpusTags {
        let artist = track.artist.map { ["ARTIST=\($0)"] } ?? []
        return OpusTags(
            comments: ["TITLE=\(title)"] + artist + ["DATE=\(date)", "LIVERELAY_CLASS=\(manifest.session)"])
    }

    /// Hands over pages and syncs that are due.
    private func write(_ lane: AudioLane, at now: SessionTime) {
        guard let segment = lane.segment else { return }
        if segment.isPageDue(at: now) {
            let page = segment.page(of: lane.key, at: now)
            operations.append(.append(segment.entry.file, page.bytes, page.mark))
        }
        if let since = segment.unsyncedSince,
            since.milliseconds(to: now) >= AudioRecorderLimits.syncMilliseconds
        {
            operations.append(.sync(segment.entry.file))
            segment.wasSynced()
        }
    }

    /// What waited is written, and the segment is closed.
    private func finish(_ lane: AudioLane, at now: SessionTime) {
        for ready in lane.order.giveUpWaiting() { accept(ready, in: lane, at: now) }
        close(lane, at: now)
    }

    private func close(_ lane: AudioLane, at now: SessionTime) {
        guard let segment = lane.segment else { return }
        lane.segment = nil
        let last = segment.end(of: lane.key)
        manifest.put(last.entry)
        lane.captureFloor = segment.captureEnd
        operations.append(.append(last.entry.file, last.bytes, last.mark))
        operations.append(.sync(last.entry.file))
        operations.append(.close(last.entry.file))
        operations.append(.putManifest(manifest.fileBytes()))
    }

    private func fail(_ failure: StorageFailure, at now: SessionTime) {
        operations = []
        // What was to be closed is as unknown as what was open: their files are looked at before going on.
        broken = manifest.segments.filter { unsettled.contains($0.file) }
        unsynced = [:]
        for lane in sortedLanes { lane.forgetUnsettled() }
        switch state {
        case .ended(let hasTriedRepair):
            if !hasTriedRepair { queueRepairs() }
            state = .ended(hasTriedRepair: true)
            return
        case .recording, .catchingUp: notices.append(.paused(failure == .noSpace ? .noSpace : .failed))
        case .failed, .held: break
        }
        state = .failed(retryAt: now.advanced(byMilliseconds: AudioRecorderLimits.retryMilliseconds))
    }

    /// First the files are repaired, then the manifest says so, then packets are taken again.
    private func queueRepairs() {
        operations = broken.isEmpty ? [.putManifest(manifest.fileBytes())] : broken.map { .repair($0.file) }
    }

    private func settle(_ repaired: [String: RepairedSound?]) {
        for segment in broken {
            unsettled.remove(segment.file)
            guard case .some(.some(let sound)) = repaired[segment.file] else {
                manifest.remove(file: segment.file)
                continue
            }
            manifest.put(segment.closed(as: sound))
        }
        broken = []
        for lane in sortedLanes { lane.learn(manifest) }
        operations = [.putManifest(manifest.fileBytes())]
    }
}

extension AudioSegment {
    /// The entry of a file that was closed by a repair; which packet was the last nobody knows then.
    func closed(as sound: RepairedSound) -> AudioSegment {
        var closed = self
        closed.state = .closed
        closed.samples = sound.samples
        closed.sha256 = Digest.hex(sound.sha256)
        closed.lastSequence = nil
        return closed
    }
}
