import LiveRelayClient
import LiveRelayWire
import SessionModel
import WebSocketCore

/// The demo class while it runs: a lecturer and twelve participants, each a client of the relay like any
/// other, on one event loop. Lives on that loop.
final class DemoClass {
    /// What the class needs.
    struct Plan: Sendable {
        let server: ServerAddress
        let tls: TLSContext?
        let code: String
        let lecturerToken: String
        let lecture: [SourcePacket]
        let answer: [SourcePacket]
        /// How much faster than life the script goes.
        let speed: Double
    }

    /// What became of it.
    struct Outcome: Hashable, Sendable {
        var chats = 0
        var hands = 0
        /// Whether it was broken off.
        var isAbandoned = false
        var packetsHeard = 0
        /// What should not have happened, in words.
        var faults: [String] = []
    }

    /// After 下课 everybody is told within this time.
    private static let endMillisecondsMaximum: UInt64 = 10_000
    /// How long the script waits for the class to stand where a step needs it, and how often it looks.
    private static let behindMillisecondsMaximum: UInt64 = 20_000
    private static let lookMilliseconds: UInt64 = 20
    /// The seeds of the command ids; they differ from one member to the next.
    private static let seedBase: UInt64 = 0x1D30

    private unowned let core: LoopCore
    private let plan: Plan
    private let finish: Finish<Outcome>
    private var lecturer: ClassroomClient?
    private var lecturerSpeaker: Speaker?
    private var participants: [Int: ClassroomClient] = [:]
    private var speakers: [Int: Speaker] = [:]
    private var asked: [CommandID: DemoScript.Act] = [:]
    private var outcome = Outcome()
    private var endedCount = 0
    private var isOver = false

    init(on core: LoopCore, _ plan: Plan, _ finish: Finish<Outcome>) {
        self.core = core
        self.plan = plan
        self.finish = finish
    }

    /// The lecturer comes in; the script begins when the seat is taken.
    func begin() {
        let lecturer = client(.token(plan.lecturerToken), number: 0) { [weak self] notice in
            self?.lecturerHears(notice)
        }
        self.lecturer = lecturer
        lecturer.start()
    }

    private func client(
        _ credential: JoinCredential, number: Int, hears: @escaping (ClassroomNotice) -> Void
    ) -> ClassroomClient {
        ClassroomClient(
            on: core, server: plan.server, tls: plan.tls, credential: credential,
            seed: Self.seedBase + UInt64(number)
        ) { _, notice in hears(notice) }
    }

    // MARK: What they hear

    private func lecturerHears(_ notice: ClassroomNotice) {
        lecturerSpeaker?.take(notice)
        switch notice {
        case .snapshot: if lecturerSpeaker == nil { beginScript() }
        case .answer(let id, let answer): answered(id, answer)
        case .event(let event):
            if event.event.type == "chatPosted" { outcome.chats += 1 }
            if event.event.type == "handRaised" { outcome.hands += 1 }
        case .ended(let ending): ended(ending, "主讲")
        case .joined, .digest, .people, .position, .recorded, .audio, .probe, .unreadable, .interrupted:
            break
        }
    }

    private func participantHears(_ index: Int, _ notice: ClassroomNotice) {
        speakers[index]?.take(notice)
        switch notice {
        case .joined: participants[index]?.report(Self.playing)
        case .answer(let id, let answer): answered(id, answer)
        case .audio(let audio): outcome.packetsHeard += audio.packets.count
        case .ended(let ending): ended(ending, DemoPerson.present[index].name)
        case .snapshot, .event, .digest, .people, .position, .recorded, .probe, .unreadable, .interrupted:
            break
        }
    }

    private static let playing = PlaybackReport(state: .playing, delayMilliseconds: 120, gaps: 0)

    private func answered(_ id: CommandID, _ answer: CommandAnswer) {
        guard let act = asked.removeValue(forKey: id) else { return }
        switch answer {
        case .accepted: break
        // At its planned time the relay opens the door by itself, perhaps in the same moment.
        case .rejected(.notNow) where act == .open: break
        case .rejected(let code): outcome.faults.append("\(act): \(code.rawValue)")
        case .unanswered: if !isOver { outcome.faults.append("\(act): ?") }
        }
    }

    private func ended(_ ending: ClassroomEnding, _ name: String) {
        endedCount += 1
        switch ending {
        case .code(.ended), .code(.left): break
        case .code, .closed, .untrusted, .status, .stopped:
            outcome.faults.append("\(name): \(ending)")
            if lecturer.map({ !$0.isInClass }) ?? true, !isOver { over() }
        }
        if isOver, endedCount == participants.count + 1 { conclude() }
    }

    // MARK: The script

    private func beginScript() {
        guard let lecturer else { return }
        let queue = PacketQueue(clip: plan.lecture, isLoop: true)
        lecturerSpeaker = Speaker(lecturer, on: core, queue, isLive: false) { [weak self] _, said in
            if case .refused(let code) = said { self?.outcome.faults.append("openTrack: \(code.rawValue)") }
        }
        play(DemoScript.steps[...], waitedMilliseconds: 0)
    }

