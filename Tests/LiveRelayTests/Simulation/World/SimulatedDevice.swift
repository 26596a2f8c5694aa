import LiveRelayWire
import SessionModel

@testable import LiveRelayClient
@testable import WebSocketCore

/// One device of one person: the real `ClassroomMachine`, which joins, comes back and sends again, and a
/// script that acts on what it sees.
final class SimulatedDevice {
    /// Something that was asked for and when.
    struct Asked {
        let command: ClientCommand
        let at: UInt64
    }

    let name: String
    let person: PersonID
    let role: Role
    private unowned let world: World
    private(set) var machine: ClassroomMachine
    /// The class as this device's page shows it.
    private(set) var classroom: Classroom?
    /// What the page shows.
    private(set) var panels = Set(Panel.allCases)
    private(set) var hasChangedPanels = false
    /// Until then nothing of the device runs, and its socket is not read.
    private(set) var asleepUntil: UInt64 = 0
    private(set) var asked: [CommandID: Asked] = [:]
    private var life = 0
    private var line: DeviceLine?
    private var timerAt: UInt64?
    private var publication: Publication?
    private var heard: [String: UInt32] = [:]
    private var said = 0
    private var sent: Set<[UInt8]> = []

    init(_ name: String, _ person: String, _ role: Role, _ world: World) {
        self.name = name
        self.person = PersonID(unchecked: person)
        self.role = role
        self.world = world
        machine = ClassroomMachine(credential: .token(""), seed: 0)
    }

    private var now: UInt64 { world.agenda.now }
    private var isAwake: Bool { asleepUntil <= now }

    /// Lets go of its line, which holds on to it.
    func fallApart() { line = nil }

    /// The link that the device talks on now.
    var link: VirtualLink? { line?.link }

    // MARK: Life

    /// The page is opened, for the first time or anew.
    func begin() {
        life += 1
        world.journal.note(name, "begins, life \(life)")
        let token = Door.token(person, role, role == .supervisor ? "巡课员" : "学员\(person)")
        machine = ClassroomMachine(credential: token, panels: panels, seed: world.lots.next())
        classroom = nil
        publication = nil
        line = nil
        timerAt = nil
        asked = [:]
        heard = [:]
        let life = life
        perform(machine.start(at: now))
        act(life)
    }

    /// The page is closed and opened again; whatever it waited for it never hears.
    func reload() {
        world.journal.note(name, "reloads")
        line?.link.cut()
        line = nil
        begin()
    }

    func sleep(until time: UInt64) {
        world.journal.note(name, "sleeps until \(time / 1_000)")
        asleepUntil = max(asleepUntil, time)
    }

    func wake() {
        asleepUntil = min(asleepUntil, now)
        timerAt = nil
        if life > 0 { perform(machine.tick(at: now)) }
    }

    private func act(_ life: Int) {
        world.agenda.after(world.lots.milliseconds(100...3_000)) { [self] in
            guard life == self.life, !machine.isFinished else { return }
            defer { act(life) }
            guard isAwake, machine.isInClass, world.isActing, let classroom else { return }
            var script = Script(classroom: classroom, name: "\(name).\(life)", lots: world.lots, said: said)
            let step = script.next()
            said = script.said
            carryOut(step)
        }
    }

    private func carryOut(_ step: Script.Step) {
        switch step {
        case .ask(let command): ask(command)
        case .talk: talk(world.lots.below(15), life)
        case .search:
            let (_, effects) = machine.findPeople("学员", offset: 0, at: now)
            perform(effects)
        case .report(let report): perform(machine.report(report))
        case .show(let shown):
            // A page that shows more only comes to know what it missed while it is in class.
            panels = shown
            hasChangedPanels = true
            perform(machine.show(shown))
        case .leave: perform(machine.leave(at: now))
        case .nothing: break
        }
    }

    func ask(_ command: ClientCommand) {
        let (id, effects) = machine.send(command, at: now)
        asked[id] = Asked(command: command, at: now)
        world.journal.note(name, "asks \(id) \(command)")
        perform(effects)
    }

    /// Sends some packets, one each 20 ms.
    private func talk(_ count: Int, _ life: Int) {
        guard count > 0, life == self.life, var publication, let time = machine.clock.time(at: now) else {
            return
        }
        // Any bytes behind a TOC byte of 20 ms, code 0, mono.
        let message = publication.message(packet: [0x08, 1, 2, 3], isQuiet: false, capturedAt: time)
        self.publication = publication
        perform(machine.send(message))
        world.agenda.after(20) { [self] in if isAwake { talk(count - 1, life) } }
    }

