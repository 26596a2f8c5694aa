import LiveRelayClient
import LiveRelayWire
import SessionModel
import WebSocketCore

/// Everybody who listens. Lives on one loop.
final class ListenerCrowd {
    /// Who reads slowly reads for so long in each second.
    private static let slowTurnMilliseconds: UInt64 = 10
    private static let slowPeriodMilliseconds: UInt64 = 1_000
    /// So long after the last has come it is told that somebody is missing.
    private static let joinPatienceMilliseconds: UInt64 = 60_000
    /// So long after the last has asked nobody waits for an answer any more.
    private static let patienceMilliseconds: UInt64 = 30_000

    private unowned let core: LoopCore
    private let settings: LectureSettings
    private let tls: TLSContext?
    private let codes: [String]
    private let everybodyIsIn: () -> Void
    private let notEverybody: (String) -> Void
    private let tally = ListenerTally()
    /// Of those who do not read as they should.
    private let held = ListenerTally()
    private var listeners: [Listener] = []
    private var results: [WaveTally.Result] = []
    private var isOver = false

    /// `codes` let in where the server is a relay: one class after the other. One of the two is called.
    init(
        on core: LoopCore, _ settings: LectureSettings, tls: TLSContext?, codes: [String],
        everybodyIsIn: @escaping () -> Void, notEverybody: @escaping (String) -> Void
    ) {
        self.core = core
        self.settings = settings
        self.tls = tls
        self.codes = codes
        self.everybodyIsIn = everybodyIsIn
        self.notEverybody = notEverybody
    }

    /// One after the other comes in.
    func begin() {
        for index in 0..<settings.listeners {
            core.schedule(afterMilliseconds: UInt64(index * 1_000 / settings.joinsPerSecond)) { [weak self] in
                self?.enter(index)
            }
        }
        let last = UInt64(settings.listeners * 1_000 / settings.joinsPerSecond)
        core.schedule(afterMilliseconds: last + Self.joinPatienceMilliseconds) { [weak self] in
            guard let self, tally.joined + held.joined < settings.listeners else { return }
            notEverybody("\(tally.joined + held.joined) of \(settings.listeners) came in: \(tally.losses)")
        }
    }

    /// The lecture begins: from now on the last of the listeners read nothing, or slowly.
    func hold() {
        for listener in listeners.dropFirst(settings.ordinary).prefix(settings.stopped) { listener.hold() }
        let slow = listeners.dropFirst(settings.ordinary + settings.stopped).prefix(settings.slow)
        if !slow.isEmpty { readSlowly(Array(slow)) }
    }

    private func readSlowly(_ slow: [Listener]) {
        guard !isOver else { return }
        for listener in slow { listener.goOn() }
        core.schedule(afterMilliseconds: Self.slowTurnMilliseconds) {
            for listener in slow { listener.hold() }
        }
        core.schedule(afterMilliseconds: Self.slowPeriodMilliseconds) { [weak self] in
            self?.readSlowly(slow)
        }
    }

    /// What everybody has heard; nobody listens from now on.
    func conclude(sent: Int?) -> LectureResult {
        isOver = true
        let ordinary = listeners.prefix(settings.ordinary) + listeners.dropFirst(settings.listeners)
        let result = LectureResult(
            tally, held: held, heardUpTo: ordinary.map(\.heardUpTo), settings, sent: sent, waves: results)
        for listener in listeners { listener.stop() }
        return result
    }

    // MARK: Waves

    /// Many do the same; `isOver` is called when everybody was answered, or nobody waits any more.
    func carryOut(_ wave: Wave, poll: PollID?, isOver: @escaping () -> Void) {
        let waveTally = WaveTally(wave)
        tally.wave = waveTally
        for index in 0..<wave.count {
            core.schedule(afterMilliseconds: wave.offset(of: index)) { [weak self] in
                self?.act(index, wave, poll, waveTally, isOver)
            }
        }
        let end = UInt64(wave.withinSeconds) * 1_000 + Self.patienceMilliseconds
        core.schedule(afterMilliseconds: end) { [weak self] in self?.conclude(waveTally, isOver) }
    }

    private func act(
        _ index: Int, _ wave: Wave, _ poll: PollID?, _ waveTally: WaveTally, _ isOver: @escaping () -> Void
    ) {
        let asked = StampedPacket.now
        func answered() { if waveTally.isComplete { conclude(waveTally, isOver) } }
        let command: ClientCommand
        switch wave.kind {
        case .poll:
            guard let poll else { return waveTally.refused("noPoll") }
            command = .vote(poll, option: index % 2)
        case .chat: command = .postChat("第 \(index + 1) 条：听得很清楚，谢谢老师。")
        case .hands: command = .raiseHand
        case .join:
            return enter(listeners.count) {
                waveTally.accepted(since: asked)
                answered()
            }
        }
        let id = CommandID(unchecked: "w\(results.count)-\(index)")
        listeners[index].ask(command, id) { answer in
            switch answer {
            case .accepted: waveTally.accepted(since: asked)
            case .rejected(let code): waveTally.refused(code.rawValue)
            case .unanswered: waveTally.refused("retry")
            }
            answered()
        }
    }

    private func conclude(_ waveTally: WaveTally, _ isOver: () -> Void) {
        guard tally.wave === waveTally else { return }
        tally.wave = nil
        results.append(waveTally.result)
        isOver()
    }

    private func enter(_ index: Int, firstSound: (() -> Void)? = nil) {
        let request: JoinRequest? =
            codes.isEmpty
            ? nil
            : JoinRequest(
                credential: .code(
                    codes[index % codes.count], name: "学员\(index + 1)", number: "",
                    device: "lecture-test-device-\(index)"),
                panels: [])
        let mine = (settings.ordinary..<settings.listeners).contains(index) ? held : tally
        let made = try? Listener(join: request, tally: mine, firstSound: firstSound) { [weak self] in
            guard let self, firstSound == nil, tally.joined + held.joined == settings.listeners else {
                return
            }
            everybodyIsIn()
        }
        guard let listener = made else { return }
        listeners.append(listener)
        ClientConnector.connect(
            to: settings.server.host, port: settings.server.port, tls: tls, path: "/ws",
            subprotocols: ["liverelay.v1"], on: core, limits: .crowd, delegate: listener)
    }
}
