import SessionModel
import TestSupport
import Testing

@testable import Recorder

@Suite("The reader of logs")
struct EventLogReaderTests {
    /// Eight events in batches of 1, 3, 2, 1 and 1; with the place where each batch ends in the file.
    private static func log() throws -> (bytes: [UInt8], batchEnds: [Int], events: [RecordedEvent]) {
        let storage = VirtualStorage()
        var files = try ClassFolder.create(Fixture.header, in: storage)
        let path = ClassPaths(Fixture.session).events
        var ends = [try storage.size(path)]
        var events: [RecordedEvent] = []
        for count in [1, 3, 2, 1, 1] {
            let batch = (0..<count).map { index in
                Fixture.event(
                    UInt64(events.count + index + 1), .handRaised(Fixture.lin), by: .seat(Fixture.lin))
            }
            events += batch
            try files.commit([ClassCommit(events: batch)], to: storage)
            ends.append(try storage.size(path))
        }
        return (try #require(storage.contents(path)), ends, events)
    }

    @Test func givesTheSameEventsHoweverTheBytesAreCut() throws {
        let (bytes, _, events) = try Self.log()
        try everySplit(bytes) { pieces, name in
            var reader = EventLogReader()
            let read = try pieces.flatMap { try reader.feed($0) }
            #expect(read == events, "\(name)")
            #expect(try reader.finish().tornBytes == 0, "\(name)")
            #expect(reader.header == Fixture.header)
        }
    }

    @Test func cutsATornEndBackToTheBatchAtEveryByte() throws {
        let (bytes, batchEnds, events) = try Self.log()
        for length in batchEnds[0]...bytes.count {
            var reader = EventLogReader()
            let read = try reader.feed(bytes.prefix(length))
            let end = try reader.finish()
            let whole = batchEnds.last { $0 <= length }
            #expect(end.validBytes == whole, "cut at \(length)")
            #expect(end.tornBytes == length - (whole ?? 0))
            #expect(read == Array(events.prefix(read.count)))
            #expect(end.position.n == UInt64(read.count))
        }
        for length in 0..<batchEnds[0] {
            var reader = EventLogReader()
            _ = try reader.feed(bytes.prefix(length))
            #expect(throws: LogCorruption.self, "a header is never torn") { try reader.finish() }
        }
    }

    @Test func refusesEveryChangedByteBeforeTheLastLine() throws {
        let (bytes, _, _) = try Self.log()
        let lastLine = try #require(bytes.dropLast().lastIndex(of: LineFeed.byte)) + 1
        // But for the LF before the last line: without it the last two lines look like one torn one.
        for index in 0..<lastLine - 1 {
            var changed = bytes
            changed[index] ^= 1
            #expect(throws: LogCorruption.self, "byte \(index)") {
                var reader = EventLogReader()
                _ = try reader.feed(changed)
                _ = try reader.finish()
            }
        }
    }

