import Logging
import Recorder
import SessionModel
import WebSocketCore

/// Notes on disk every few seconds that the relay runs, and whether it could; its next start knows since when
/// it was away. Lives on the first loop.
final class Heartbeat {
    private let relay: Relay
    private unowned let core: LoopCore
    /// Nil while a file thread has it.
    private var mark: AliveMark?
    /// Wall time and monotonic time at the start: the mark follows the clock of the classes, which never
    /// jumps.
    private let startWall = Clock.wall()
    private let startMonotonic: UInt64

    init(relay: Relay, core: LoopCore) {
        self.relay = relay
        self.core = core
        startMonotonic = core.now
    }

    /// Begins a new file of marks; the loop does not wait for it.
    func start() {
        let relay = relay
        let loop = core.loop
        relay.files.submit {
            do throws(StorageFailure) {
                let mark = try AliveMark(in: relay.storage)
                loop.execute { core in core.attached(Heartbeat.self)?.begin(mark) }
            } catch {
                relay.logger.error("no mark of life", metadata: ["why": "\(error)"])
            }
        }
    }

    private func begin(_ mark: AliveMark) {
        self.mark = mark
        beat()
    }

    private func beat() {
        _ = core.schedule(afterMilliseconds: AliveMark.periodMilliseconds) { [weak self] in self?.beat() }
        guard let mark else { return }
        self.mark = nil
        let elapsed = Int64(clamping: core.now - startMonotonic)
        let wall = WallTime(milliseconds: startWall.milliseconds + elapsed)
        let relay = relay
        let loop = core.loop
        relay.files.submit {
            var noted = mark
            // A mark that is not written makes a report less exact, and nothing else.
            do throws(StorageFailure) {
                try noted.note(wall, in: relay.storage)
                relay.readiness.disk(isWritable: true)
            } catch {
                // On a full disk classes live on the reserve, and whoever teaches them must still come in.
                relay.readiness.disk(isWritable: error == .noSpace)
            }
            let after = noted
            loop.execute { core in core.attached(Heartbeat.self)?.mark = after }
        }
    }
}
