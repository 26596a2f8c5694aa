public import LiveRelayWire
public import SessionModel

/// One's own audio track: numbers the packets, and keeps those that are not yet on disk, so that a broken
/// line costs the record nothing.
public struct Publication: Hashable, Sendable {
    /// Five minutes of packets: longer than a restart of a machine, and a megabyte at most.
    static let keptPacketsCountMaximum = 15_000
    /// Packets sent for the record with each live one: five minutes are through in half a minute.
    public static let recordPacketsPerTurn = 10
    /// 48,000 samples a second.
    private static let samplesPerMillisecond: UInt64 = 48

    /// The track.
    public let track: TrackID
    /// The start of the relay in which the sequence counts.
    public private(set) var run: UInt32
    /// The sequence of the next packet.
    public private(set) var sequence: UInt32 = 0
    /// Packets that are not known to be on disk, oldest first.
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
        kept.append(message)
        if kept.count > Self.keptPacketsCountMaximum { kept.removeFirst() }
        return message
    }

    /// Everything that was sent up to this packet is on disk. What still waits in `missed` is not meant: the
    /// relay names the last packet that it wrote, and may never have seen an earlier one.
    public mutating func recorded(run: UInt32, sequence: UInt32) {
        kept.removeAll { ($0.run, $0.sequence) <= (run, sequence) }
    }

    /// The line broke: what is not known to be on disk may not have arrived.
    public mutating func lineLost() {
        missed.append(contentsOf: kept)
        kept.removeAll()
        if missed.count > Self.keptPacketsCountMaximum {
            missed.removeFirst(missed.count - Self.keptPacketsCountMaximum)
        }
    }

    /// The track goes on in another start of the relay.
    public mutating func goOn(inRun run: UInt32) {
        guard run != self.run else { return }
        lineLost()
        self.run = run
    }

    /// The next messages to be sent for the record, at most so many. They count as sent.
    public mutating func messagesForTheRecord(_ count: Int = recordPacketsPerTurn) -> [AudioMessage] {
        let part = missed.prefix(max(0, count))
        missed.removeFirst(part.count)
        kept.append(contentsOf: part)
        kept.sort { ($0.run, $0.sequence) < ($1.run, $1.sequence) }
        return part.map { message in
            AudioMessage(
                flags: message.flags.union(.forTheRecord), track: message.track, run: message.run,
                sequence: message.sequence, captureSamples: message.captureSamples, packets: message.packets)
        }
    }
}