    // MARK: Effects

    private func perform(_ effects: [ClassroomEffect]) {
        for effect in effects {
            switch effect {
            case .open(let number): world.connect(self, number) { [self] in line = $0 }
            case .sendText(let number, let bytes): send(bytes, number)
            case .sendBinary(let number, let bytes):
                if line?.number == number { line?.send(.binary, bytes) }
            case .close(let number):
                guard line?.number == number else { continue }
                line?.close()
                line = nil
            case .deliver(let notice): take(notice)
            }
        }
        setTimer()
    }

    private func send(_ bytes: [UInt8], _ number: Int) {
        guard line?.number == number else { return }
        if world.bug == .forgetsPending, !sent.insert(bytes).inserted { return }
        line?.send(.text, bytes)
    }

    private func setTimer() {
        guard let deadline = machine.nextDeadline else { return }
        if let timerAt, timerAt <= deadline { return }
        timerAt = deadline
        wait(for: deadline, life)
    }

    private func wait(for deadline: UInt64, _ life: Int) {
        world.agenda.at(max(deadline, asleepUntil)) { [self] in
            guard life == self.life, timerAt == deadline else { return }
            guard isAwake else { return wait(for: deadline, life) }
            timerAt = nil
            perform(machine.tick(at: now))
        }
    }

    // MARK: The line

    func opened(_ line: DeviceLine) {
        guard line === self.line else { return }
        perform(machine.opened(socket: line.number, at: now))
    }

    func received(text: [UInt8], on line: DeviceLine) {
        guard line === self.line else { return }
        if world.bug == .skipsEvents, case .event = try? ServerMessage(json: .init(text)),
            world.lots.percent(3)
        {
            return
        }
        perform(machine.received(text: text, socket: line.number, at: now))
    }

    func received(binary: [UInt8], on line: DeviceLine) {
        guard line === self.line else { return }
        perform(machine.received(binary: binary, socket: line.number, at: now))
    }

    func closed(_ line: DeviceLine, _ end: SocketEnd) {
        guard line === self.line else { return }
        self.line = nil
        world.journal.note(name, "line ends: \(end)")
        perform(machine.closed(socket: line.number, end, at: now))
    }

    /// The connection never came to be.
    func refused(_ number: Int, _ end: SocketEnd) { perform(machine.closed(socket: number, end, at: now)) }

    // MARK: What the class says

    private func take(_ notice: ClassroomNotice) {
        if case .joined(let hello) = notice {
            if classroom == nil { classroom = Classroom(hello) }
            publication?.goOn(inRun: hello.run)
            world.journal.note(
                name, "is in class as \(hello.seat), \(hello.resumed ? "resumed" : "with a snapshot")")
        }
        classroom?.apply(notice)
        switch notice {
        case .answer(let id, let answer): take(id, answer)
        case .audio(let audio): hear(audio)
        case .interrupted(let loss, let wait):
            publication?.lineLost()
            world.journal.note(name, "is interrupted: \(loss), tries in \(wait)")
        case .ended(let ending):
            world.journal.note(name, "is finished: \(ending)")
            world.finished(self, ending)
        case .joined, .snapshot, .event, .digest, .people, .position, .recorded, .probe, .unreadable: break
        }
    }

    private func take(_ id: CommandID, _ answer: CommandAnswer) {
        // Searches are not remembered: nothing depends on them.
        guard let asked = asked.removeValue(forKey: id), let seat = classroom?.seat else { return }
        world.journal.note(name, "is answered \(id): \(answer)")
        switch answer {
        case .accepted(let accepted):
            world.witness.acknowledged(id, asked.command, accepted, by: seat)
            if case .vote(let poll, _) = asked.command { classroom?.noteVote(in: poll) }
            if case .openTrack = asked.command, let track = accepted.track, let run = accepted.run {
                publication = Publication(track: track, run: run)
            }
        case .rejected: break
        case .unanswered:
            let mayBe = machine.isFinished || asked.at < world.answersDueFrom
            world.journal.require(mayBe, .answers, "\(name)'s \(id) \(asked.command) was never answered")
        }
    }

    private func hear(_ audio: AudioMessage) {
        guard !audio.packets.isEmpty else { return }
        let key = "\(audio.track)/\(audio.run)"
        if let last = heard[key] {
            world.journal.require(
                audio.sequence > last, .sound, "\(name) heard \(key) \(audio.sequence) after \(last)")
        }
        heard[key] = audio.sequence + UInt32(audio.packets.count) - 1
    }
}
