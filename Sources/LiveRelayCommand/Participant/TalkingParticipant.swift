import Dispatch
import LiveRelayClient
import LiveRelayWire
import SessionModel
import WebSocketCore

/// One who speaks a source into a class and then leaves.
final class TalkingParticipant {
    private unowned let core: LoopCore
    private let entry: LinkOptions.Entry
    private let plan: SourcePlan
    private let isStarting: Bool
    private let console: Console
    private let finish: Finish<Void>
    private let credit = PacketReader.makeCredit()
    private lazy var queue = PacketQueue(credit: credit)
    private var client: ClassroomClient?
    private var speaker: Speaker?
    private var told: Set<String> = []
    private var losses = LossLines()
    private var hasJoined = false
    private var hasFinished = false

    init(
        on core: LoopCore, _ entry: LinkOptions.Entry, _ plan: SourcePlan, isStarting: Bool,
        _ console: Console, _ finish: Finish<Void>
    ) {
        self.core = core
        self.entry = entry
        self.plan = plan
        self.isStarting = isStarting
        self.console = console
        self.finish = finish
    }

    /// Opens the source; only when that worked is the class disturbed.
    func begin() {
        PacketReader.start(plan, credit: credit, on: core.loop) { core, said in
            core.attached(TalkingParticipant.self)?.take(said)
        }
    }

    /// Goes, for instance on Ctrl-C.
    func leave() {
        hasFinished = true
        guard let client else { return finish(.success(())) }
        speaker?.stop()
        client.leave()
    }

    private func take(_ said: PacketReader.Said) {
        switch said {
        case .opened: join()
        case .packet(let packet): queue.append(packet)
        case .ended: queue.end()
        case .failed(let failure):
            finish(.failure(failure))
            client?.stop()
        }
    }

    private func join() {
        let client = ClassroomClient(
            on: core, server: entry.server, tls: entry.tls, credential: entry.credential, panels: [],
            seed: UInt64.random(in: 1...UInt64.max)
        ) { [weak self] _, notice in self?.take(notice) }
        self.client = client
        speaker = Speaker(client, on: core, queue, isLive: plan.isLive) { [weak self] _, said in
            self?.take(said)
        }
        client.start()
    }

    private func take(_ notice: ClassroomNotice) {
        speaker?.take(notice)
        switch notice {
        case .joined:
            hasJoined = true
            losses = LossLines()
        case .snapshot, .event:
            startIfAsked()
            if client?.classroom?.phase == .ended { leave() }
        case .interrupted(let loss, let next):
            if !hasJoined, case .failed(let reason) = loss {
                finish(.failure(CommandFailure(.network, "failure.network", "\(entry.server)", reason)))
                client?.stop()
            } else {
                if let line = losses.line(loss, next, console.words) { console.note(line) }
            }
        case .ended(let ending):
            if hasFinished, case .code(.left) = ending {
                finish(.success(()))
            } else {
                finish(.failure(CommandFailure(ending)))
            }
        case .digest, .answer, .people, .position, .recorded, .audio, .probe, .unreadable: break
        }
    }

    private func startIfAsked() {
        guard let client, let phase = client.classroom?.phase else { return }
        switch phase {
        case .scheduled: if isStarting { client.send(.open) }
        case .open: if isStarting { client.send(.start) } else { tell("audio.waiting") }
        case .onBreak: if isStarting { client.send(.endBreak) } else { tell("audio.waiting") }
        case .live:
            let mayPublish = client.classroom?.role == .lecturer || client.classroom?.role == .assistant
            if !mayPublish, client.classroom?.isSpeaking == false { tell("audio.notCalled") }
        case .ended: break
        }
    }

    /// Why nothing is heard yet; once.
    private func tell(_ key: String) {
        guard told.insert(key).inserted else { return }
        console.note(console.words(key))
    }

    private func take(_ said: Speaker.Said) {
        let words = console.words
        switch said {
        case .speaking(let track): console.note(words("audio.speaking", "\(track)"))
        case .refused(let code): console.note(words("audio.notAllowed", words.refusal(code)))
        case .finished(let packets, let unrecorded):
            console.note(words("audio.finished", "\(packets / 50)", "\(packets)", "\(unrecorded)"))
            hasFinished = true
            client?.leave()
        }
    }
}
