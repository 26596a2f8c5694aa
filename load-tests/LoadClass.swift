import LiveRelayClient
import LiveRelayWire
import SessionModel
import WebSocketCore

/// One lecturer and many participants, all clients of the library on one event loop, so that one clock
/// measures everything. Lives on that loop.
final class LoadClass {
    /// Why the class could not be carried through.
    enum Failure: Error, CustomStringConvertible {
        case refused(String)
        case timedOut(String)

        var description: String {
            switch self {
            case .refused(let what): "refused: \(what)"
            case .timedOut(let what): "timed out: \(what)"
            }
        }
    }

    /// CELT, full band, 20 ms, one channel, code 0 (RFC 6716 table 2).
    private static let toc: UInt8 = 0xF8
    /// As large as a packet of speech at 24 kbit/s.
    private static let packetBytes = 60
    /// Joins begin so far apart: a door through which fifty a second come in.
    private static let joinSpacingMilliseconds: UInt64 = 20
    /// Everybody must be in by then.
    private static let joinMillisecondsMaximum: UInt64 = 60_000
    /// After the last packet the rest may take this long.
    private static let settleMilliseconds: UInt64 = 3_000

    private unowned let core: LoopCore
    private let settings: Settings
    private let tls: TLSContext?
    private let finish: (Result<LoadResult, Failure>) -> Void
    private var lecturer: ClassroomClient?
    private var participants: [ClassroomClient] = []
    private var counts: [ListenerCount]
    private var lecturerCount: ListenerCount
    private var joined = Set<Int>()
    private var joinSeconds = 0.0
    private var publication: Publication?
    private var sentAt: [UInt64] = []
    private var delays: DelayCount
    private var asked: [CommandID: String] = [:]
    private var accepted: [String: Int] = [:]
    private var refusals: [String: Int] = [:]
    private var start: UInt64 = 0
    private var isDoorOpen = false
    private var chatsAsked = 0
    /// No more is sent; what is on its way still arrives.
    private var isSettling = false
    private var isOver = false

    init(
        on core: LoopCore, _ settings: Settings, tls: TLSContext?,
        finish: @escaping (Result<LoadResult, Failure>) -> Void
    ) {
        self.core = core
        self.settings = settings
        self.tls = tls
        self.finish = finish
        let packets = settings.seconds * 50 + 100
        counts = Array(repeating: ListenerCount(packetsCount: packets), count: settings.seats)
        lecturerCount = ListenerCount(packetsCount: packets)
        delays = DelayCount(seconds: settings.seconds)
    }

    // MARK: Coming in

    func begin(lecturerToken: String, code: String) {
        let lecturer = client(.token(lecturerToken), seed: 1) { [weak self] in self?.lecturerHears($0) }
        self.lecturer = lecturer
        lecturer.start()
        start = core.now
        for index in 0..<settings.seats {
            let credential = JoinCredential.code(
                code, name: "学员\(index + 1)", number: "", device: "load-test-device-\(index)")
            let participant = client(credential, seed: UInt64(index) + 2) { [weak self] in
                self?.participantHears(index, $0)
            }
            participants.append(participant)
        }
        core.schedule(afterMilliseconds: Self.joinMillisecondsMaximum) { [weak self] in
            guard let self, self.publication == nil else { return }
            self.end(.failure(.timedOut("\(self.joined.count)/\(self.settings.seats) joined")))
        }
    }

    private func client(
        _ credential: JoinCredential, seed: UInt64, hears: @escaping (ClassroomNotice) -> Void
    ) -> ClassroomClient {
        ClassroomClient(
            on: core, server: settings.server, tls: tls, credential: credential, seed: seed, limits: .crowd
        ) { hears($1) }
    }

    private func lecturerHears(_ notice: ClassroomNotice) {
        switch notice {
        case .snapshot:
            // At its planned time the relay opens the door by itself.
            if lecturer?.classroom?.phase == .scheduled { ask(lecturer, "open", .open) } else { letIn() }
        case .event(let event):
            lecturerCount.take(event)
            switch event.event.type {
            case "opened": letIn()
            case "started": ask(lecturer, "openTrack", .openTrack(channels: 1))
            case "pollOpened": vote()
            default: break
            }
        case .answer(let id, let answer): answered(id, answer)
        case .interrupted: lecturerCount.interruptions += 1
        case .recorded(let sound): publication?.recorded(sound)
        case .ended(let ending): if !isOver { end(.failure(.refused("\(ending)"))) }
        case .joined, .digest, .people, .position, .audio, .probe, .unreadable: break
        }
    }

    private func letIn() {
        guard !isDoorOpen else { return }
        isDoorOpen = true
        for (index, participant) in participants.enumerated() {
            core.schedule(afterMilliseconds: UInt64(index) * Self.joinSpacingMilliseconds) {
                participant.start()
            }
        }
    }

    private func participantHears(_ index: Int, _ notice: ClassroomNotice) {
        switch notice {
        case .snapshot:
            if joined.insert(index).inserted, joined.count == settings.seats { everybodyIsIn() }
        case .event(let event): counts[index].take(event)
        case .audio(let audio): hear(index, audio)
        case .answer(let id, let answer): answered(id, answer)
        case .interrupted: counts[index].interruptions += 1
        case .ended(let ending): if !isOver { end(.failure(.refused("\(ending)"))) }
        case .joined, .digest, .people, .position, .recorded, .probe, .unreadable: break
        }
    }

