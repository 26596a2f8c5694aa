import TestSupport
import Testing

@testable import Recorder

@Suite("The room on the disk")
struct DiskWatchTests {
    private let mebibyte = 1_024 * 1_024

    @Test func soundStopsFirstThenTextsThenTheReserveGivesWay() {
        var watch = DiskWatch()
        #expect(watch.observe(freeBytes: 1_000 * mebibyte) == nil)
        #expect(watch.observe(freeBytes: 256 * mebibyte) == nil)
        #expect(watch.observe(freeBytes: 255 * mebibyte) == .recordingStops)
        #expect(watch.observe(freeBytes: 63 * mebibyte) == .textsStop)
        #expect(watch.observe(freeBytes: 7 * mebibyte) == .reserveInUse)
        #expect(watch.observe(freeBytes: 0) == nil)
    }

    @Test func doesNotFlap() {
        var watch = DiskWatch()
        #expect(watch.observe(freeBytes: 100 * mebibyte) == .recordingStops)
        #expect(watch.observe(freeBytes: 260 * mebibyte) == nil)
        #expect(watch.observe(freeBytes: 319 * mebibyte) == nil)
        #expect(watch.observe(freeBytes: 321 * mebibyte) == .plenty)
        #expect(watch.observe(freeBytes: 5 * mebibyte) == .reserveInUse)
        #expect(watch.observe(freeBytes: 9 * mebibyte) == nil)
        #expect(watch.observe(freeBytes: 21 * mebibyte) == .textsStop)
    }

    @Test func theReserveIsThereWhenItIsNeeded() throws {
        let storage = VirtualStorage()
        storage.capacityBytes = 90 * mebibyte
        #expect(try ReserveFile.prepare(in: storage))
        #expect(try storage.freeBytes() == 74 * mebibyte)
        #expect(try ReserveFile.prepare(in: storage))
        #expect(ReserveFile.givePiece(of: 1, in: storage))
        #expect(try storage.freeBytes() == 74 * mebibyte + DiskLimits.reservePieceBytes)
        #expect(ReserveFile.givePiece(of: 15 * mebibyte, in: storage))
        #expect(ReserveFile.givePiece(of: 15 * mebibyte, in: storage))
        #expect(!ReserveFile.givePiece(of: 1, in: storage), "nothing is left")
        #expect(try storage.freeBytes() == 90 * mebibyte)
        storage.capacityBytes = 70 * mebibyte
        #expect(try !ReserveFile.prepare(in: storage))
        let folder = TemporaryFolder()
        #expect(try FileStorage(root: folder.path).freeBytes() > 0)
    }
}
