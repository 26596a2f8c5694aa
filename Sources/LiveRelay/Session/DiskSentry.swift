import Logging
import Recorder
import WebSocketCore

/// Looks again and again how much room the disk has, and tells every class when that changes what may be
/// written. Lives on the first loop.
final class DiskSentry {
    /// One call of the system each time costs nothing. A disk that fills up in between is no harm either: the
    /// reserve gives way to what was decided, and sound says by itself that it found no room.
    static let periodMilliseconds: UInt64 = 250

    private let relay: Relay
    private unowned let core: LoopCore
    private var watch = DiskWatch()

    init(relay: Relay, core: LoopCore) {
        self.relay = relay
        self.core = core
    }

    /// Begins to watch; the reserve is laid by where there is room for it.
    func start() {
        prepareReserve()
        look()
    }

    private func look() {
        let relay = relay
        let loop = core.loop
        relay.files.submit {
            let free = try? relay.storage.freeBytes()
            loop.execute { core in core.attached(DiskSentry.self)?.saw(freeBytes: free) }
        }
    }

    private func saw(freeBytes: Int?) {
        _ = core.schedule(afterMilliseconds: Self.periodMilliseconds) { [weak self] in self?.look() }
        guard let freeBytes, let level = watch.observe(freeBytes: freeBytes) else { return }
        relay.logger.warning(
            "room on the disk", metadata: ["level": "\(level)", "freeBytes": "\(freeBytes)"])
        if level < .textsStop { prepareReserve() }
        for loop in relay.loops {
            loop.execute { core in core.attached(Shard.self)?.disk(level) }
        }
    }

    private func prepareReserve() {
        let relay = relay
        relay.files.submit {
            do throws(StorageFailure) {
                _ = try ReserveFile.prepare(in: relay.storage)
            } catch {
                relay.logger.error("no reserve", metadata: ["why": "\(error)"])
            }
        }
    }
}
