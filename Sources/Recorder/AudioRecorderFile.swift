public import SessionModel

/// Drives an `AudioRecorder` with files: one piece of work at a time on the file threads, notices on the
/// loop.
///
/// `@unchecked Sendable`: every method is called on the one loop that `schedule` runs blocks on, and blocks
/// of this type come back to it only through `schedule`; what runs elsewhere works on values that were handed
/// over.
public final class AudioRecorderFile: @unchecked Sendable {
    private let recorder: AudioRecorder
    private let storage: any Storage
    private let runOnFileThread: Scheduler
    private let schedule: Scheduler
    private let now: @Sendable () -> SessionTime
    private let notify: @Sendable (AudioNotice) -> Void
    /// Nil while a file thread has them.
    private var files: AudioFiles?
    private var whenIdle: [@Sendable () -> Void] = []

    /// A recorder that goes on from a manifest that recovery gave back. `now` is the clock of the session;
    /// `notify` is called on the loop.
    public init(
        manifest: Manifest, title: String, createdAt: WallTime, storage: any Storage,
        runOnFileThread: @escaping Scheduler, schedule: @escaping Scheduler,
        now: @escaping @Sendable () -> SessionTime, notify: @escaping @Sendable (AudioNotice) -> Void
    ) {
        recorder = AudioRecorder(manifest: manifest, title: title, createdAt: createdAt)
        files = AudioFiles(manifest.session)
        self.storage = storage
        self.runOnFileThread = runOnFileThread
        self.schedule = schedule
        self.now = now
        self.notify = notify
    }

    /// What is on disk or on its way there.
    public var manifest: Manifest { recorder.manifest }

    /// When `advance` has something to do; nil where it has not.
    public var nextDeadline: SessionTime? { recorder.nextDeadline }

    /// A track was announced.
    public func openTrack(_ track: TrackID, seat: SeatID, channels: Int, artist: String?) {
        recorder.openTrack(track, seat: seat, channels: channels, artist: artist)
    }

    /// A track ended.
    public func closeTrack(_ track: TrackID) { feed { $0.closeTrack(track, at: $1) } }

    /// Takes packets.
    public func receive(_ batch: AudioBatch) { feed { $0.receive(batch, at: $1) } }

    /// A break began.
    public func breakOff() { feed { $0.breakOff(at: $1) } }

    /// Stops recording from outside.
    public func pause(_ cause: RecordingPauseCause) { feed { $0.pause(cause, at: $1) } }

    /// Ends what `pause` began.
    public func resume() { feed { recorder, _ in recorder.resume() } }

    /// Time went by.
    public func advance() { feed { $0.advance(to: $1) } }

    /// The class is over; `completion` is called on the loop once everything is on disk, or cannot be.
    public func end(completion: @escaping @Sendable () -> Void) {
        whenIdle.append(completion)
        feed { $0.end(at: $1) }
    }

    private func feed(_ input: (AudioRecorder, SessionTime) -> Void) {
        input(recorder, now())
        turn()
    }

    private func turn() {
        for notice in recorder.takeNotices() { notify(notice) }
        guard let files else { return }
        guard let work = recorder.takeWork() else {
            let completions = whenIdle
            whenIdle = []
            for completion in completions { completion() }
            return
        }
        self.files = nil
        runOnFileThread { [self] in
            var files = files
            let outcome = files.perform(work, in: storage)
            let after = files
            schedule { [self] in
                self.files = after
                recorder.performed(outcome, at: now())
                turn()
            }
        }
    }
}