    @Test func namesTheLineThatIsBroken() throws {
        let (bytes, _, _) = try Self.log()
        var lines = bytes.split(separator: LineFeed.byte).map(Array.init)
        lines[4] = Array("not JSON".utf8)
        #expect(
            throws: LogCorruption(
                line: 5, byteOffset: lines[0..<4].reduce(4) { $0 + $1.count }, reason: .notJSON)
        ) {
            var reader = EventLogReader()
            _ = try reader.feed(lines.flatMap { $0 + [LineFeed.byte] })
        }
        var without = bytes.split(separator: LineFeed.byte).map(Array.init)
        without.remove(at: 3)
        #expect {
            var reader = EventLogReader()
            _ = try reader.feed(without.flatMap { $0 + [LineFeed.byte] })
        } throws: { ($0 as? LogCorruption)?.reason == .chainBroken && ($0 as? LogCorruption)?.line == 4 }
    }

    @Test func takesALastLineThatIsNotJSONForTornAndOneOfAnUnknownFormForCorrupt() throws {
        let (bytes, batchEnds, _) = try Self.log()
        var reader = EventLogReader()
        _ = try reader.feed(bytes + Array("{\"v\":1,\"n\":\n".utf8))
        #expect(try reader.finish().validBytes == batchEnds.last)
        #expect {
            var reader = EventLogReader()
            _ = try reader.feed(
                bytes + Array("{\"v\":1,\"n\":9,\"t\":1,\"type\":\"danced\",\"prev\":\"\"}\n".utf8))
        } throws: { ($0 as? LogCorruption)?.reason == .unknownForm }
    }

    /// Four events, the last three in one write of two batches, and where each line begins.
    private static func logOfTwoWrites() throws -> (bytes: [UInt8], starts: [Int]) {
        let storage = VirtualStorage()
        var files = try ClassFolder.create(Fixture.header, in: storage)
        let events = (1...4).map { Fixture.event($0, .handRaised(Fixture.lin), by: .seat(Fixture.lin)) }
        try files.commit([ClassCommit(events: [events[0]])], to: storage)
        try files.commit(
            [ClassCommit(events: Array(events[1...2])), ClassCommit(events: [events[3]])], to: storage)
        let bytes = try #require(storage.contents(ClassPaths(Fixture.session).events))
        let ends = bytes.indices.filter { bytes[$0] == LineFeed.byte }.map { $0 + 1 }
        return (bytes, [0] + ends)
    }

    @Test func aWriteOfWhichTheDiskTookOnlyTheEndIsCutOff() throws {
        let (bytes, starts) = try Self.logOfTwoWrites()
        // Zeros anywhere in the last write: it is gone from the batch on in which they begin.
        for start in starts[2]..<bytes.count {
            for end in [start + 1, min(start + 64, bytes.count), bytes.count] where end <= bytes.count {
                var holed = bytes
                for index in start..<end { holed[index] = 0 }
                var reader = EventLogReader()
                let events = try reader.feed(holed)
                let log = try reader.finish()
                let batch = start < starts[4] ? starts[2] : starts[4]
                #expect(log.validBytes == batch && log.tornBytes == bytes.count - batch)
                #expect(events.count == (start < starts[4] ? 1 : 3))
            }
        }
    }

    @Test func zerosInAnEarlierWriteAreCorruption() throws {
        let (bytes, starts) = try Self.logOfTwoWrites()
        for start in starts[1]..<starts[2] - 1 {
            var holed = bytes
            holed[start] = 0
            #expect(throws: LogCorruption.self) {
                var reader = EventLogReader()
                _ = try reader.feed(holed)
            }
        }
    }

    @Test func aChangedByteInTheLastWriteIsNoHole() throws {
        let (bytes, starts) = try Self.logOfTwoWrites()
        var changed = bytes
        changed[starts[2]] = UInt8(ascii: "x")
        #expect(throws: LogCorruption.self) {
            var reader = EventLogReader()
            _ = try reader.feed(changed)
        }
    }

    @Test func refusesALineWithoutEnd() throws {
        var reader = EventLogReader()
        _ = try reader.feed(try Self.log().bytes)
        #expect {
            for _ in 0..<129 { _ = try reader.feed([UInt8](repeating: 65, count: 32_768)) }
        } throws: { ($0 as? LogCorruption)?.reason == .lineTooLong }
    }

    @Test func linesStandAsThePageSays() throws {
        let (bytes, _, _) = try Self.log()
        let lines = bytes.split(separator: LineFeed.byte).map { String(decoding: $0, as: UTF8.self) }
        #expect(
            lines[0]
                == #"{"v":1,"type":"log","session":"a-class_1","epoch":"e1","#
                + #""createdAt":"2026-11-23T08:30:00.000Z"}"#
        )
        let digest = Digest.hex(Digest.sha256(Array(lines[0].utf8)))
        #expect(
            lines[1]
                == #"{"v":1,"by":"s1","n":1,"seat":"s1","t":1000,"type":"handRaised","prev":"\#(digest)"}"#)
        #expect(lines[2].contains(#","type":"handRaised","more":true,"prev":""#))
    }
}
