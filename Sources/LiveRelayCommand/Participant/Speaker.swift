import LiveRelayClient
import LiveRelayWire
import SessionModel
import WebSocketCore

/// Speaks into a class: opens a track when allowed, paces packets by the monotonic clock, and sends for the
/// record what a broken line swallowed. Lives on the loop of its client.
final class Speaker {
    /// What the owner is told.
    enum Said {
        /// The track is open.
        case speaking(TrackID)
        /// The relay refuses.
        case refused(Rejection)
        /// The queue has ended and everything has been sent.
        case finished(packets: Int, unrecorded: Int)
    }

    private enum State {
        case waiting
        case opening(CommandID)
        case speaking
        /// All packets went out; the disk has yet to say that it has them.
        case finishing(Finishing)
        case finished
    }

    private struct Finishing {
        let since: UInt64
        /// Since when there is a line and nothing is left to send.
        var settledAt: UInt64?
    }

    /// 20 ms.
    private static let packetMilliseconds: UInt64 = 20
    /// A source that falls further behind is not caught up with.
    private static let lagPacketsMaximum: UInt64 = 25
    /// A pipe that brings so much within a second holds a file: a microphone brings 50 packets, and a full
    /// pipe 34 more.
    private static let filePacketsMinimum = 90
    private static let judgeMilliseconds: UInt64 = 1_000
    /// A microphone that lags more than half a second is brought back to a tenth.
    private static let liveLagPacketsMaximum = 25
    private static let liveLagPacketsKept = 5
    /// How long the end waits for the disk once everything was sent: a page is written each second and synced
    /// each five.
    private static let recordMillisecondsMaximum: UInt64 = 7_000
    /// How long the end waits for a line that is away: a relay is back from a restart in a few seconds, a
    /// machine in a minute.
    private static let returnMillisecondsMaximum: UInt64 = 90_000

    private unowned let client: ClassroomClient
    private unowned let core: LoopCore
    private let queue: PacketQueue
    /// Whether packets that cannot be heard now are thrown away, as a microphone's must be.
    private var isLive: Bool
    private var firstPacketAt: UInt64?
    private let said: (Speaker, Said) -> Void
    private var state = State.waiting
    /// What was spoken and is not known to be on disk; outlives tracks.
    private var publication: Publication?
    private var timer: TimerID?
    /// When the first packet of the present run of packets went out, and its session time.
    private var pace: (start: UInt64, session: SessionTime, count: UInt64)?
    private(set) var sentCount = 0
    /// Whether the speaker keeps silent a while; a file goes on where it was.
    var isPaused = false

    init(
        _ client: ClassroomClient, on core: LoopCore, _ queue: PacketQueue, isLive: Bool,
        said: @escaping (Speaker, Said) -> Void
    ) {
        self.client = client
        self.core = core
        self.queue = queue
        self.isLive = isLive
        self.said = said
        arm()
    }

    /// Ends at once: the track is closed, the timer stopped.
    func stop() {
        switch state {
        case .speaking, .finishing: if let publication { client.send(.closeTrack(publication.track)) }
        case .waiting, .opening, .finished: break
        }
        finish()
    }

    /// Takes in what the client was told.
    func take(_ notice: ClassroomNotice) {
        switch notice {
        case .answer(let id, let answer): if case .opening(id) = state { opened(answer) }
        case .recorded(let sound): publication?.recorded(sound)
        case .interrupted: publication?.lineLost()
        case .joined(let hello): if case .speaking = state { publication?.goOn(inRun: hello.run) }
        case .event(let event): take(event)
        case .snapshot(let snapshot):
            publication?.isKept = snapshot.class.isRecorded
            guard case .speaking = state else { return }
            if !snapshot.tracks.contains(where: { $0.track == publication?.track }) { state = .waiting }
        case .digest, .people, .position, .audio, .probe, .unreadable, .ended: break
        }
    }

    private func take(_ notice: EventNotice) {
        let fields = notice.event
        let isOwn = fields.seat == client.classroom?.seat
        switch fields.type {
        case "breakStarted", "ended": publication?.forget(since: notice.t)
        case "muted", "turnEnded": if isOwn { publication?.forget(since: notice.t) }
        // What came meanwhile was recorded by nobody.
        case "recordingResumed": publication?.lineLost()
        case "trackClosed":
            // The turn ended, or the relay took us for gone: ask again when it is allowed.
            guard case .speaking = state, fields.track == publication?.track else { return }
            state = .waiting
            pace = nil
        default: break
        }
    }