    private func hear(_ index: Int, _ audio: AudioMessage) {
        guard let publication else { return }
        counts[index].take(audio, track: publication.track)
        let place = Int(audio.sequence)
        guard sentAt.indices.contains(place) else { return }
        delays.take(core.now - sentAt[place], sentAfter: sentAt[place] - start)
    }

    private func everybodyIsIn() {
        joinSeconds = Double(core.now - start) / 1_000
        ask(lecturer, "start", .start)
    }

    // MARK: Load

    private func ask(_ client: ClassroomClient?, _ what: String, _ command: ClientCommand) {
        guard let client else { return }
        asked[client.send(command)] = what
    }

    private func answered(_ id: CommandID, _ answer: CommandAnswer) {
        guard let what = asked.removeValue(forKey: id) else { return }
        switch answer {
        case .accepted(let answer):
            accepted[what, default: 0] += 1
            if what == "openTrack", let track = answer.track, let run = answer.run {
                publication = Publication(track: track, run: run)
                load()
            }
        case .rejected(let code): refusals["\(what) \(code.rawValue)", default: 0] += 1
        case .unanswered: refusals["\(what) unanswered", default: 0] += 1
        }
    }

    private func load() {
        start = core.now
        if settings.saysWhenItBegins { Orders.say(["event": "loading"]) }
        publish()
        let span = UInt64(settings.seconds) * 1_000
        for number in 0..<settings.chats {
            let at = span * UInt64(number) / UInt64(max(settings.chats, 1))
            core.schedule(afterMilliseconds: at) { [weak self] in
                guard let self, !self.isSettling else { return }
                self.chatsAsked += 1
                self.ask(
                    self.participants[number % self.settings.seats], "chat", .postChat("第 \(number + 1) 条"))
            }
        }
        core.schedule(afterMilliseconds: span / 4) { [weak self] in
            self?.ask(
                self?.lecturer, "openPoll",
                .openPoll(question: "听得清吗？", options: ["清楚", "不清楚"], secrecy: .named))
        }
        core.schedule(afterMilliseconds: span) { [weak self] in self?.settle() }
    }

    /// The load is over, also before its time; once everything has arrived the result is drawn.
    func settle() {
        guard publication != nil, !isSettling, !isOver else { return }
        isSettling = true
        closePoll()
        core.schedule(afterMilliseconds: Self.settleMilliseconds) { [weak self] in self?.conclude() }
    }

    private func publish() {
        guard !isOver, !isSettling, let lecturer, var track = publication, let time = lecturer.sessionTime
        else { return }
        let total = settings.seconds * 50
        let due = min(Int((core.now - start) / 20) + 1, total)
        while sentAt.count < due {
            let number = sentAt.count
            let body = (1..<Self.packetBytes).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number) }
            let message = track.message(packet: [Self.toc] + body, isQuiet: false, capturedAt: time)
            sentAt.append(core.now)
            lecturer.send(message)
        }
        publication = track
        guard sentAt.count < total else { return }
        core.schedule(afterMilliseconds: 20 - (core.now - start) % 20) { [weak self] in self?.publish() }
    }

    private func vote() {
        guard let poll = lecturer?.classroom?.openPoll?.poll else { return }
        let span = UInt64(settings.seconds) * 250
        for index in 0..<settings.votes {
            core.schedule(afterMilliseconds: span * UInt64(index) / UInt64(settings.votes)) { [weak self] in
                guard let self else { return }
                self.ask(self.participants[index], "vote", .vote(poll, option: index % 2))
            }
        }
    }

    private func closePoll() {
        guard let poll = lecturer?.classroom?.openPoll?.poll else { return }
        ask(lecturer, "closePoll", .closePoll(poll))
    }

    // MARK: The end

    private func conclude() {
        let sent = sentAt.count
        let chats = accepted["chat", default: 0]
        let votes = accepted["vote", default: 0]
        let everybody = counts + [lecturerCount]
        let result = LoadResult(
            seats: settings.seats, seconds: settings.seconds, packetsSent: sent,
            deliveriesExpected: sent * settings.seats,
            packetsMissing: counts.reduce(0) { $0 + $1.missing(of: sent) },
            packetsDoubled: counts.reduce(0) { $0 + $1.doubled },
            packetsForeign: counts.reduce(0) { $0 + $1.foreign }, chatsAccepted: chats,
            chatsMissing: everybody.reduce(0) { $0 + abs(chats - $1.chats.count) }
                + abs(chatsAsked - chats),
            chatsDoubled: everybody.reduce(0) { $0 + $1.chatsTwice }, votesAccepted: votes,
            votesSeenByLecturer: lecturerCount.votes.count,
            pollCountsWrong: everybody.count { $0.pollCount != settings.votes }, refusals: refusals,
            interruptions: everybody.reduce(0) { $0 + $1.interruptions }, delayMedian: delays.part(50),
            delay99th: delays.part(99), delaysBySecond: delays.bySecond, joinSeconds: joinSeconds)
        isOver = true
        ask(lecturer, "end", .end)
        core.schedule(afterMilliseconds: 500) { [weak self] in self?.end(.success(result)) }
    }

    private func end(_ result: Result<LoadResult, Failure>) {
        isOver = true
        lecturer?.stop()
        for participant in participants { participant.stop() }
        finish(result)
    }
}