    /// Plays the first step once the class stands where it needs it: on a slow disk the class falls behind
    /// its script, which waits for it. The next step follows at its distance.
    private func play(_ steps: ArraySlice<DemoScript.Step>, waitedMilliseconds: UInt64) {
        guard let step = steps.first, !isOver else { return }
        guard isReady(for: step.act) || waitedMilliseconds >= Self.behindMillisecondsMaximum else {
            core.schedule(afterMilliseconds: Self.lookMilliseconds) { [weak self] in
                self?.play(steps, waitedMilliseconds: waitedMilliseconds + Self.lookMilliseconds)
            }
            return
        }
        perform(step.act)
        let rest = steps.dropFirst()
        guard let next = rest.first else { return }
        core.schedule(afterMilliseconds: UInt64((next.second - step.second) * 1_000 / plan.speed)) {
            [weak self] in self?.play(rest, waitedMilliseconds: 0)
        }
    }

    /// Whether an act has what it needs to know of those before it.
    private func isReady(for act: DemoScript.Act) -> Bool {
        switch act {
        case .call(let index): participants[index]?.classroom?.seat != nil
        case .poll, .closePoll: asked.isEmpty
        case .vote(let index, _):
            asked.isEmpty && openPoll(of: lecturer) != nil
                && openPoll(of: participants[index]) == openPoll(of: lecturer)
        case .open, .start, .join, .chat, .lecturerChat, .hand, .lower, .done, .rest, .goOn, .leave, .end:
            true
        }
    }

    private func perform(_ act: DemoScript.Act) {
        switch act {
        case .open: if lecturer?.classroom?.phase == .scheduled { lecture(act, .open) }
        case .start: lecture(act, .start)
        case .lecturerChat(let text): lecture(act, .postChat(text))
        case .call(let index):
            guard let seat = participants[index]?.classroom?.seat else { return missing(act) }
            lecture(act, .callToSpeak(seat))
            speak(index)
        case .poll(let question, let options, let secrecy):
            lecture(act, .openPoll(question: question, options: options, secrecy: secrecy))
        case .closePoll:
            guard let poll = lecturer?.classroom?.openPoll else { return missing(act) }
            lecture(act, .closePoll(poll.poll))
        case .rest(let minutes): lecture(act, .startBreak(minutes: minutes))
        case .goOn: lecture(act, .endBreak)
        case .end:
            over()
            lecture(act, .end)
        case .join(let index): join(index)
        case .chat(let index, let text): ask(index, act, .postChat(text))
        case .hand(let index): ask(index, act, .raiseHand)
        case .lower(let index): ask(index, act, .lowerHand(nil))
        case .done(let index):
            speakers.removeValue(forKey: index)?.stop()
            lecturerSpeaker?.isPaused = false
            ask(index, act, .endTurn(nil))
        case .vote(let index, let option):
            guard let poll = participants[index]?.classroom?.openPoll else { return missing(act) }
            ask(index, act, .vote(poll.poll, option: option))
        case .leave(let index): participants[index]?.leave()
        }
    }

    private func openPoll(of person: ClassroomClient?) -> PollID? { person?.classroom?.openPoll?.poll }

    private func lecture(_ act: DemoScript.Act, _ command: ClientCommand) {
        guard let lecturer else { return missing(act) }
        asked[lecturer.send(command)] = act
    }

    private func ask(_ index: Int, _ act: DemoScript.Act, _ command: ClientCommand) {
        guard let participant = participants[index] else { return missing(act) }
        asked[participant.send(command)] = act
    }

    private func missing(_ act: DemoScript.Act) { outcome.faults.append("\(act): -") }

    private func join(_ index: Int) {
        let person = DemoPerson.present[index]
        let device = "demo-device-\(index)-\(person.number)"
        let credential = JoinCredential.code(
            plan.code, name: person.name, number: person.number, device: device)
        let participant = client(credential, number: index + 1) { [weak self] notice in
            self?.participantHears(index, notice)
        }
        participants[index] = participant
        participant.start()
    }

    private func speak(_ index: Int) {
        guard let participant = participants[index] else { return }
        lecturerSpeaker?.isPaused = true
        // The guest from the international department speaks English, the others go on in Chinese.
        let clip = index == DemoPerson.englishSpeaker ? plan.answer : Array(plan.lecture.dropFirst(1_000))
        let queue = PacketQueue(clip: clip, isLoop: true)
        speakers[index] = Speaker(participant, on: core, queue, isLive: false) { [weak self] _, said in
            if case .refused(let code) = said { self?.outcome.faults.append("openTrack: \(code.rawValue)") }
        }
    }

    // MARK: The end

    private func over() {
        guard !isOver else { return }
        isOver = true
        core.schedule(afterMilliseconds: Self.endMillisecondsMaximum) { [weak self] in
            guard let self else { return }
            self.outcome.faults.append("end: \(self.endedCount)/\(self.participants.count + 1)")
            self.conclude()
        }
    }

    /// Breaks off, for instance on Ctrl-C.
    func abandon() {
        isOver = true
        outcome.isAbandoned = true
        conclude()
    }

    private func conclude() {
        finish(.success(outcome))
        lecturer?.stop()
        for index in participants.keys.sorted() { participants[index]?.stop() }
    }
}
