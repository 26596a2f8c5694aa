import WebSocketCore

/// Counts the people of all classes again and again, and tells every class over how long they would spread if
/// the server died. Lives on the first loop.
final class Crowd {
    /// A class fills over minutes.
    static let periodMilliseconds: UInt64 = 2_000

    private let relay: Relay
    private unowned let core: LoopCore
    private var spread: Int?

    init(relay: Relay, core: LoopCore) {
        self.relay = relay
        self.core = core
    }

    /// Begins to count.
    func start() { count(0, from: 0) }

    /// One loop after the other says how many there are on it.
    private func count(_ people: Int, from index: Int) {
        guard index < relay.loops.count else { return counted(people) }
        let home = core.loop
        relay.loops[index].execute { core in
            let here = core.attached(Shard.self)?.sockets.count ?? 0
            home.execute { core in core.attached(Crowd.self)?.count(people + here, from: index + 1) }
        }
    }

    private func counted(_ people: Int) {
        _ = core.schedule(afterMilliseconds: Self.periodMilliseconds) { [weak self] in self?.start() }
        let spread = ComeBack.spreadToldBeforehand(people)
        guard spread != self.spread else { return }
        self.spread = spread
        for loop in relay.loops {
            loop.execute { core in core.attached(Shard.self)?.spread(spread) }
        }
    }
}
