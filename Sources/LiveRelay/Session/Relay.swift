import Logging
import Recorder
import SessionModel
import WebSocketCore

/// What every loop of the server shares: its siblings, the disk, and who decides who may come in. Immutable;
/// a class, since every socket refers to it.
final class Relay: Sendable {
    /// The loops, by index.
    let loops: [EventLoop]
    /// The data folder.
    let storage: any Storage
    /// Threads for what blocks.
    let files: FilePool
    /// Who may come in.
    let authorizer: Authorizer
    /// Signs heads of logs when classes end.
    let signer: HeadSigner
    /// The index of classes.
    let catalogue: Catalogue
    /// Whether new people should come.
    let readiness: Readiness
    /// When an earlier run of the relay with this folder was last alive; nil where that is not known.
    let lastAlive: WallTime?
    /// What happened, for those who run the machine.
    let logger: Logger

    init(
        loops: [EventLoop], storage: any Storage, files: FilePool, authorizer: Authorizer, signer: HeadSigner,
        catalogue: Catalogue, readiness: Readiness, lastAlive: WallTime?, logger: Logger
    ) {
        self.loops = loops
        self.storage = storage
        self.files = files
        self.authorizer = authorizer
        self.signer = signer
        self.catalogue = catalogue
        self.readiness = readiness
        self.lastAlive = lastAlive
        self.logger = logger
    }

    /// The loop that decides for a class.
    func home(_ session: SessionID) -> EventLoop {
        loops[Int(UInt(bitPattern: session.hashValue) % UInt(loops.count))]
    }

    /// Calls on the loop that decides for a class.
    func onHome(_ session: SessionID, _ work: @escaping @Sendable (Shard) -> Void) {
        home(session).execute { core in
            guard let shard = core.attached(Shard.self) else { return }
            work(shard)
        }
    }

    /// Asks the loop that decides for a class, and waits for the answer; `otherwise` is the answer of a loop
    /// that was shut down meanwhile.
    func ask<Answer: Sendable>(
        _ session: SessionID, otherwise: Answer,
        _ question: @escaping @Sendable (Shard, @escaping @Sendable (Answer) -> Void) -> Void
    ) async -> Answer {
        await withCheckedContinuation { continuation in
            let reply = Reply(continuation, otherwise: otherwise)
            onHome(session) { shard in
                question(shard) { reply($0) }
            }
        }
    }

    /// Asks one loop, and waits for the answer; `otherwise` as above.
    func ask<Answer: Sendable>(
        _ loop: EventLoop, otherwise: Answer, _ question: @escaping @Sendable (Shard) -> Answer
    ) async -> Answer {
        await withCheckedContinuation { continuation in
            let reply = Reply(continuation, otherwise: otherwise)
            loop.execute { core in
                guard let shard = core.attached(Shard.self) else { return }
                reply(question(shard))
            }
        }
    }
}
