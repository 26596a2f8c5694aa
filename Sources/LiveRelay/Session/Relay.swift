import Logging
import Recorder
import SessionModel
import WebSocketCore

/// What every loop of the server shares: its siblings, the disk, and who decides who may come in.
struct Relay: Sendable {
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
    /// What happened, for those who run the machine.
    let logger: Logger

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

    /// Asks the loop that decides for a class, and waits for the answer.
    func ask<Answer: Sendable>(
        _ session: SessionID,
        _ question: @escaping @Sendable (Shard, @escaping @Sendable (Answer) -> Void) -> Void
    ) async -> Answer {
        await withCheckedContinuation { continuation in
            onHome(session) { shard in
                question(shard) { continuation.resume(returning: $0) }
            }
        }
    }
}
