import Dispatch
import LiveRelayClient
import LiveRelayWire
import SessionModel
import WebSocketCore

/// One who takes part from the terminal: lines out, lines in, sound beside them. Lives on its loop.
final class TerminalParticipant {
    private unowned let core: LoopCore
    private let entry: LinkOptions.Entry
    private let sound: SoundOutput?
    private let microphone: SourcePlan?
    private let screen: ParticipantScreen
    private let words: Words
    private let finish: Finish<Void>
    private var client: ClassroomClient?
    private var loudspeaker: Loudspeaker?
    private var speaker: Speaker?
    private var microphoneQueue: PacketQueue?
    private var asked: [CommandID: ClientCommand] = [:]
    private var losses = LossLines()
    private var hasJoined = false
    private var isLeaving = false
    private var shownChat: Set<ChatID> = []
    /// What was typed before the class was there.
    private var earlyLines: [String] = []

    /// What a script may type ahead; more is thrown away.
    private static let earlyLinesCountMaximum = 64

    init(
        on core: LoopCore, _ entry: LinkOptions.Entry, sound: SoundOutput?, microphone: SourcePlan?,
        _ console: Console, _ finish: Finish<Void>
    ) {
        self.core = core
        self.entry = entry
        self.sound = sound
        self.microphone = microphone
        screen = ParticipantScreen(console)
        words = console.words
        self.finish = finish
    }

    /// Goes to class.
    func begin(leaveAfterMilliseconds milliseconds: UInt64?) {
        let client = ClassroomClient(
            on: core, server: entry.server, tls: entry.tls, credential: entry.credential,
            seed: UInt64.random(in: 1...UInt64.max)
        ) { [weak self] _, notice in self?.take(notice) }
        self.client = client
        if let sound { loudspeaker = Loudspeaker(client, on: core, sound) }
        client.start()
        if let milliseconds {
            core.schedule(afterMilliseconds: milliseconds) { [weak self] in self?.leave() }
        }
    }

    /// Says goodbye.
    func leave() {
        isLeaving = true
        loudspeaker?.stop()
        speaker?.stop()
        client?.leave()
    }

    // MARK: What is typed

    /// One typed line: a chat entry, or a command that begins with a slash.
    func typed(_ line: String) {
        guard let client, !isLeaving else { return }
        guard client.classroom?.card != nil else {
            if earlyLines.count < Self.earlyLinesCountMaximum { earlyLines.append(line) }
            return
        }
        switch TypedLine(line) {
        case .nothing: screen.refresh(client.classroom)
        case .chat(let text): ask(.postChat(text))
        case .hand: ask(.raiseHand)
        case .lower: ask(.lowerHand(nil))
        case .done: ask(.endTurn(nil))
        case .vote(let number):
            guard let poll = client.classroom?.openPoll else { return screen.note(words("join.noPoll")) }
            ask(.vote(poll.poll, option: number - 1))
        case .voteUnclear: screen.note(words("join.voteUsage"))
        case .people: screen.people(client.classroom)
        case .leave: leave()
        case .help: screen.note(words("join.keys"))
        case .unknown(let name): screen.note(words("join.unknownCommand", SafeText.line(name)))
        }
    }

    private func ask(_ command: ClientCommand) {
        guard let client else { return }
        asked[client.send(command)] = command
    }

    // MARK: What the class says

    private func take(_ notice: ClassroomNotice) {
        loudspeaker?.take(notice)
        speaker?.take(notice)
        let classroom = client?.classroom
        switch notice {
        case .joined(let hello): joined(hello)
        case .snapshot:
            screen.snapshot(classroom, &shownChat)
            let lines = earlyLines
            earlyLines = []
            for line in lines { typed(line) }
        case .event(let event):
            screen.event(event, classroom, &shownChat)
            floor(event)
        case .digest(let digest):
            screen.digest(digest, classroom)
            screen.log(digest.log)
        case .position(let position, let total): screen.position(position, total)
        case .answer(let id, let answer): answered(id, answer)
        case .interrupted(.failed(let reason), _) where !hasJoined:
            finish(.failure(CommandFailure(.network, "failure.network", "\(entry.server)", reason)))
            client?.stop()
        case .interrupted(let loss, let next):
            if let line = losses.line(loss, next, words) { screen.say("interrupted", line) }
        case .ended(let ending): ended(ending)
        case .people, .recorded, .audio, .probe, .unreadable: break
        }
    }

    private func joined(_ hello: Hello) {
        screen.joined(hello, isFirst: !hasJoined)
        hasJoined = true
        losses = LossLines()
        if sound == nil {
            client?.report(PlaybackReport(state: .notPlaying(.unsupported), delayMilliseconds: 0, gaps: 0))
        }
    }

    private func answered(_ id: CommandID, _ answer: CommandAnswer) {
        // What the microphone asks for is told by the speaker.
        guard let command = asked.removeValue(forKey: id) else { return }
        switch answer {
        case .accepted: if case .vote(let poll, _) = command { client?.noteVote(in: poll) }
        case .rejected(let code): screen.note(words("join.rejected", words.refusal(code)))
        case .unanswered: if !isLeaving { screen.note(words("join.unanswered")) }
        }
    }

    private func ended(_ ending: ClassroomEnding) {
        loudspeaker?.stop()
        screen.end()
        switch ending {
        case .code(.left) where isLeaving: finish(.success(()))
        case .code(.ended) where hasJoined: finish(.success(()))
        case .stopped: finish(.success(()))
        case .code, .closed, .untrusted, .status: finish(.failure(CommandFailure(ending)))
        }
    }

    // MARK: The floor

    private func floor(_ event: EventNotice) {
        guard event.event.seat == client?.classroom?.seat else { return }
        if event.event.type == "calledToSpeak" {
            screen.say("called", words("join.called"))
            openMicrophone()
        } else if event.event.type == "turnEnded" {
            screen.say("turnEnded", words("join.turnEnded"))
            speaker?.stop()
            speaker = nil
        }
    }

    private func openMicrophone() {
        guard let client, let microphone else { return screen.note(words("join.micNone")) }
        guard speaker == nil else { return }
        let queue: PacketQueue
        if let open = microphoneQueue {
            queue = open
        } else {
            let credit = PacketReader.makeCredit()
            queue = PacketQueue(credit: credit)
            microphoneQueue = queue
            PacketReader.start(microphone, credit: credit, on: core.loop) { core, said in
                core.attached(TerminalParticipant.self)?.heardMicrophone(said)
            }
        }
        speaker = Speaker(client, on: core, queue, isLive: microphone.isLive) { [weak self] _, said in
            guard let self else { return }
            switch said {
            case .speaking(let track):
                self.screen.say("speaking", self.words("audio.speaking", "\(track)"))
            case .refused(let code):
                self.screen.note(self.words("audio.notAllowed", self.words.refusal(code)))
            case .finished: self.client?.send(.endTurn(nil))
            }
        }
        screen.note(words("join.micOpen", microphone.path))
    }

    private func heardMicrophone(_ said: PacketReader.Said) {
        switch said {
        case .opened: break
        case .packet(let packet): microphoneQueue?.append(packet)
        case .ended: microphoneQueue?.end()
        case .failed(let failure): screen.note(failure.sentence(words))
        }
    }
}
