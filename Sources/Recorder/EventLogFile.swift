public import SessionModel

/// The log of one class in local files, with group commit.
///
/// `@unchecked Sendable`: every method is called on the one loop that `schedule` runs blocks on, and blocks
/// of this type come back to it only through `schedule`; what runs elsewhere works on values that were handed
/// over.
public final class EventLogFile: EventLog, @unchecked Sendable {
    /// Completes with what became of a commit.
    public typealias Completion = @Sendable (Result<LogPosition, EventLogFailure>) -> Void
    /// Takes events, or learns why none come any more.
    public typealias Receiver = @Sendable (Result<[RecordedEvent], EventLogFailure>) -> Void

    /// The class.
    public let session: SessionID
    /// What the log ends with once everything handed over is durable.
    public private(set) var headPosition: LogPosition
    /// What the log ends with on the disk.
    public private(set) var durablePosition: LogPosition

    private struct Pending {
        let position: LogPosition
        let completion: Completion
    }

    /// What the files are needed for beside writes.
    private struct Errand {
        /// Says whether it was done.
        let work: @Sendable (inout ClassFiles, any Storage) -> Bool
        let completion: @Sendable (Bool) -> Void
    }

    private struct Follower {
        let id: Int
        var lastNumber: UInt64
        /// What became durable while the past is still being read; nil once it was.
        var gathered: [RecordedEvent]?
        let receive: Receiver
    }

    private var group = GroupCommit<ClassCommit>()
    /// Nil while a file thread has it, and after `close`.
    private var files: ClassFiles?
    private var isClosing = false
    private var pending: [Int: Pending] = [:]
    private var nextTicket = 0
    private var followers: [Follower] = []
    private var errands: [Errand] = []
    private let storage: any Storage
    private let runOnFileThread: Scheduler
    private let schedule: Scheduler
    private let paths: ClassPaths

    /// The log of a class that was created or opened. `runOnFileThread` runs blocking work
    /// (`FilePool.submit`); `schedule` runs blocks on the caller's loop.
    public init(
        _ session: SessionID, files: ClassFiles, storage: any Storage, runOnFileThread: @escaping Scheduler,
        schedule: @escaping Scheduler
    ) {
        self.session = session
        self.files = files
        self.storage = storage
        self.runOnFileThread = runOnFileThread
        self.schedule = schedule
        paths = ClassPaths(session)
        headPosition = files.position
        durablePosition = files.position
    }

    /// Makes a batch durable after everything handed over before it.
    public func append(_ commit: ClassCommit, after position: LogPosition, completion: @escaping Completion) {
        guard !isClosing else {
            schedule { completion(.failure(.unavailable(.closed))) }
            return
        }
        guard position == headPosition, Self.isNumbered(commit.events, after: position.n) else {
            schedule { completion(.failure(.conflict)) }
            return
        }
        let last = commit.events.last?.n ?? position.n
        headPosition = LogPosition(epoch: position.epoch, n: last)
        let ticket = nextTicket
        nextTicket += 1
        pending[ticket] = Pending(position: headPosition, completion: completion)
        perform(group.append(commit, ticket: ticket))
    }

    /// Reads what is durable after a place.
    public func read(after position: LogPosition, completion: @escaping Receiver) {
        readLog { [self] result in
            completion(result.map { events in durable(events, after: position.n) })
        }
    }

    /// Hands over what is durable after a place, and then every batch as soon as it is durable.
    @discardableResult
    public func follow(after position: LogPosition, receive: @escaping Receiver) -> Int {
        let id = nextTicket
        nextTicket += 1
        followers.append(Follower(id: id, lastNumber: position.n, gathered: [], receive: receive))
        readLog { [self] result in catchUp(id, result) }
        return id
    }

    /// Ends what `follow` began.
    public func unfollow(_ follower: Int) {
        followers.removeAll { $0.id == follower }
    }

