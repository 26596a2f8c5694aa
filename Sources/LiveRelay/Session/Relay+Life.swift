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
            let isOpen: Bool = await ask(session, otherwise: true) { shard, answer in
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
                    continuation.resume(returning: .success(try ClassFolder.list(in: self.storage)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        let ended = try await catalogue.endedSessions()
        return try onDisk.get().filter { !ended.contains($0) }
    }

    /// Tells everybody in class that the server goes, and when to come back.
    func sayComeBack(isPortKept: Bool) async {
        var people = 0
        for loop in loops { people += await ask(loop, otherwise: 0) { $0.sockets.count } }
        let comeBack = ComeBack(people: people, isPortKept: isPortKept)
        for loop in loops {
            loop.execute { core in core.attached(Shard.self)?.sayComeBack(comeBack) }
        }
    }

    /// Waits until every class has closed its sound and everything is durable, but not for ever; whether it
    /// came to that.
    func closeClasses(withinMilliseconds limit: UInt64) async -> Bool {
        // Not a task group: that would wait for a disk that never answers.
        let (firsts, first) = AsyncStream.makeStream(of: Bool.self)
        let closing = Task {
            for loop in loops { await closeClasses(on: loop) }
            first.yield(true)
        }
        let waiting = Task {
            try await Task.sleep(for: .milliseconds(limit))
            first.yield(false)
        }
        var isClosed = false
        for await isInTime in firsts {
            isClosed = isInTime
            break
        }
        closing.cancel()
        waiting.cancel()
        return isClosed
    }

    /// All classes of a loop close at the same time: the disk takes their syncs together.
    private func closeClasses(on loop: EventLoop) async {
        let sessions = await ask(loop, otherwise: []) { Array($0.sessions.keys) }
        await withTaskGroup(of: Void.self) { group in
            for session in sessions {
                group.addTask {
                    let _: Bool = await self.ask(session, otherwise: true) { shard, answer in
                        guard let hosted = shard.sessions[session] else { return answer(true) }
                        hosted.stop { answer(true) }
                    }
                }
            }
        }
    }

    /// Waits until no file thread has anything to do any more; whether it came to that in time. Loops that
    /// were shut down ask for nothing new.
    func restFiles(withinMilliseconds limit: UInt64) async -> Bool {
        let (firsts, first) = AsyncStream.makeStream(of: Bool.self)
        files.whenIdle { first.yield(true) }
        let waiting = Task {
            try await Task.sleep(for: .milliseconds(limit))
            first.yield(false)
        }
        defer { waiting.cancel() }
        for await isInTime in firsts { return isInTime }
        return false
    }
}
