import Logging
import Recorder
import SessionModel
import WebSocketCore

extension Relay {
    /// Opens every class that has not ended, so that people who come back find it and its deadlines pass.
    func recoverClasses() async {
        let unfinished: [SessionID]
        do {
            unfinished = try await unfinishedClasses()
        } catch {
            logger.error("classes not listed", metadata: ["why": "\(error)"])
            return
        }
        for session in unfinished {
            let isOpen: Bool = await ask(session) { shard, answer in
                shard.open(session) { result in
                    switch result {
                    case .success, .failure(.ended): answer(true)
                    case .failure: answer(false)
                    }
                }
            }
            if !isOpen { logger.error("class not recovered", metadata: ["class": "\(session)"]) }
        }
    }

    /// Classes on disk of which the index does not say that they have ended; the disk is the truth.
    private func unfinishedClasses() async throws -> [SessionID] {
        let onDisk: Result<[SessionID], StorageFailure> = await withCheckedContinuation { continuation in
            files.submit {
                do throws(StorageFailure) {
                    continuation.resume(returning: .success(try ClassFolder.list(in: storage)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        let ended = try await catalogue.endedSessions()
        return try onDisk.get().filter { !ended.contains($0) }
    }

    /// Waits until every class has closed its sound and everything is durable, but not for ever.
    func closeClasses(withinMilliseconds limit: UInt64) async {
        // Not a task group: that would wait for a disk that never answers.
        let (firsts, first) = AsyncStream.makeStream(of: Void.self)
        let closing = Task {
            for loop in loops { await closeClasses(on: loop) }
            first.yield()
        }
        let waiting = Task {
            try await Task.sleep(for: .milliseconds(limit))
            first.yield()
        }
        for await _ in firsts { break }
        closing.cancel()
        waiting.cancel()
    }

    private func closeClasses(on loop: EventLoop) async {
        let sessions: [SessionID] = await withCheckedContinuation { continuation in
            loop.execute { core in
                continuation.resume(
                    returning: core.attached(Shard.self).map { Array($0.sessions.keys) } ?? [])
            }
        }
        for session in sessions {
            let _: Bool = await ask(session) { shard, answer in
                guard let hosted = shard.sessions[session] else { return answer(true) }
                hosted.stop { answer(true) }
            }
        }
    }
}