    /// After `unknownOutcome`: reads the class back, with the events that came after what was known to be
    /// durable, and takes commits again. Whoever calls it builds the state anew from what comes back.
    public func readBack(completion: @escaping @Sendable (Result<RecoveredClass, ClassFolderFailure>) -> Void)
    {
        guard group.isIdle else {
            schedule { completion(.failure(.storage(.io(errno: StorageErrno.inputOutput)))) }
            return
        }
        let old = files
        let known = durablePosition.n
        files = nil
        runOnFileThread { [self] in
            old?.close(storage)
            let result: Result<RecoveredClass, ClassFolderFailure>
            do throws(ClassFolderFailure) {
                result = .success(try ClassFolder.open(session, in: storage, eventsAfter: known))
            } catch {
                result = .failure(error)
            }
            schedule { [self] in
                if case .success(let recovered) = result {
                    files = recovered.files
                    headPosition = recovered.files.position
                    durablePosition = recovered.files.position
                    group.readBack()
                    tellFollowers(recovered.events)
                    closeWhenIdle()
                }
                completion(result)
            }
        }
    }

    /// Takes a snapshot once nothing is in flight, for the next time the class is opened; `completion` is
    /// called when it is on disk, or cannot be.
    public func saveSnapshot(completion: @escaping @Sendable () -> Void) {
        whenIdle(then: { _ in completion() }) { files, storage in
            files.saveSnapshot(to: storage)
            return true
        }
    }

    /// Writes down what was sent, once nothing is in flight; `completion` hears whether it is on disk.
    public func save(_ traffic: ClassTraffic, completion: @escaping @Sendable (Bool) -> Void) {
        let path = paths.traffic
        whenIdle(then: completion) { _, storage in
            // The last room on a disk belongs to what people do.
            guard let free = try? storage.freeBytes(), free >= DiskLimits.textsStopBelowBytes else {
                return false
            }
            return (try? storage.replace(path, with: traffic.fileBytes())) != nil
        }
    }

    /// Signs what is durable now, unless that was done less than a day ago.
    public func signDaily(by signer: HeadSigner, at wall: WallTime) {
        whenIdle(then: { _ in }) { [session] files, storage in
            // Tried again at the next call; what is signed is what the log says, now as then.
            try? signer.signDaily(session, epoch: files.position.epoch, files.place, in: storage, at: wall)
            return true
        }
    }

    /// Does something with the files that is no write of the log, once nothing is in flight.
    private func whenIdle(
        then completion: @escaping @Sendable (Bool) -> Void,
        _ work: @escaping @Sendable (inout ClassFiles, any Storage) -> Bool
    ) {
        errands.append(Errand(work: work, completion: completion))
        runErrands()
    }

    private func runErrands() {
        guard !errands.isEmpty, group.isIdle else { return }
        let errands = errands
        self.errands = []
        guard group.hold(), let files else {
            for errand in errands { schedule { errand.completion(false) } }
            return
        }
        self.files = nil
        runOnFileThread { [self] in
            var files = files
            let results = errands.map { $0.work(&files, storage) }
            let after = files
            schedule { [self] in
                finish([], after, nil)
                for (errand, isDone) in zip(errands, results) { errand.completion(isDone) }
            }
        }
    }

    /// Takes nothing more; what is in flight or waits still completes, then the files are closed.
    public func close() {
        isClosing = true
        closeWhenIdle()
    }

    private func closeWhenIdle() {
        guard isClosing, group.isIdle else { return }
        group.close()
        guard let files else { return }
        self.files = nil
        runOnFileThread { [storage] in
            var files = files
            files.saveSnapshot(to: storage)
            files.close(storage)
        }
    }

    private func perform(_ effects: [GroupCommit<ClassCommit>.Effect]) {
        for effect in effects {
            switch effect {
            case .write(let commits): write(commits)
            case .acknowledge(let tickets):
                for ticket in tickets {
                    guard let entry = pending.removeValue(forKey: ticket) else { continue }
                    entry.completion(.success(entry.position))
                }
            case .refuse(let tickets, let failure):
                headPosition = durablePosition
                for ticket in tickets {
                    guard let entry = pending.removeValue(forKey: ticket) else { continue }
                    schedule { entry.completion(.failure(failure)) }
                }
            }
        }
    }

