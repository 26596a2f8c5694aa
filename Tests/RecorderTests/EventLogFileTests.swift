import SessionModel
import TestSupport
import Testing

@testable import Recorder

/// A loop and a file thread that run when the test says so.
///
/// `@unchecked Sendable`: a test is one thread; nothing else uses it.
private final class Steps: @unchecked Sendable {
    var loop: [@Sendable () -> Void] = []
    var files: [@Sendable () -> Void] = []
    var told: [String] = []

    func runFiles() { while !files.isEmpty { files.removeFirst()() } }
    func runLoop() { while !loop.isEmpty { loop.removeFirst()() } }
    func runAll() {
        while !files.isEmpty || !loop.isEmpty {
            runFiles()
            runLoop()
        }
    }
}

@Suite("The log in files")
struct EventLogFileTests {
    private let steps = Steps()
    private let storage = VirtualStorage()

    private func makeLog() throws -> EventLogFile {
        let files = try ClassFolder.create(Fixture.header, in: storage)
        let steps = steps
        return EventLogFile(
            Fixture.session, files: files, storage: storage, runOnFileThread: { steps.files.append($0) },
            schedule: { steps.loop.append($0) })
    }

    private func append(_ commit: ClassCommit, to log: EventLogFile, _ name: String) {
        let steps = steps
        log.append(commit, after: log.headPosition) { result in
            switch result {
            case .success(let position): steps.told.append("\(name) at \(position.n)")
            case .failure(.conflict): steps.told.append("\(name) conflict")
            case .failure(.unknownOutcome): steps.told.append("\(name) unknown")
            case .failure(.unavailable): steps.told.append("\(name) unavailable")
            }
        }
    }

    private func hand(_ n: UInt64) -> ClassCommit {
        ClassCommit(events: [Fixture.event(n, .handRaised(Fixture.lin))])
    }

    @Test func syncsOnceForAllThatGathered() throws {
        let log = try makeLog()
        for n in 1...5 as ClosedRange<UInt64> { append(hand(n), to: log, "lin \(n)") }
        #expect(log.headPosition.n == 5 && log.durablePosition.n == 0)
        let before = storage.counts[.sync, default: 0]
        steps.runFiles()
        #expect(steps.told == [], "nothing is told from a file thread")
        steps.runAll()
        #expect(steps.told == ["lin 1 at 1", "lin 2 at 2", "lin 3 at 3", "lin 4 at 4", "lin 5 at 5"])
        #expect(storage.counts[.sync, default: 0] - before == 2)
    }

    @Test func writesDownWhatWasSentOnceNothingIsInFlight() throws {
        let log = try makeLog()
        let traffic = ClassTraffic(sound: 5, other: 6)
        append(hand(1), to: log, "lin")
        log.save(traffic) { [steps] in steps.told.append($0 ? "saved" : "not saved") }
        steps.runAll()
        #expect(steps.told == ["lin at 1", "saved"])
        #expect(ClassTraffic.read(Fixture.session, in: storage) == traffic)
        log.close()
        log.save(ClassTraffic()) { [steps] in steps.told.append($0 ? "saved" : "not saved") }
        steps.runAll()
        #expect(steps.told.last == "not saved", "and whoever waits is told where it cannot be")
    }

    @Test func refusesABatchThatDoesNotFollow() throws {
        let log = try makeLog()
        append(hand(2), to: log, "gap")
        log.append(hand(1), after: LogPosition(epoch: "another", n: 0)) { [steps] in
            steps.told.append($0 == .failure(.conflict) ? "epoch conflict" : "taken")
        }
        append(hand(1), to: log, "lin")
        steps.runAll()
        #expect(steps.told == ["gap conflict", "epoch conflict", "lin at 1"])
    }

