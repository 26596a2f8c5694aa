import LiveRelayWire
import SessionModel
import WebSocketCore

/// The sound of one class on its way from publishers to listeners: checks, bundles, and obeys the head state
/// at once. It never decodes a packet.
///
/// Synchronous: packets and times go in, frames come out. Losing sequence numbers is normal; doubling them is
/// not.
struct AudioRouter {
    /// What became of an upstream message.
    enum Outcome: Hashable {
        /// Gathered; `flush` when the turn ends or the batch is full.
        case accepted(AudioMessage)
        /// Delivered long after it was captured, by a line that stood still: of no use to listeners, to be
        /// recorded.
        case stale(AudioMessage)
        /// Not now: muted, on a break, or out of order. The publisher has been told by events.
        case ignored
        /// Breaks the rules of the wire.
        case invalid
    }

    private struct Line {
        var nextSequence: UInt32
        var packets: [[UInt8]] = []
        var firstSequence: UInt32 = 0
        var captureSamples: UInt64 = 0
        var isQuiet = true
        /// When the first gathered packet came, by the monotonic clock.
        var gatheredSince: UInt64 = 0
        /// When the last mark of silence went out.
        var silenceToldAt: UInt64 = 0
        var lastLoudAt: SessionTime
        var packetsSinceBeat = 0
        var lag = Lag()
    }

    /// How long packets of a track have been on their way, by the difference of two clocks: what comes much
    /// later than the quickest was held up.
    private struct Lag {
        /// The least difference of the packets so far.
        private var least: Int64?
        /// Since when every packet has come late.
        private var lateSince: UInt64?

        /// Whether a packet that was captured then was held up.
        mutating func isStale(_ captured: UInt64, at time: SessionTime, now: UInt64) -> Bool {
            let samples = time.milliseconds * 48 - Int64(clamping: captured)
            // A clock so far away is none.
            guard abs(samples) <= AudioRouter.lagSamplesMaximum else { return false }
            let base = least ?? samples
            guard samples - base > AudioRouter.staleSamplesMinimum else {
                least = min(base, samples)
                lateSince = nil
                return false
            }
            let since = lateSince ?? now
            lateSince = since
            guard now > since + AudioRouter.staleMillisecondsMaximum else { return true }
            // No line stands still for ever: the publisher's clock was set back.
            least = samples
            lateSince = nil
            return false
        }
    }

    /// Listeners leave out what is this much older than the rest.
    static let staleSamplesMinimum: Int64 = 3 * 48_000
    /// Clocks that differ by more are not compared.
    static let lagSamplesMaximum: Int64 = 120 * 48_000
    /// What a line held up is through after so long; what is late for longer is so by its clock.
    static let staleMillisecondsMaximum: UInt64 = 30_000

    /// In place of fillers of one or two bytes listeners get an empty message this often.
    static let silencePeriodMilliseconds: UInt64 = 400
    /// A capture time further from the relay's own clock than this is taken for wrong.
    static let captureSkewSamplesMaximum: Int64 = 10 * 48_000
    /// Packets of one track that may wait within a turn; more than any link delivers at once without a pause.
    static let gatheredCountMaximum = AudioMessage.packetsCountMaximum

    private var lines: [TrackID: Line] = [:]
    /// When anybody was last heard on any track.
    private(set) var lastLoudAt = SessionTime.zero

