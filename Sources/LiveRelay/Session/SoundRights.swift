import Recorder
import SessionModel

/// Who might be heard when: what comes for the record comes late, so it is judged by the moment at which it
/// was captured. What was said while muted, on a break, or after one's turn is never recorded.
///
/// A fold over the events of one class.
struct SoundRights {
    /// Mutes of one seat and breaks of a class that are remembered; what lies before the oldest is refused.
    static let stretchesCountMaximum = 256

    private struct Channel {
        let seat: SeatID
        let openedAt: SessionTime
        /// When it was closed for a reason that ends the right to speak; nil while it is open, and where its
        /// publisher only was away for too long.
        var endedAt: SessionTime?
    }

    /// Stretches in which something was so; the last may be open.
    private struct Stretches {
        var all: [(from: SessionTime, to: SessionTime?)] = []
        var isTruncated = false

        mutating func begin(at time: SessionTime) {
            if all.last.map({ $0.to == nil }) ?? false { return }
            all.append((time, nil))
            guard all.count > SoundRights.stretchesCountMaximum else { return }
            all.removeFirst()
            isTruncated = true
        }

        mutating func end(at time: SessionTime) {
            guard let last = all.last, last.to == nil else { return }
            all[all.count - 1].to = time
        }

        func contains(_ time: SessionTime) -> Bool {
            all.contains { $0.from <= time && ($0.to.map { time < $0 } ?? true) }
        }
    }

    private var live = Stretches()
    private var muted: [SeatID: Stretches] = [:]
    private var channels: [TrackID: Channel] = [:]
    private var teaching: Set<SeatID> = []

    /// The rights in a class of which a state is known, and the events after it. What was before that state
    /// is judged by it, rather too strictly: somebody muted then counts as muted ever since.
    init(_ base: Session, after events: [RecordedEvent]) {
        for seat in base.seats {
            if seat.role == .lecturer || seat.role == .assistant { teaching.insert(seat.id) }
            if seat.isMuted { muted[seat.id, default: Stretches()].begin(at: .zero) }
        }
        if let startedAt = base.startedAt { live.begin(at: startedAt) }
        if let stoppedAt = base.breakStartedAt ?? base.endedAt { live.end(at: stoppedAt) }
        for track in base.tracks {
            channels[track.id] = Channel(seat: track.seat, openedAt: track.openedAt)
        }
        for event in events { follow(event) }
    }

    /// Learns of tracks that were closed before what the events tell, from what was recorded of them. Whoever
    /// teaches may complete them.
    mutating func know(_ segments: [AudioSegment]) {
        for segment in segments where channels[segment.track] == nil && teaching.contains(segment.seat) {
            channels[segment.track] = Channel(seat: segment.seat, openedAt: segment.start)
        }
    }

    /// Takes in what happened.
    mutating func follow(_ recorded: RecordedEvent) {
        let time = recorded.t
        switch recorded.event {
        case .joined(let seat, _, let role, _):
            if role == .lecturer || role == .assistant { teaching.insert(seat) }
        case .started, .breakEnded: live.begin(at: time)
        case .breakStarted, .ended: live.end(at: time)
        case .muted(let seat): muted[seat, default: Stretches()].begin(at: time)
        case .unmuted(let seat): muted[seat]?.end(at: time)
        case .trackOpened(let track, let seat, _, _):
            channels[track] = Channel(seat: seat, openedAt: time)
        case .trackClosed(let track, let cause): close(track, cause, at: time)
        default: break
        }
    }

    private mutating func close(_ track: TrackID, _ cause: TrackCloseCause, at time: SessionTime) {
        guard let channel = channels[track] else { return }
        switch cause {
        // Whoever teaches may speak whether we see the line or not.
        case .left: if !teaching.contains(channel.seat) { channels[track]?.endedAt = time }
        case .publisher, .turnEnded, .sessionEnded: channels[track]?.endedAt = time
        }
    }

    /// Whose track it is, or was.
    func seat(of track: TrackID) -> SeatID? { channels[track]?.seat }

    /// Whether what this track carried at a moment may be recorded.
    func mayRecord(_ track: TrackID, at time: SessionTime) -> Bool {
        guard let channel = channels[track], channel.openedAt <= time,
            channel.endedAt.map({ time < $0 }) ?? true, live.contains(time)
        else { return false }
        guard let mutes = muted[channel.seat] else { return true }
        if mutes.isTruncated, let oldest = mutes.all.first, time < oldest.from { return false }
        return !mutes.contains(time)
    }
}