    private func write(_ commits: [ClassCommit]) {
        // Only one write is under way, and a poisoned or closed log starts none: the files are here.
        guard let files else { preconditionFailure("two writers of one log") }
        self.files = nil
        runOnFileThread { [self] in
            var files = files
            if files.isSnapshotDue { files.saveSnapshot(to: storage) }
            let failure: CommitFailure?
            do throws(CommitFailure) {
                try files.commit(commits, to: storage)
                failure = nil
            } catch {
                failure = error
            }
            let after = files
            schedule { [self] in finish(commits, after, failure) }
        }
    }

    private func finish(_ commits: [ClassCommit], _ after: ClassFiles, _ failure: CommitFailure?) {
        files = after
        if let failure {
            perform(group.failed(failure.logFailure))
            runErrands()
            closeWhenIdle()
            return
        }
        durablePosition = after.position
        let effects = group.completed()
        // The next write starts before anybody is told, so that the disk does not wait for the loop.
        perform(effects.filter { if case .write = $0 { true } else { false } })
        tellFollowers(commits.flatMap(\.events))
        perform(effects.filter { if case .write = $0 { false } else { true } })
        runErrands()
        closeWhenIdle()
    }

    private func readLog(then deliver: @escaping @Sendable (Result<[RecordedEvent], EventLogFailure>) -> Void)
    {
        runOnFileThread { [storage, schedule, paths] in
            let result: Result<[RecordedEvent], EventLogFailure>
            do throws(ClassFolderFailure) {
                result = .success(try ClassFolder.readLog(paths.events, in: storage).events)
            } catch {
                switch error {
                case .storage(let failure): result = .failure(.unavailable(.storage(failure)))
                case .corrupt(let corruption): result = .failure(.unavailable(.corrupt(corruption)))
                }
            }
            schedule { deliver(result) }
        }
    }

    private func durable(_ events: [RecordedEvent], after number: UInt64) -> [RecordedEvent] {
        events.filter { $0.n > number && $0.n <= durablePosition.n }
    }

    private func catchUp(_ id: Int, _ result: Result<[RecordedEvent], EventLogFailure>) {
        guard let index = followers.firstIndex(where: { $0.id == id }) else { return }
        switch result {
        case .failure:
            let follower = followers.remove(at: index)
            follower.receive(result)
        case .success(let events):
            let past = durable(events, after: followers[index].lastNumber)
            let last = past.last?.n ?? followers[index].lastNumber
            let news = (followers[index].gathered ?? []).filter { $0.n > last }
            followers[index].gathered = nil
            followers[index].lastNumber = news.last?.n ?? last
            let all = past + news
            if !all.isEmpty { followers[index].receive(.success(all)) }
        }
    }

    private func tellFollowers(_ events: [RecordedEvent]) {
        var deliveries: [(receive: Receiver, news: [RecordedEvent])] = []
        for index in followers.indices {
            guard followers[index].gathered == nil else {
                followers[index].gathered?.append(contentsOf: events)
                continue
            }
            let lastNumber = followers[index].lastNumber
            let news = events.filter { $0.n > lastNumber }
            guard let last = news.last else { continue }
            followers[index].lastNumber = last.n
            deliveries.append((followers[index].receive, news))
        }
        // Told last: a receiver may follow or unfollow.
        for delivery in deliveries { delivery.receive(.success(delivery.news)) }
    }

    private static func isNumbered(_ events: [RecordedEvent], after number: UInt64) -> Bool {
        var last = number
        for recorded in events {
            guard recorded.n > last, recorded.n - last == 1 else { return false }
            last = recorded.n
        }
        return true
    }
}
