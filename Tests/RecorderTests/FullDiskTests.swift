import SessionModel
import TestSupport
import Testing

@testable import Recorder

@Suite("A full disk")
struct FullDiskTests {
    private let paths = ClassPaths(Fixture.session)

    /// A class on a disk with a reserve that has room for `bytes` more.
    private func makeClass(free bytes: Int) throws -> (VirtualStorage, ClassFiles) {
        let storage = VirtualStorage()
        #expect(try ReserveFile.prepare(in: storage))
        var files = try ClassFolder.create(Fixture.header, in: storage)
        try files.commit(
            [ClassCommit(events: [Fixture.event(1, .scheduled(Fixture.plan))])], to: storage)
        storage.capacityBytes = storage.usedBytes + bytes
        return (storage, files)
    }

    @Test(arguments: [0, 1, 50, 333])
    func whatWasDecidedGoesInFromTheReserve(free: Int) throws {
        var (storage, files) = try makeClass(free: free)
        for number in 2...200 as ClosedRange<UInt64> {
            try files.commit([try Fixture.chat(number, "第\(number)句")], to: storage)
        }
        #expect(try storage.size(ReserveFile.path) < DiskLimits.reserveBytes)
        storage.crash()
        let recovered = try ClassFolder.open(Fixture.session, in: storage)
        #expect(recovered.events.count == 200)
        #expect(recovered.texts.count == 199)
        #expect(recovered.repair.isNothing)
    }

    @Test func withoutAReserveNothingOfItIsThere() throws {
        var (storage, files) = try makeClass(free: 10)
        try storage.remove(ReserveFile.path)
        storage.capacityBytes -= DiskLimits.reserveBytes
        #expect {
            try files.commit([try Fixture.chat(2, "没有地方")], to: storage)
        } throws: { failure in
            (failure as? CommitFailure)?.logFailure == .unavailable(.storage(.noSpace))
        }
        storage.capacityBytes += 1_000
        try files.commit([try Fixture.chat(2, "又有地方")], to: storage)
        #expect(try ClassFolder.open(Fixture.session, in: storage).events.count == 2)
    }

    @Test func aPollIsSealedFromTheReserve() throws {
        let poll = PollID(unchecked: "p1")
        var (storage, files) = try makeClass(free: 0)
        for (index, seat) in [Fixture.lin, Fixture.wang].enumerated() {
            try files.commit(
                [ClassCommit(ballots: [Ballot(poll: poll, seat: seat, option: index)])], to: storage)
        }
        try files.commit(
            [ClassCommit(events: [Fixture.event(2, .pollClosed(poll, count: 2, sums: nil))])], to: storage)
        #expect(files.boxes[poll]?.isSealed == true)
    }

    @Test func anotherProgramMayTakeWhatIsGiven() throws {
        let storage = Thief()
        #expect(try ReserveFile.prepare(in: storage))
        var files = try ClassFolder.create(Fixture.header, in: storage)
        storage.isStealing = true
        try files.commit(
            [ClassCommit(events: [Fixture.event(1, .scheduled(Fixture.plan))])], to: storage)
        #expect(storage.stolenCount == Thief.stolenCountMaximum)
        #expect(try ClassFolder.open(Fixture.session, in: storage).events.count == 1)
    }
}

/// A disk on which something else takes the first pieces that the reserve gives.
///
/// `@unchecked Sendable`: a test is one thread.
private final class Thief: Storage, @unchecked Sendable {
    static let stolenCountMaximum = 5
    private let disk = VirtualStorage()
    var isStealing = false { didSet { disk.capacityBytes = disk.usedBytes } }
    private(set) var stolenCount = 0

    func truncate(_ file: StorageFile, to bytes: Int) throws(StorageFailure) {
        let before = disk.usedBytes
        try disk.truncate(file, to: bytes)
        guard isStealing, stolenCount < Self.stolenCountMaximum, disk.usedBytes < before else { return }
        stolenCount += 1
        disk.capacityBytes = disk.usedBytes
    }

    func open(_ path: String, _ mode: StorageOpenMode) throws(StorageFailure) -> StorageFile {
        try disk.open(path, mode)
    }
    func append(_ bytes: [UInt8], to file: StorageFile) throws(StorageFailure) {
        try disk.append(bytes, to: file)
    }
    func overwrite(_ bytes: [UInt8], at offset: Int, in file: StorageFile) throws(StorageFailure) {
        try disk.overwrite(bytes, at: offset, in: file)
    }
    func sync(_ file: StorageFile) throws(StorageFailure) { try disk.sync(file) }
    func close(_ file: StorageFile) { disk.close(file) }
    func read(_ path: String, from offset: Int, count: Int) throws(StorageFailure) -> [UInt8] {
        try disk.read(path, from: offset, count: count)
    }
    func size(_ path: String) throws(StorageFailure) -> Int { try disk.size(path) }
    func rename(_ path: String, to newPath: String) throws(StorageFailure) {
        try disk.rename(path, to: newPath)
    }
    func remove(_ path: String) throws(StorageFailure) { try disk.remove(path) }
    func makeFolder(_ path: String) throws(StorageFailure) { try disk.makeFolder(path) }
    func syncFolder(_ path: String) throws(StorageFailure) { try disk.syncFolder(path) }
    func list(_ folder: String) throws(StorageFailure) -> [String] { try disk.list(folder) }
    func freeBytes() throws(StorageFailure) -> Int { try disk.freeBytes() }
}
