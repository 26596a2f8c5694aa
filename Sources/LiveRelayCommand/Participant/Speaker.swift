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
        case speaking(Publication)
        case finishing(Publication, until: UInt64)
        case finished
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
    /// How long the end waits for the disk: a page is written each second and synced each five.
    private static let recordMillisecondsMaximum: UInt64 = 7_000

    private unowned let client: ClassroomClient
    private unowned let core: LoopCore
    private let queue: PacketQueue
    /// Whether packets that cannot be heard now are thrown away, as a microphone's must be.
    private var isLive: Bool
    private var firstPacketAt: UInt64?
    private let said: (Speaker, Said) -> Void
    private var state = State.waiting
    private var timer: TimerID?
    /// When the first packet of the present run of packets went out, and its session time.
    private var pace: (start: UInt64, session: SessionTime, count: UInt64)?
    private(set) var sentCount = 0
    /// Whether the speaker keeps silent for now; a file goes on where it was.
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
        case .speaking(let track), .finishing(let track, _): client.send(.closeTrack(track.track))
        case .waiting, .opening, .finished: break
        }
        finish()
    }

    /// Takes in what the client was told.
    func take(_ notice: ClassroomNotice) {
        switch (notice, state) {
        case (.answer(let id, let answer), .opening(let asked)) where id == asked: opened(answer)
        case (.recorded(let track, let run, let sequence), .speaking(var own)) where track == own.track:
            own.recorded(run: run, sequence: sequence)
            state = .speaking(own)
        case (.recorded(let track, let run, let sequence), .finishing(var own, let until))
        where track == own.track:
            own.recorded(run: run, sequence: sequence)
            state = .finishing(own, until: until)
        case (.interrupted, .speaking(var own)):
            own.lineLost()
            state = .speaking(own)
        case (.interrupted, .finishing(var own, let until)):
            own.lineLost()
            state = .finishing(own, until: until)
        case (.joined(let hello), .speaking(var own)):
            own.goOn(inRun: hello.run)
            state = .speaking(own)
        case (.event(let event), .speaking(let own))
        where event.event.type == "trackClosed" && event.event.track == own.track:
            // The turn ended, or the relay took us for gone: ask again when it is allowed.
            state = .waiting
            pace = nil
        case (.snapshot(let snapshot), .speaking(let own)):
            if !snapshot.tracks.contains(where: { $0.track == own.track }) { state = .waiting }
        default: break
        }
    }

    private func opened(_ answer: CommandAnswer) {
        switch answer {
        case .accepted(let accepted):
            guard let track = accepted.track, let run = accepted.run else { return state = .waiting }
            state = .speaking(Publication(track: track, run: run))
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
        case .speaking(var track):
            send(&track)
            state = .speaking(track)
            endIfDone(track)
        case .finishing(var track, let until):
            sendForTheRecord(&track)
            state = .finishing(track, until: until)
            if track.unrecordedCount == 0 || core.now >= until {
                client.send(.closeTrack(track.track))
                let unrecorded = track.unrecordedCount
                finish()
                said(self, .finished(packets: sentCount, unrecorded: unrecorded))
            }
        case .finished: break
        }
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

    private func send(_ track: inout Publication) {
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
            let message = track.message(packet: packet.bytes, isQuiet: packet.isQuiet, capturedAt: time)
            if !client.send(message) { track.lineLost() }
            pace.count += 1
            sentCount += 1
        }
        self.pace = pace
        sendForTheRecord(&track)
    }

    private func sendForTheRecord(_ track: inout Publication) {
        guard client.isInClass, track.missedCount > 0 else { return }
        for message in track.messagesForTheRecord() { client.send(message) }
    }

    private func endIfDone(_ track: Publication) {
        guard queue.isEnded, queue.count == 0 else { return }
        let isRecorded = client.classroom?.card?.isRecorded ?? false
        let wait = isRecorded ? Self.recordMillisecondsMaximum : 0
        state = .finishing(track, until: core.now + wait)
    }

    private func finish() {
        state = .finished
        if let timer { core.cancel(timer) }
        timer = nil
    }
}
