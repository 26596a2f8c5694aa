import LiveRelayClient
import LiveRelayWire
import SessionModel
import WebSocketCore

/// One who only listens.
final class ListeningParticipant {
    /// Whether anybody still reads is looked at so often.
    private static let watchMilliseconds: UInt64 = 500
    /// The wire asks for a report at most every 10 s.
    private static let reportMilliseconds: UInt64 = 10_000

    private unowned let core: LoopCore
    private let entry: LinkOptions.Entry
    private let sound: SoundOutput
    private let isOgg: Bool
    private let milliseconds: UInt64?
    private let console: Console
    private let finish: Finish<Void>
    private var client: ClassroomClient?
    private var loudspeaker: Loudspeaker?
    private var tap: OggTap?
    private var track: TrackID?
    private var hasHeard = false
    private var losses = LossLines()
    private var hasJoined = false
    private var isLeaving = false
    private var nextReport: UInt64 = 0

    init(
        on core: LoopCore, _ entry: LinkOptions.Entry, _ sound: SoundOutput, isOgg: Bool,
        milliseconds: UInt64?, _ console: Console, _ finish: Finish<Void>
    ) {
        self.core = core
        self.entry = entry
        self.sound = sound
        self.isOgg = isOgg
        self.milliseconds = milliseconds
        self.console = console
        self.finish = finish
    }

    /// Goes to class.
    func begin() {
        let client = ClassroomClient(
            on: core, server: entry.server, tls: entry.tls, credential: entry.credential, panels: [],
            seed: UInt64.random(in: 1...UInt64.max)
        ) { [weak self] _, notice in self?.take(notice) }
        self.client = client
        if !isOgg { loudspeaker = Loudspeaker(client, on: core, sound) }
        client.start()
        watch()
    }

    /// Goes, with what was heard written.
    func leave() {
        guard !isLeaving else { return }
        isLeaving = true
        loudspeaker?.stop()
        tap?.end()
        client?.leave()
    }

    private func watch() {
        core.schedule(afterMilliseconds: Self.watchMilliseconds) { [weak self] in
            guard let self, !self.isLeaving else { return }
            if self.sound.isClosed { return self.leave() }
            self.watch()
            self.reportIfDue()
        }
    }

    /// A loudspeaker reports for itself; a file is heard as it is written.
    private func reportIfDue() {
        guard isOgg, hasJoined, core.now >= nextReport else { return }
        nextReport = core.now + Self.reportMilliseconds
        let delay = Int(clamping: (client?.roundTripMilliseconds ?? 0) / 2)
        client?.report(PlaybackReport(state: .playing, delayMilliseconds: delay, gaps: 0))
    }

    private func take(_ notice: ClassroomNotice) {
        loudspeaker?.take(notice)
        switch notice {
        case .audio(let audio): hear(audio)
        case .joined:
            if !hasJoined { console.note(console.words("audio.nobody")) }
            hasJoined = true
            losses = LossLines()
        case .event(let event) where event.event.type == "trackClosed" && event.event.track == track:
            track = nil
        case .interrupted(.failed(let reason), _) where !hasJoined:
            finish(.failure(CommandFailure(.network, "failure.network", "\(entry.server)", reason)))
            client?.stop()
        case .interrupted(let loss, let next):
            if let line = losses.line(loss, next, console.words) { console.note(line) }
        case .ended(let ending): end(ending)
        case .snapshot, .event, .digest, .answer, .people, .position, .recorded, .probe, .unreadable: break
        }
    }

    private func hear(_ audio: AudioMessage) {
        if !hasHeard, !audio.packets.isEmpty {
            hasHeard = true
            if let milliseconds {
                core.schedule(afterMilliseconds: milliseconds) { [weak self] in self?.leave() }
            }
        }
        guard isOgg, !isLeaving, let classroom = client?.classroom else { return }
        let known = classroom.tracks.first { $0.track == audio.track }
        if track == nil || isLecturer(audio.track, classroom) && !isLecturer(track, classroom) {
            track = audio.track
        }
        guard audio.track == track else { return }
        if tap == nil { tap = OggTap(sound, title: SafeText.line(classroom.card?.title ?? "")) }
        tap?.take(audio, channels: known?.channels ?? 1)
    }

    private func isLecturer(_ track: TrackID?, _ classroom: Classroom) -> Bool {
        guard let seat = classroom.tracks.first(where: { $0.track == track })?.seat else { return false }
        return classroom.people[seat]?.role == .lecturer
    }

    private func end(_ ending: ClassroomEnding) {
        loudspeaker?.stop()
        if !isLeaving { tap?.end() }
        switch ending {
        case .code(.left) where isLeaving: finish(.success(()))
        case .code(.ended) where hasJoined: finish(.success(()))
        case .stopped: finish(.success(()))
        case .code, .closed, .untrusted, .status: finish(.failure(CommandFailure(ending)))
        }
        isLeaving = true
    }
}
