import LiveRelayWire
import Recorder
import SessionModel

/// The recorder as a subscriber of one class: it gets the packets that listeners get, and what events say of
/// tracks and breaks.
final class SessionRecording {
    /// What became of a packet that came for the record.
    enum Late: Hashable {
        /// It goes to the recorder.
        case taken
        /// It was captured when its publisher might not be heard.
        case refused
        /// Somebody else's track, or no packet that may be published.
        case invalid
    }

    private let recorder: AudioRecorderFile
    private var rights: SoundRights
    private var channels: [TrackID: Int] = [:]
    /// Whether the class is over and all sound is on disk.
    private(set) var isFinished = false

    init(_ recorder: AudioRecorderFile, resuming session: Session, view: ClassView, rights: SoundRights) {
        self.recorder = recorder
        self.rights = rights
        self.rights.know(recorder.manifest.segments)
        for track in session.tracks { open(track.id, seat: track.seat, track.channels, session, view) }
    }

    /// Obeys what has happened.
    func follow(_ events: [RecordedEvent], in session: Session, view: ClassView) {
        for recorded in events {
            rights.follow(recorded)
            switch recorded.event {
            case .trackOpened(let track, let seat, _, let channels):
                open(track, seat: seat, channels, session, view)
            case .trackClosed(let track, _): recorder.closeTrack(track)
            case .breakStarted: recorder.breakOff()
            default: break
            }
        }
    }

    private func open(_ track: TrackID, seat: SeatID, _ channels: Int, _ session: Session, _ view: ClassView)
    {
        self.channels[track] = channels
        let artist = session.seat(seat).map { view.card(of: $0).name }
        recorder.openTrack(track, seat: seat, channels: channels, artist: artist)
    }

    /// Takes the packets of one message.
    func take(_ message: AudioMessage) { record(message, isLate: false) }

    /// Takes a packet that its publisher sends again, or only now, for the record.
    func takeLate(_ message: AudioMessage, from seat: SeatID) -> Late {
        guard message.packets.count == 1, let packet = message.packets.first,
            AudioMessage.isPublishable(packet, channels: channels[message.track] ?? 1)
        else { return .invalid }
        let captured = SessionTime(milliseconds: Int64(clamping: message.captureSamples / 48))
        guard rights.seat(of: message.track) == seat, rights.mayRecord(message.track, at: captured) else {
            return .refused
        }
        record(message, isLate: true)
        return .taken
    }

    /// The log was read back: what had only been decided did not happen.
    func judge(by rights: SoundRights) {
        self.rights = rights
        self.rights.know(recorder.manifest.segments)
    }

    /// Whose track it is, or was.
    func seat(of track: TrackID) -> SeatID? { rights.seat(of: track) }

    private func record(_ message: AudioMessage, isLate: Bool) {
        recorder.receive(
            AudioBatch(
                track: message.track, run: message.run, firstSequence: message.sequence,
                captureSamples: message.captureSamples, packets: message.packets, isForTheRecord: isLate))
    }

    /// Sound is the first to stop when a disk fills up, and goes on by itself.
    func disk(_ level: DiskLevel) {
        if level >= .recordingStops { recorder.pause(.noSpace) } else { recorder.resume() }
    }

    /// Time goes by.
    func beat() { recorder.advance() }

    /// Closes all files; `isEnded` is called on the loop once they are on disk, or cannot be. May be called
    /// again.
    func end(_ isEnded: @escaping @Sendable () -> Void) {
        recorder.end(completion: isEnded)
    }

    /// The files are closed.
    func finished() { isFinished = true }
}
