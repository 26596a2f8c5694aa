import LiveRelayClient
import LiveRelayWire
import SessionModel
import WebSocketCore

/// Those who speak. Lives on one loop.
final class LecturerDesk {
    private var lecturers: [Lecturer] = []
    private var readyCount = 0
    private var doneCount = 0

    /// One for each class.
    func enter(_ made: [Lecturer]) { lecturers = made }

    /// Whether this was the last that had to be ready.
    func isLastReady() -> Bool {
        readyCount += 1
        return readyCount == lecturers.count
    }

    /// Whether this was the last to come to the end.
    func isLastDone() -> Bool {
        doneCount += 1
        return doneCount == lecturers.count
    }

    func speak(seconds: Int) { for lecturer in lecturers { lecturer.speak(seconds: seconds) } }

    func end() { for lecturer in lecturers { lecturer.end() } }

    /// The first lecturer asks everybody something; `isOpen` hears the poll.
    func openPoll(isOpen: @escaping (PollID) -> Void) { lecturers.first?.openPoll(isOpen: isOpen) }

    func closePoll(_ poll: PollID) { lecturers.first?.closePoll(poll) }
}

/// One who speaks for so many seconds, 50 packets a second, on a loop of its own: listeners who keep a
/// processor busy do not hold up what they are to judge.
final class Lecturer {
    private unowned let core: LoopCore
    private let packetBytes: Int
    /// Whether it is this one who begins the lesson; another waits for that.
    private let isLead: Bool
    private let isReady: () -> Void
    private let isDone: (Int) -> Void
    private let failed: (String) -> Void
    private var client: ClassroomClient?
    private var publication: Publication?
    private var sentCount: UInt32 = 0
    private var packetsCount: UInt32 = 0
    private var start: UInt64 = 0
    private var isEnded = false
    private var isTrackAsked = false
    private var pollIsOpen: ((PollID) -> Void)?

    /// `isReady` is called when the class has begun and the track is open, `isDone` with the packets sent.
    init(
        on core: LoopCore, packetBytes: Int, isLead: Bool, isReady: @escaping () -> Void,
        isDone: @escaping (Int) -> Void, failed: @escaping (String) -> Void
    ) {
        self.core = core
        self.isLead = isLead
        self.packetBytes = packetBytes
        self.isReady = isReady
        self.isDone = isDone
        self.failed = failed
    }

    func enter(_ server: ServerAddress, tls: TLSContext?, token: String) {
        let client = ClassroomClient(
            on: core, server: server, tls: tls, credential: .token(token), seed: 1
        ) { [weak self] _, notice in self?.hears(notice) }
        self.client = client
        client.start()
    }

    /// Speaks from now on.
    func speak(seconds: Int) {
        packetsCount = UInt32(seconds * LectureSettings.packetsPerSecond)
        start = core.now
        publish()
    }

    /// 下课; whoever is not the lecturer just goes.
    func end() {
        isEnded = true
        if isLead { client?.send(.end) } else { client?.stop() }
    }

    func openPoll(isOpen: @escaping (PollID) -> Void) {
        pollIsOpen = isOpen
        client?.send(.openPoll(question: "听得清吗？", options: ["清楚", "不清楚"], secrecy: .named))
    }

    func closePoll(_ poll: PollID) { client?.send(.closePoll(poll)) }

    private func hears(_ notice: ClassroomNotice) {
        switch notice {
        case .snapshot:
            switch client?.classroom?.phase {
            case .scheduled: if isLead { client?.send(.open) }
            case .open: if isLead { client?.send(.start) }
            case .live: openTrack()
            default: break
            }
        case .event(let event):
            if event.event.type == "opened", isLead { client?.send(.start) }
            if event.event.type == "started" { openTrack() }
            if event.event.type == "pollOpened", let poll = event.event.poll {
                pollIsOpen?(poll)
                pollIsOpen = nil
            }
        case .answer(_, .accepted(let answer)):
            guard let track = answer.track, let run = answer.run else { return }
            publication = Publication(track: track, run: run)
            isReady()
        case .answer(_, let refusal): failed("\(refusal)")
        case .ended(let ending): if !isEnded { failed("\(ending)") }
        case .recorded(let sound): publication?.recorded(sound)
        case .joined, .digest, .people, .position, .audio, .probe, .unreadable, .interrupted: break
        }
    }

    private func openTrack() {
        guard !isTrackAsked else { return }
        isTrackAsked = true
        client?.send(.openTrack(channels: 1))
    }

    private func publish() {
        guard let client, let time = client.sessionTime, publication != nil else { return }
        let due = min(UInt32((core.now - start) / 20) + 1, packetsCount)
        while sentCount < due {
            let packet = StampedPacket.bytes(number: sentCount, count: packetBytes)
            guard let message = publication?.message(packet: packet, isQuiet: false, capturedAt: time) else {
                return
            }
            client.send(message)
            sentCount += 1
        }
        guard sentCount < packetsCount else { return isDone(Int(sentCount)) }
        core.schedule(afterMilliseconds: 20 - (core.now - start) % 20) { [weak self] in self?.publish() }
    }
}