    /// Takes one upstream message of a seat.
    mutating func accept(
        _ message: AudioMessage, from seat: SeatID, in session: Session, at time: SessionTime, now: UInt64
    ) -> Outcome {
        guard let track = session.track(message.track), track.seat == seat else { return .ignored }
        guard message.packets.count == 1, let packet = message.packets.first,
            AudioMessage.isPublishable(packet, channels: track.channels)
        else { return .invalid }
        guard message.run == session.run, session.maySound(seat) else { return .ignored }
        var line = lines[track.id] ?? Line(nextSequence: message.sequence, lastLoudAt: time)
        guard message.sequence >= line.nextSequence else { return .ignored }
        if line.lag.isStale(message.captureSamples, at: time, now: now) {
            line.nextSequence = message.sequence &+ 1
            lines[track.id] = line
            return .stale(message)
        }
        let isConsecutive = message.sequence == line.nextSequence
        guard line.packets.isEmpty || isConsecutive, line.packets.count < Self.gatheredCountMaximum else {
            // The driver flushes before it asks again; a gap begins a new message.
            return .ignored
        }
        if line.packets.isEmpty {
            line.firstSequence = message.sequence
            line.captureSamples = Self.plausible(message.captureSamples, at: time)
            line.gatheredSince = now
            line.isQuiet = true
        }
        line.nextSequence = message.sequence &+ 1
        line.packetsSinceBeat += 1
        line.packets.append(packet)
        if !message.flags.contains(.quiet) {
            line.isQuiet = false
            line.lastLoudAt = time
            lastLoudAt = time
        }
        lines[track.id] = line
        return .accepted(
            AudioMessage(
                flags: message.flags, track: track.id, run: message.run, sequence: message.sequence,
                captureSamples: Self.plausible(message.captureSamples, at: time), packets: [packet]))
    }

    /// Whether this message would have to wait behind a flush: it leaves a gap, or the batch is full.
    func needsFlush(before message: AudioMessage) -> Bool {
        guard let line = lines[message.track], !line.packets.isEmpty else { return false }
        return message.sequence != line.nextSequence || line.packets.count >= Self.gatheredCountMaximum
    }

    /// What leaves now. A batch leaves when it is full or old enough, and whatever gathered leaves in one
    /// message.
    mutating func flush(run: UInt32, batchPackets: Int, now: UInt64, isForced: Bool = false) -> [AudioMessage]
    {
        var messages: [AudioMessage] = []
        for track in lines.keys.sorted() {
            guard var line = lines[track], !line.packets.isEmpty else { continue }
            let age = now - min(line.gatheredSince, now)
            let isDue =
                isForced || line.packets.count >= batchPackets || age >= UInt64(batchPackets) * 20
            guard isDue else { continue }
            if let message = Self.message(of: &line, track: track, run: run, now: now) {
                messages.append(message)
            }
            line.packets = []
            lines[track] = line
        }
        return messages
    }

    /// Whether something waits for its batch to fill.
    var isGathering: Bool { lines.values.contains { !$0.packets.isEmpty } }

    private static func message(
        of line: inout Line, track: TrackID, run: UInt32, now: UInt64
    ) -> AudioMessage? {
        // RFC 6716 §3.1: a packet of one or two bytes is DTX; listeners need to know once in a while, not
        // each time.
        let isFiller = line.packets.allSatisfy { $0.count <= 2 }
        if isFiller {
            guard now >= line.silenceToldAt + silencePeriodMilliseconds else { return nil }
            line.silenceToldAt = now
        }
        return AudioMessage(
            flags: line.isQuiet ? .quiet : [], track: track, run: run, sequence: line.firstSequence,
            captureSamples: line.captureSamples, packets: isFiller ? [] : line.packets)
    }

    /// A capture time that fits the relay's own clock, or that clock where it does not.
    private static func plausible(_ samples: UInt64, at time: SessionTime) -> UInt64 {
        let own = time.milliseconds * 48
        let difference = Int64(clamping: samples) - own
        return abs(difference) <= captureSkewSamplesMaximum ? samples : UInt64(clamping: own)
    }

    /// Forgets tracks that are closed.
    mutating func retain(_ open: [Track]) {
        let tracks = Set(open.map(\.id))
        lines = lines.filter { tracks.contains($0.key) }
    }

    /// Sound is due from now on, so silence counts from now on.
    mutating func soundIsDue(since time: SessionTime) { lastLoudAt = max(lastLoudAt, time) }

    /// What the relay hears of each open track since the last time it was asked.
    mutating func heard(in session: Session, at time: SessionTime, periodMilliseconds: UInt64) -> [HeardTrack]
    {
        session.tracks.map { track in
            let line = lines[track.id]
            lines[track.id]?.packetsSinceBeat = 0
            let quiet = (line?.lastLoudAt ?? track.openedAt).milliseconds(to: time)
            let count = (line?.packetsSinceBeat ?? 0) * 1_000 / Int(max(periodMilliseconds, 1))
            return HeardTrack(track: track.id, packetsPerSecond: count, quietMilliseconds: max(quiet, 0))
        }
    }
}