    @Test func aFailedSyncIsReadBackAndGoesOn() throws {
        let log = try makeLog()
        append(hand(1), to: log, "lin 1")
        steps.runAll()
        storage.failuresByKind[.sync] = .io(errno: 5)
        append(hand(2), to: log, "lin 2")
        append(hand(3), to: log, "lin 3")
        steps.runAll()
        append(hand(2), to: log, "lin again")
        steps.runAll()
        #expect(steps.told == ["lin 1 at 1", "lin 2 unknown", "lin 3 conflict", "lin again unavailable"])
        storage.failuresByKind = [:]
        log.readBack { [steps] result in
            steps.told.append("read back \((try? result.get().events.count) ?? -1)")
        }
        steps.runAll()
        // The line was in the file, though its sync had failed; written again, it is durable.
        #expect(steps.told.last == "read back 1")
        append(hand(3), to: log, "lin 3")
        steps.runAll()
        #expect(steps.told.last == "lin 3 at 3")
        storage.crash()
        #expect(try ClassFolder.open(Fixture.session, in: storage).events.map(\.n) == [1, 2, 3])
    }

    @Test func followersGetEveryDurableEventOnceAndInOrder() throws {
        let log = try makeLog()
        append(hand(1), to: log, "lin")
        steps.runAll()
        append(hand(2), to: log, "lin")
        let numbers: @Sendable (Result<[RecordedEvent], EventLogFailure>) -> String = { result in
            "\((try? result.get().map(\.n)) ?? [])"
        }
        log.follow(after: LogPosition(epoch: "e1", n: 0)) { [steps] in
            steps.told.append("from 0: " + numbers($0))
        }
        let second = log.follow(after: LogPosition(epoch: "e1", n: 1)) { [steps] in
            steps.told.append("from 1: " + numbers($0))
        }
        append(hand(3), to: log, "lin")
        steps.runAll()
        log.unfollow(second)
        append(hand(4), to: log, "lin")
        steps.runAll()
        let told = steps.told.filter { $0.hasPrefix("from") }.joined(separator: " ")
        let all = told.split(whereSeparator: { !$0.isNumber && $0 != ":" })
        #expect(all.contains("4"))
        #expect(told.components(of: "from 0: ") == [1, 2, 3, 4])
        #expect(told.components(of: "from 1: ") == [2, 3])
        log.read(after: LogPosition(epoch: "e1", n: 2)) { [steps] in steps.told.append(numbers($0)) }
        steps.runAll()
        #expect(steps.told.last == "[3, 4]")
    }

    @Test func closesItsFiles() throws {
        let log = try makeLog()
        append(hand(1), to: log, "lin")
        append(hand(2), to: log, "lin")
        log.close()
        append(hand(3), to: log, "late")
        steps.runAll()
        #expect(steps.told == ["late unavailable", "lin at 1", "lin at 2"])
        #expect(storage.openFilesCount == 0)
        append(hand(3), to: log, "late")
        steps.runAll()
        #expect(steps.told.last == "late unavailable")
    }

    /// Eight classes on real files and real threads.
    @Test func worksOnRealThreads() async throws {
        let folder = TemporaryFolder()
        let storage = FileStorage(root: folder.path)
        let pool = FilePool(threads: 3)
        let loop = FilePool(threads: 1)
        for index in 0..<8 {
            let session = SessionID(unchecked: "class\(index)")
            let header = LogHeader(session: session, epoch: "e", createdAt: WallTime(milliseconds: 0))
            let files = try ClassFolder.create(header, in: storage)
            let last: LogPosition = await withCheckedContinuation { done in
                loop.submit {
                    let log = EventLogFile(
                        session, files: files, storage: storage, runOnFileThread: { pool.submit($0) },
                        schedule: { loop.submit($0) })
                    for n in 1...50 as ClosedRange<UInt64> {
                        let commit = ClassCommit(events: [Fixture.event(n, .handRaised(Fixture.lin))])
                        log.append(commit, after: log.headPosition) { result in
                            if case .success(let position) = result, n == 50 {
                                done.resume(returning: position)
                            }
                        }
                    }
                }
            }
            #expect(last.n == 50)
            #expect(try ClassFolder.open(session, in: storage).events.count == 50)
        }
    }
}

extension String {
    /// The numbers in all lists that follow a label, in order.
    fileprivate func components(of label: String) -> [Int] {
        var numbers: [Int] = []
        var rest = self[...]
        while let found = rest.firstRange(of: label) {
            rest = rest[found.upperBound...]
            let list = rest.prefix { $0 != "]" }
            numbers += list.split { !$0.isNumber }.compactMap { Int($0) }
        }
        return numbers
    }
}