    private func opened(_ answer: CommandAnswer) {
        switch answer {
        case .accepted(let accepted):
            guard let track = accepted.track, let run = accepted.run else { return state = .waiting }
            state = .speaking
            var own = publication ?? Publication(track: track, run: run)
            own.goOn(track: track, run: run)
            own.isKept = client.classroom?.card?.isRecorded ?? true
            publication = own
            pace = nil
            said(self, .speaking(track))
        case .rejected(.trackAlreadyOpen):
            // The track of an earlier life of ours: it is closed, then asked for again.
            state = .waiting
            let own = client.classroom?.tracks.first { $0.seat == client.classroom?.seat }
            if let own { client.send(.closeTrack(own.track)) }
        case .rejected(let code):
            state = .waiting
            said(self, .refused(code))
        case .unanswered: state = .waiting
        }
    }

    // MARK: Time

    private func arm() {
        timer = core.schedule(afterMilliseconds: Self.packetMilliseconds) { [weak self] in
            guard let self else { return }
            self.arm()
            self.tick()
        }
    }

    private func tick() {
        judgeSource()
        switch state {
        case .waiting: openIfAllowed()
        case .opening: dropStale()
        case .speaking:
            send()
            endIfDone()
        case .finishing(let finishing): settle(finishing)
        case .finished: break
        }
    }

    /// Sends what is missing, closes the track so that its file is synced, and waits for the disk to say so.
    private func settle(_ finishing: Finishing) {
        var finishing = finishing
        sendForTheRecord()
        let unrecorded = publication?.unrecordedCount ?? 0
        if client.isInClass, publication?.missedCount == 0 {
            if finishing.settledAt == nil, let publication { client.send(.closeTrack(publication.track)) }
            finishing.settledAt = finishing.settledAt ?? core.now
        } else {
            finishing.settledAt = nil
        }
        state = .finishing(finishing)
        let until = min(
            finishing.settledAt.map { $0 + Self.recordMillisecondsMaximum } ?? .max,
            finishing.since + Self.returnMillisecondsMaximum)
        guard unrecorded == 0 && finishing.settledAt != nil || core.now >= until else { return }
        finish()
        said(self, .finished(packets: sentCount, unrecorded: unrecorded))
    }

    private func openIfAllowed() {
        dropStale()
        guard client.isInClass, let classroom = client.classroom, classroom.phase == .live,
            classroom.role == .lecturer || classroom.role == .assistant || classroom.isSpeaking
        else { return }
        guard queue.count > 0 || queue.isEnded else { return }
        state = .opening(client.send(.openTrack(channels: 1)))
    }

    /// What waits in a pipe tells a microphone from a file.
    private func judgeSource() {
        guard isLive else { return }
        if firstPacketAt == nil, queue.appendedCount > 0 { firstPacketAt = core.now }
        guard let first = firstPacketAt, core.now <= first + Self.judgeMilliseconds else { return }
        if queue.appendedCount >= Self.filePacketsMinimum || queue.isEnded { isLive = false }
    }

    /// What a microphone brought while nobody could hear it is gone; a file waits.
    private func dropStale() {
        guard isLive, let first = firstPacketAt, core.now > first + Self.judgeMilliseconds else { return }
        while queue.count > Self.liveLagPacketsKept { _ = queue.take() }
    }

    private func send() {
        guard !isPaused, client.classroom?.phase == .live else {
            // A break: a file waits, a microphone does not.
            dropStale()
            pace = nil
            return
        }
        if isLive, queue.count > Self.liveLagPacketsMaximum { dropStale() }
        guard let session = client.sessionTime else { return }
        var pace = self.pace ?? (core.now, session, 0)
        let due = (core.now - pace.start) / Self.packetMilliseconds + 1
        if due > pace.count + Self.lagPacketsMaximum {
            pace = (core.now, session, 0)
            self.pace = pace
        }
        while pace.count < (core.now - pace.start) / Self.packetMilliseconds + 1, let packet = queue.take() {
            let time = pace.session.advanced(
                byMilliseconds: Int64(clamping: pace.count * Self.packetMilliseconds))
            let message = publication?.message(
                packet: packet.bytes, isQuiet: packet.isQuiet, capturedAt: time)
            if let message, !client.send(message) { publication?.lineLost() }
            pace.count += 1
            sentCount += 1
        }
        self.pace = pace
        sendForTheRecord()
    }

    private func sendForTheRecord() {
        guard client.isInClass else { return }
        for message in publication?.messagesForTheRecord() ?? [] { client.send(message) }
    }

    private func endIfDone() {
        if queue.isEnded, queue.count == 0 { state = .finishing(Finishing(since: core.now)) }
    }

    private func finish() {
        state = .finished
        if let timer { core.cancel(timer) }
        timer = nil
    }
}
