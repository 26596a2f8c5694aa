import SessionModel
import TestSupport
import Testing

@testable import Recorder

/// The mark by which the next start of the relay knows since when it was away.
@Suite struct AliveMarkTests {
    private func wall(_ milliseconds: Int64) -> WallTime { WallTime(milliseconds: milliseconds) }

    @Test func theLastMarkCounts() throws {
        let storage = VirtualStorage(seed: 1)
        #expect(AliveMark.read(in: storage) == nil)
        var mark = try AliveMark(in: storage)
        #expect(AliveMark.read(in: storage) == nil)
        try mark.note(wall(1_795_000_000_000), in: storage)
        try mark.note(wall(1_795_000_002_000), in: storage)
        #expect(AliveMark.read(in: storage) == wall(1_795_000_002_000))
    }

    @Test func aTornLineIsNoMark() throws {
        let storage = VirtualStorage(seed: 1)
        var mark = try AliveMark(in: storage)
        try mark.note(wall(1_795_000_000_000), in: storage)
        let file = try storage.open(AliveMark.path, .append)
        try storage.append(Array("17950000".utf8), to: file)
        #expect(AliveMark.read(in: storage) == wall(1_795_000_000_000))
    }

    @Test func whatIsNoTimeIsNoMark() throws {
        for text in ["", "\n", "soon\n", "17950", "99999999999999999999999999\n"] {
            let storage = VirtualStorage(seed: 1)
            let file = try storage.open(AliveMark.path, .create)
            try storage.append(Array(text.utf8), to: file)
            #expect(AliveMark.read(in: storage) == nil)
        }
    }

    @Test func theFileDoesNotGrowWithoutBound() throws {
        let storage = VirtualStorage(seed: 1)
        var mark = try AliveMark(in: storage)
        for beat in 0..<Int64(AliveMark.bytesMaximum / 10) {
            try mark.note(wall(1_795_000_000_000 + beat), in: storage)
            #expect(try storage.size(AliveMark.path) <= AliveMark.bytesMaximum)
        }
    }
}
