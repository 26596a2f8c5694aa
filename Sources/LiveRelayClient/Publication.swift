public import LiveRelayWire
public import SessionModel

/// What one speaks: numbers the packets, and keeps those that are not yet on disk, so that a broken line, a
/// restart of the relay or another track costs the record nothing.
public struct Publication: Hashable, Sendable {
    /// Five minutes of packets: longer than a restart of a machine, and a megabyte at most.
    static let keptPacketsCountMaximum = 15_000
    /// Packets sent for the record with each live one: live sound goes first, five minutes are through in a
    /// minute and a quarter, and both together stay below the 300 messages a second that the relay takes.
    public static let recordPacketsPerTurn = 4
    /// 48,000 samples a second.
    private static let samplesPerMillisecond: UInt64 = 48

    /// The track.
    public private(set) var track: TrackID
    /// The start of the relay in which the sequence counts.
    public private(set) var run: UInt32
    /// The sequence of the next packet; goes on over runs and tracks.
    public private(set) var sequence: UInt32 = 0
    /// Whether the class is recorded; where it is not, nothing needs to be kept.
    public var isKept = true {
        didSet { if !isKept { forget(since: .zero) } }
    }
    /// Packets that went out on this line and are not known to be on disk, oldest first.
    private var kept: [AudioMessage] = []
    /// Packets that went out while there was no line, or whose fate is unknown since it broke, oldest first.
    private var missed: [AudioMessage] = []

    /// A track as the answer to `openTrack` names it.
    public init(track: TrackID, run: UInt32) {
        self.track = track
        self.run = run
    }

    /// Packets not known to be on disk.
    public var unrecordedCount: Int { kept.count + missed.count }

    /// Packets that wait to be sent for the record.
    public var missedCount: Int { missed.count }

    /// The message for one packet of 20 ms that was captured at this session time.
    public mutating func message(
        packet: [UInt8], isQuiet: Bool, capturedAt time: SessionTime
    ) -> AudioMessage {
        let milliseconds = UInt64(clamping: time.milliseconds)
        let samples = milliseconds.multipliedReportingOverflow(by: Self.samplesPerMillisecond).partialValue
        let message = AudioMessage(
            flags: isQuiet ? .quiet : [], track: track, run: run, sequence: sequence, captureSamples: samples,
            packets: [packet])
        sequence &+= 1
        if isKept { kept.append(message) }
        if kept.count > Self.keptPacketsCountMaximum { kept.removeFirst() }
        return message
    }

    /// The relay says what has become of packets.
    public mutating func recorded(_ sound: RecordedSound) {
        kept.removeAll { sound.names($0) }
        missed.removeAll { sound.names($0) }
    }

    /// What was captured from this moment on must not be recorded: a break began, or somebody muted us, and
    /// we learn of it late.
    public mutating func forget(since time: SessionTime) {
        let samples = UInt64(clamping: time.milliseconds) * Self.samplesPerMillisecond
        kept.removeAll { $0.captureSamples >= samples }
        missed.removeAll { $0.captureSamples >= samples }
    }

    /// The line broke, or the relay could record nothing for a while: what is not known to be on disk is sent
    /// again.
    public mutating func lineLost() {
        missed.append(contentsOf: kept)
        missed.sort { $0.sequence < $1.sequence }
        kept.removeAll()
        if missed.count > Self.keptPacketsCountMaximum {
            missed.removeFirst(missed.count - Self.keptPacketsCountMaximum)
        }
    }

    /// The track goes on in another start of the relay.
    public mutating func goOn(inRun run: UInt32) { goOn(track: track, run: run) }

    /// Goes on under another track, or in another start of the relay; what was not recorded keeps its name.
    public mutating func goOn(track: TrackID, run: UInt32) {
        guard track != self.track || run != self.run else { return }
        lineLost()
        self.track = track
        self.run = run
    }

    /// The next messages to be sent for the record, at most so many, oldest first. They count as sent.
    public mutating func messagesForTheRecord(_ count: Int = recordPacketsPerTurn) -> [AudioMessage] {
        guard !missed.isEmpty else { return [] }
        let part = missed.prefix(max(0, count))
        missed.removeFirst(part.count)
        kept.append(contentsOf: part)
        kept.sort { $0.sequence < $1.sequence }
        return part.map { message in
            AudioMessage(
                flags: message.flags.union(.forTheRecord), track: message.track, run: message.run,
                sequence: message.sequence, captureSamples: message.captureSamples, packets: message.packets)
        }
    }
}

extension RecordedSound {
    /// Whether this packet is among those that are told of.
    fileprivate func names(_ message: AudioMessage) -> Bool {
        message.track == track && message.run == run && sequences.contains(message.sequence)
    }
}
