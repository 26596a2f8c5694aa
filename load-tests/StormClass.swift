import LiveRelayClient
import LiveRelayWire
import SessionModel
import WebSocketCore

/// Many participants who come all at once, lose the line all at once and come back. Lives on one loop.
final class StormClass {
    /// Nobody waits longer for the others.
    private static let patienceMilliseconds: UInt64 = 60_000

    private struct Seat {
        let client: ClassroomClient
        /// When the present try began, or will; nil while the line is good.
        var tryAt: UInt64?
        var isGone = false
    }

    private unowned let core: LoopCore
    private let settings: StormSettings
    private let tls: TLSContext?
    private let say: (any Encodable) -> Void
    private var seats: [Seat] = []
    private var tally: StormTally?
    private var leftCount = 0

    init(
        on core: LoopCore, _ settings: StormSettings, tls: TLSContext?, say: @escaping (any Encodable) -> Void
    ) {
        self.core = core
        self.settings = settings
        self.tls = tls
        self.say = say
    }

    /// Everybody comes, one after the other.
    func begin() {
        count("joined", within: UInt64(settings.seats / settings.joinsPerSecond) * 1_000)
        for index in 0..<settings.seats {
            let credential = JoinCredential.code(
                settings.code, name: "学员\(index + 1)", number: "", device: "storm-test-device-\(index)")
            let client = ClassroomClient(
                on: core, server: settings.server, tls: tls, credential: credential, seed: UInt64(index) + 1,
                limits: .crowd
            ) { [weak self] _, notice in self?.hears(index, notice) }
            seats.append(Seat(client: client))
            core.schedule(afterMilliseconds: UInt64(index * 1_000 / settings.joinsPerSecond)) { [weak self] in
                self?.start(index)
            }
        }
    }

    /// From now on the next loss of the line counts.
    func storm() { count("back", within: 0) }

    /// Everybody goes.
    func finish() { for seat in seats { seat.client.stop() } }

    private func count(_ name: String, within milliseconds: UInt64) {
        tally = StormTally(name, seats: settings.seats)
        core.schedule(afterMilliseconds: milliseconds + Self.patienceMilliseconds) { [weak self] in
            guard let self, let tally, tally.name == name else { return }
            conclude(tally)
        }
    }

    private func start(_ index: Int) {
        tally?.began(at: core.now)
        seats[index].tryAt = core.now
        seats[index].client.start()
    }

    private func hears(_ index: Int, _ notice: ClassroomNotice) {
        switch notice {
        case .joined: joined(index)
        case .interrupted(let loss, let next):
            if seats[index].tryAt == nil { tally?.began(at: core.now) } else { tally?.failed(loss) }
            seats[index].tryAt = core.now + next
        case .ended(let ending): if !seats[index].isGone { say(["event": "ended", "why": "\(ending)"]) }
        case .snapshot, .event, .digest, .answer, .people, .position, .recorded, .audio, .probe, .unreadable:
            break
        }
    }

    private func joined(_ index: Int) {
        guard let began = seats[index].tryAt else { return }
        seats[index].tryAt = nil
        tally?.joined(
            at: core.now, after: core.now - min(core.now, began),
            greetedAfter: seats[index].client.greetingMilliseconds ?? 0)
        if settings.staySeconds > 0 {
            core.schedule(afterMilliseconds: UInt64(settings.staySeconds) * 1_000) { [weak self] in
                self?.leave(index)
            }
        }
        if let tally, tally.isComplete { conclude(tally) }
    }

    private func leave(_ index: Int) {
        seats[index].isGone = true
        seats[index].client.leave()
        leftCount += 1
        if leftCount == settings.seats { say(["event": "left"]) }
    }

    private func conclude(_ tally: StormTally) {
        say(tally.result)
        self.tally = nil
    }
}
