import Recorder
import WebSocketCore

// What the class costs in bytes sent: asked of the loops, and kept on disk.
extension HostedSession {
    /// A class that dies young has its figure soon.
    private static let firstSaveMilliseconds: UInt64 = 5_000
    /// A relay that is killed forgets less than a minute of counting; a disk is not asked for more than that.
    private static let savePeriodMilliseconds: UInt64 = 50_000

    /// Writes the count down from time to time while the class runs.
    func keepTraffic() { keepTraffic(after: Self.firstSaveMilliseconds) }

    private func keepTraffic(after milliseconds: UInt64) {
        _ = core.schedule(afterMilliseconds: milliseconds) { [weak self] in
            guard let self else { return }
            saveTraffic {}
            keepTraffic(after: Self.savePeriodMilliseconds)
        }
    }

    /// What was sent up to now; `completion` runs on this loop.
    func countTraffic(_ completion: @escaping (ClassTraffic) -> Void) {
        if traffic.ask(completion) { askForTraffic(from: 0) }
    }

    private func askForTraffic(from index: Int) {
        let relay = relay
        let id = id
        guard index < relay.loops.count else { return trafficCounted() }
        onLoop(index) { shard in
            let sent = shard.takeSentBytes(of: id)
            relay.onHome(id) { home in
                guard let hosted = home.sessions[id] else { return }
                hosted.traffic.add(sent)
                hosted.askForTraffic(from: index + 1)
            }
        }
    }

    private func trafficCounted() {
        let (waiters, goesOn) = traffic.answer()
        for waiter in waiters { waiter(traffic.total) }
        if goesOn { askForTraffic(from: 0) }
    }

    /// Counts and writes down; `completion` runs on this loop once it is on disk, or cannot be.
    func saveTraffic(then completion: @escaping () -> Void) {
        let relay = relay
        let id = id
        countTraffic { [self] sum in
            guard sum != traffic.saved else { return completion() }
            let saver = traffic.awaitSaving(completion)
            log.save(sum) { isDone in
                relay.onHome(id) { home in
                    home.sessions[id]?.traffic.written(sum, isDone: isDone, for: saver)?()
                }
            }
        }
    }
}
