import SessionModel
import TestSupport
import Testing

@testable import Recorder

/// A recorder with a disk and a clock that the test moves; packets of 20 ms.
private struct Studio {
    let storage: VirtualStorage
    let recorder: AudioRecorder
    var files: AudioFiles
    var now: Int64 = 0
    var notices: [AudioNotice] = []
    var isDiskStalled = false

    static let track = TrackID(1)
    static let paths = ClassPaths(Fixture.session)

    init(_ storage: VirtualStorage = VirtualStorage()) throws {
        self.storage = storage
        if try !storage.exists(Self.paths.events) { _ = try ClassFolder.create(Fixture.header, in: storage) }
        let manifest = try AudioRecovery.open(Fixture.session, in: storage)
        recorder = AudioRecorder(manifest: manifest, title: "大单元", createdAt: Fixture.header.createdAt)
        recorder.openTrack(Self.track, seat: Fixture.lin, channels: 1, artist: "林\u{2CB4E}·")
        files = AudioFiles(Fixture.session)
    }

    /// Speaks for so many packets from one number on, in real time.
    mutating func speak(_ sequences: Range<Int>, run: UInt32 = 1, capture: Int? = nil, late: Bool = false) {
        for (index, sequence) in sequences.enumerated() {
            let time = (capture ?? sequences.lowerBound * 960) + index * 960
            if !late { now += 20 }
            recorder.receive(
                AudioBatch(
                    track: Self.track, run: run, firstSequence: UInt32(sequence),
                    captureSamples: UInt64(time),
                    packets: [OpusFixture.packet(sequence)], isForTheRecord: late),
                at: SessionTime(milliseconds: now))
            work()
        }
    }

    mutating func pass(_ milliseconds: Int64) {
        let end = now + milliseconds
        while now < end {
            now = min(end, now + 100)
            recorder.advance(to: SessionTime(milliseconds: now))
            work()
        }
    }

    mutating func end() {
        recorder.end(at: SessionTime(milliseconds: now))
        work()
    }

    mutating func work() {
        while !isDiskStalled, let work = recorder.takeWork() {
            let outcome = files.perform(work, in: storage)
            recorder.performed(outcome, at: SessionTime(milliseconds: now))
        }
        notices += recorder.takeNotices()
    }

    func bytes(_ segment: AudioSegment) throws -> [UInt8] {
        try #require(storage.contents(Self.paths.audioFile(segment.file)), "\(segment.file) is missing")
    }

    /// The numbers in the packets of a segment; -1 for filler.
    func packets(_ segment: AudioSegment) throws -> [Int] {
        try OpusFixture.items(try bytes(segment)).compactMap { item in
            guard case .packet(let packet, _) = item else { return nil }
            return packet.count == 5 ? Int(packet[3]) << 8 | Int(packet[4]) : -1
        }
    }

    /// Every closed segment is what the manifest says, and opusinfo agrees.
    func checkClosedSegments() throws {
        let folder = TemporaryFolder()
        let manifest = try AudioRecovery.read(Fixture.session, in: storage)
        for segment in manifest.segments where segment.state == .closed {
            let bytes = try bytes(segment)
            #expect(segment.sha256 == Digest.hex(Digest.sha256(bytes)), "\(segment.file)")
            let items = try OpusFixture.items(bytes)
            #expect(items.last == .end(samplesCount: segment.samples - segment.preSkip), "\(segment.file)")
            let judged = try OpusFixture.opusinfo(of: bytes, in: folder)
            #expect(judged.code == 0 && !judged.words.contains("WARNING"), "\(segment.file): \(judged.words)")
        }
    }

    var recordedUpTo: [UInt32] { recorded.map(\.upperBound) }
    /// Stretches of packets that were said to be on disk.
    var recorded: [ClosedRange<UInt32>] {
        notices.compactMap { if case .recorded(_, _, let sequences) = $0 { sequences } else { nil } }
    }
    /// Numbers that were said to be on disk, each once.
    var recordedNumbers: [Int] { Set(recorded.flatMap { $0.map(Int.init) }).sorted() }
    var otherNotices: [AudioNotice] { notices.filter { if case .recorded = $0 { false } else { true } } }
}

@Suite("The recorder of sound")
struct AudioRecorderTests {
    @Test func writesAPageASecondSyncsAndSaysSo() throws {
        var studio = try Studio()
        studio.speak(0..<500)
        let appends = studio.storage.counts[.append, default: 0]
        #expect((10...14).contains(appends), "\(appends) appends")
        #expect(studio.recorded.allSatisfy { $0.count >= 250 } && studio.recordedNumbers == Array(0..<300))
        studio.end()
        #expect(studio.recordedNumbers == Array(0..<500))
        let segment = try #require(studio.recorder.manifest.segments.first)
        #expect(studio.recorder.manifest.segments.count == 1 && segment.state == .closed)
        #expect(segment.firstSequence == 0 && segment.lastSequence == 499 && segment.samples == 480_000)
        #expect(try studio.packets(segment) == Array(0..<500))
        #expect(segment.start.milliseconds == 20 && segment.durationMilliseconds == 9_993)
        try studio.checkClosedSegments()
        let tags = try OpusFixture.items(try studio.bytes(segment))[1]
        #expect(
            tags
                == .tags(
                    OpusTags(comments: [
                        "TITLE=大单元", "ARTIST=林\u{2CB4E}·", "DATE=2026-11-23", "LIVERELAY_CLASS=a-class_1",
                    ])))
    }

    @Test func syncsAtMostEveryFiveSeconds() throws {
        var studio = try Studio()
        studio.speak(0..<50)
        let before = studio.storage.counts[.sync, default: 0]
        studio.speak(50..<1_050)
        let syncs = studio.storage.counts[.sync, default: 0] - before
        #expect((3...4).contains(syncs), "\(syncs) syncs in 20 s")
    }

    @Test func aPauseOfTheSpeakerIsFilledAndALongOneEndsTheSegment() throws {
        var studio = try Studio()
        studio.speak(0..<100)
        studio.now += 3_000
        studio.speak(100..<200, capture: 100 * 960 + 144_000)
        studio.pass(15_000)
        studio.speak(200..<300, capture: 200 * 960 + 144_000 + 720_000)
        studio.end()
        let segments = studio.recorder.manifest.segments
        #expect(segments.count == 2)
        let numbers = try studio.packets(segments[0])
        #expect(numbers == Array(0..<100) + [Int](repeating: -1, count: 150) + Array(100..<200))
        #expect(try studio.packets(segments[1]) == Array(200..<300))
        // The second second after the pause lies where it was spoken, in the file and in the session.
        let moment = SessionTime(milliseconds: 20 + 7_000)
        #expect(segments[0].fileMilliseconds(at: moment) == 7_000)
        #expect(segments[0].sessionTime(atFileMilliseconds: 7_000) == moment)
        #expect(segments[1].start.milliseconds == 2_000 + 3_000 + 2_000 + 15_000 + 20)
        try studio.checkClosedSegments()
    }

    @Test func whatWasMissingIsTakenForTheRecord() throws {
        var studio = try Studio()
        studio.speak(0..<100)
        // 40 s without a connection; then live again, while the publisher sends the rest once more.
        studio.now += 4_000
        studio.speak(300..<350)
        studio.pass(1_000)
        #expect(!studio.recordedNumbers.contains { $0 > 99 }, "what comes after a hole is not written yet")
        studio.speak(50..<300, late: true)
        studio.speak(350..<400)
        studio.end()
        #expect(studio.recordedNumbers == Array(0..<400))
        #expect(studio.recorder.manifest.segments.count == 1)
        #expect(try studio.packets(studio.recorder.manifest.segments[0]) == Array(0..<400))
        try studio.checkClosedSegments()
    }

    @Test func aHoleThatNobodyFillsIsGivenUp() throws {
        var studio = try Studio()
        studio.speak(0..<50)
        studio.speak(60..<100)
        studio.speak(100..<400)
        studio.pass(2_000)
        studio.end()
        #expect(studio.recordedNumbers == Array(0..<50) + Array(60..<400))
        let numbers = try studio.packets(studio.recorder.manifest.segments[0])
        #expect(numbers == Array(0..<50) + [Int](repeating: -1, count: 10) + Array(60..<400))
    }

    @Test func aBreakEndsTheSegment() throws {
        var studio = try Studio()
        studio.speak(0..<75)
        studio.recorder.breakOff(at: SessionTime(milliseconds: studio.now))
        studio.speak(75..<150)
        studio.end()
        studio.speak(150..<200)
        let segments = studio.recorder.manifest.segments
        #expect(try segments.map { try studio.packets($0) } == [Array(0..<75), Array(75..<150)])
        try studio.checkClosedSegments()
    }

    @Test func garbageIsLeftOut() throws {
        var studio = try Studio()
        studio.speak(0..<10)
        for packets in [[[]], [[0xFB, 0xFF]], [[UInt8](repeating: 1, count: 70_000)]] as [[[UInt8]]] {
            studio.recorder.receive(
                AudioBatch(
                    track: Studio.track, run: 1, firstSequence: 10, captureSamples: .max, packets: packets),
                at: SessionTime(milliseconds: studio.now))
        }
        studio.recorder.receive(
            AudioBatch(
                track: TrackID(9), run: 1, firstSequence: 0, captureSamples: 0, packets: [OpusFixture.silence]
            ),
            at: SessionTime(milliseconds: studio.now))
        // A clock that jumps by hours with every packet.
        for number in 0..<1_000 {
            studio.recorder.receive(
                AudioBatch(
                    track: Studio.track, run: 1, firstSequence: UInt32(10 + number),
                    captureSamples: UInt64(number) &* 0x1234_5678_9ABC_DEF1, packets: [OpusFixture.silence]),
                at: SessionTime(milliseconds: studio.now))
        }
        studio.end()
        #expect(studio.recorder.manifest.segments.count <= AudioRecorderLimits.startsCountMaximum)
        try studio.checkClosedSegments()
    }

    @Test func aDiskThatFallsBehindPausesRecordingAndSaysSo() throws {
        var studio = try Studio()
        studio.speak(0..<50)
        studio.isDiskStalled = true
        studio.speak(50..<2_000)
        #expect(studio.otherNotices == [.paused(.tooSlow)])
        studio.isDiskStalled = false
        studio.pass(100)
        #expect(studio.otherNotices == [.paused(.tooSlow), .resumed])
        studio.speak(2_000..<2_100)
        studio.end()
        let segments = studio.recorder.manifest.segments
        #expect(segments.count == 2)
        #expect(try studio.packets(segments[0]).count == 50 + 1_501)
        #expect(try studio.packets(segments[1]) == Array(2_000..<2_100))
        try studio.checkClosedSegments()
    }

    @Test func whoeverHoldsTheRecordingHasTheLastWord() throws {
        var studio = try Studio()
        studio.speak(0..<100)
        studio.storage.failuresByKind = [.append: .noSpace]
        studio.speak(100..<200)
        // The disk is looked at after the recorder has found out by itself.
        studio.recorder.pause(.noSpace, at: SessionTime(milliseconds: studio.now))
        studio.storage.failuresByKind = [:]
        studio.pass(11_000)
        studio.speak(200..<300)
        #expect(studio.otherNotices == [.paused(.noSpace)])
        #expect(studio.recorder.manifest.segments.allSatisfy { $0.state == .closed })
        studio.recorder.resume()
        studio.work()
        #expect(studio.otherNotices == [.paused(.noSpace), .resumed])
        studio.speak(300..<400)
        studio.end()
        try studio.checkClosedSegments()
    }

    @Test(arguments: [StorageFailure.noSpace, .readOnly, .io(errno: 5)])
    func aDiskThatFailsIsTriedAgain(failure: StorageFailure) throws {
        var studio = try Studio()
        studio.speak(0..<100)
        studio.storage.failuresByKind = [.append: failure, .open: failure]
        studio.speak(100..<200)
        #expect(studio.otherNotices == [.paused(failure == .noSpace ? .noSpace : .failed)])
        studio.pass(25_000)
        studio.storage.failuresByKind = [:]
        studio.pass(11_000)
        #expect(studio.otherNotices.last == .resumed && studio.otherNotices.count == 2)
        let start = 200 * 960 + 36_000 * 48
        studio.speak(100..<200, capture: 96_000, late: true)
        studio.speak(200..<300, capture: start)
        studio.end()
        let numbers = try studio.recorder.manifest.segments.flatMap { try studio.packets($0) }
        #expect(numbers.filter { $0 >= 0 } == Array(0..<300), "what was not written was sent again")
        try studio.checkClosedSegments()
    }

    /// The disk fails while the class ends, and works again at once.
    @Test func whatAFailureLeavesAtTheEndIsRepaired() throws {
        var whole = try Studio()
        whole.speak(0..<120)
        let calls = whole.storage.callsCount
        whole.end()
        for call in calls..<whole.storage.callsCount {
            var studio = try Studio()
            studio.speak(0..<120)
            studio.storage.failures = [call: .io(errno: 5)]
            studio.end()
            #expect(studio.recorder.manifest.segments.map(\.state) == [.closed], "call \(call)")
            #expect(try studio.packets(studio.recorder.manifest.segments[0]).count >= 100, "call \(call)")
            try studio.checkClosedSegments()
        }
    }

    /// Packets much faster than time passes, by somebody who wants to fill the disk.
    @Test func nobodyRecordsMuchMoreThanTimePasses() throws {
        var studio = try Studio()
        studio.speak(0..<40_000, late: true)
        studio.end()
        let milliseconds = studio.recorder.manifest.segments.reduce(0) { $0 + $1.durationMilliseconds }
        #expect((300_000...300_100).contains(milliseconds))
    }

    /// The power goes off before any call; after recovery every segment is sound, and nothing that was said
    /// to be on disk is missing.
    @Test func everyPowerCutLeavesSoundFiles() throws {
        var whole = try Studio()
        whole.speak(0..<400)
        whole.recorder.breakOff(at: SessionTime(milliseconds: whole.now))
        whole.speak(400..<700)
        whole.end()
        for call in 20..<whole.storage.callsCount {
            let storage = VirtualStorage(seed: UInt64(call))
            var studio = try Studio(storage)
            storage.powerCutAtCall = call
            studio.speak(0..<400)
            studio.recorder.breakOff(at: SessionTime(milliseconds: studio.now))
            studio.speak(400..<700)
            studio.end()
            let told = studio.recordedUpTo.last.map(Int.init) ?? -1
            storage.crash()
            let again = try Studio(storage)
            let numbers = try again.recorder.manifest.segments.flatMap { try again.packets($0) }
            #expect(numbers == Array(0..<numbers.count), "call \(call)")
            #expect(
                numbers.count >= told + 1,
                "call \(call): said to be written: \(told), there: \(numbers.count)")
            #expect(again.recorder.manifest.segments.allSatisfy { $0.state == .closed })
            if call.isMultiple(of: 7) { try again.checkClosedSegments() }
        }
    }

    @Test func goesOnAfterARestartInANewFileAndTakesWhatTheOldRunLacks() throws {
        var first = try Studio()
        first.speak(0..<130)
        // kill -9: the last page is in no file. What is on disk is what was handed over.
        var second = try Studio(first.storage)
        second.now = 60_000
        #expect(second.recorder.manifest.segments.map(\.samples) == [96_000])
        second.speak(0..<50, run: 2, capture: 60_000 * 48)
        second.speak(90..<130, run: 1, capture: 90 * 960, late: true)
        second.pass(12_000)
        second.end()
        let segments = second.recorder.manifest.segments
        #expect(
            try segments.map { try second.packets($0) } == [Array(0..<100), Array(100..<130), Array(0..<50)])
        #expect(segments.map(\.run) == [1, 1, 2])
        #expect(segments[1].start.milliseconds == 2_020, "in its place, though it came a minute later")
        try second.checkClosedSegments()
    }

    /// The publisher was away for longer than anybody waits: what it still has goes into a file of its own.
    @Test func whatComesAfterItsTurnIsOverGoesIntoASegmentOfItsOwn() throws {
        var studio = try Studio()
        studio.speak(0..<100)
        studio.now += 60_000
        studio.speak(3_100..<3_400)
        studio.pass(6_000)
        studio.speak(3_700..<3_800, capture: 3_700 * 960)
        #expect(studio.recordedNumbers.contains(3_399), "nobody waits for ever")
        studio.speak(50..<3_100, late: true)
        studio.speak(3_800..<3_850)
        studio.pass(12_000)
        studio.end()
        #expect(studio.recordedNumbers == Array(0..<3_400) + Array(3_700..<3_850))
        let segments = studio.recorder.manifest.segments
        #expect(
            try segments.map { try studio.packets($0).filter { $0 >= 0 } } == [
                Array(0..<100), Array(100..<3_100), Array(3_100..<3_400), Array(3_700..<3_850),
            ])
        #expect(
            segments.map(\.start.milliseconds) == [20, 2_020, 62_020, 74_020], "each where it was spoken")
        try studio.checkClosedSegments()
    }

    @Test func aClosedTrackIsCompletedForTheRecord() throws {
        var studio = try Studio()
        studio.speak(0..<100)
        studio.recorder.closeTrack(Studio.track, at: SessionTime(milliseconds: studio.now))
        studio.now += 90_000
        studio.speak(80..<400, late: true)
        studio.pass(12_000)
        #expect(studio.recordedNumbers == Array(0..<400))
        let segments = studio.recorder.manifest.segments
        #expect(try segments.map { try studio.packets($0) } == [Array(0..<100), Array(100..<400)])
        #expect(segments.map(\.state) == [.closed, .closed] && segments[1].start.milliseconds == 2_020)
    }

    /// After a crash the publisher sends what it was not told of, though it is on disk: it must be told now.
    @Test func whatIsOnDiskAlreadyIsSaidToBe() throws {
        var first = try Studio()
        first.speak(0..<130)
        #expect(first.recordedNumbers == [])
        var second = try Studio(first.storage)
        second.now = 10_000
        second.speak(0..<130, run: 1, capture: 0, late: true)
        #expect(second.recordedNumbers == Array(0..<100))
        second.end()
        #expect(second.recordedNumbers == Array(0..<130))
        #expect(
            try second.recorder.manifest.segments.map { try second.packets($0) } == [
                Array(0..<100), Array(100..<130),
            ])
    }

    /// Late packets in any order, some twice, with lines that break in between: each is recorded once.
    @Test func everyLatePacketIsRecordedOnce() throws {
        for seed in 0..<40 as Range<UInt64> {
            var lots = SeededGenerator(seed: seed)
            var studio = try Studio()
            studio.speak(0..<60)
            let gap = 60 + Int.random(in: 1..<900, using: &lots)
            studio.now += Int64(gap) * 20
            studio.speak(gap..<(gap + 50))
            if Bool.random(using: &lots) { studio.pass(5_500) }
            var from = Int.random(in: 0..<60, using: &lots)
            while from < gap {
                let to = min(gap, from + Int.random(in: 1..<300, using: &lots))
                studio.speak(from..<to, late: true)
                if Bool.random(using: &lots) { studio.pass(Int64.random(in: 0..<12_000, using: &lots)) }
                // The line broke: some of what went out goes out again.
                from = max(0, to - Int.random(in: 0..<40, using: &lots))
                if to == gap { break }
            }
            studio.end()
            let numbers = try studio.recorder.manifest.segments.flatMap { try studio.packets($0) }
            #expect(numbers.filter { $0 >= 0 }.sorted() == Array(0..<(gap + 50)), "seed \(seed)")
            #expect(studio.recordedNumbers == Array(0..<(gap + 50)), "seed \(seed)")
            if seed.isMultiple(of: 10) { try studio.checkClosedSegments() }
        }
    }

    @Test func anErasedSegmentKeepsItsPlaceAndDigest() throws {
        var studio = try Studio()
        studio.speak(0..<100)
        studio.end()
        let segment = try #require(studio.recorder.manifest.segments.first)
        let manifest = try AudioRecovery.erase(segment.file, of: Fixture.session, in: studio.storage)
        #expect(manifest.segments.map(\.state) == [.erased] && manifest.segments[0].sha256 == segment.sha256)
        #expect(studio.storage.contents(Studio.paths.audioFile(segment.file)) == nil)
        #expect(try AudioRecovery.open(Fixture.session, in: studio.storage) == manifest)
    }

    @Test func aManifestIsReadStrictly() throws {
        let segment = AudioSegment(
            file: "00001-t1-r1.opus", track: Studio.track, seat: Fixture.lin, run: 1, channels: 1,
            firstSequence: 0,
            lastSequence: nil, firstCapture: 0, samples: 5_000, preSkip: 312,
            anchors: [AudioAnchor(fileMilliseconds: 0, session: .zero)], state: .open, sha256: nil)
        let manifest = Manifest(session: Fixture.session, segments: [segment])
        #expect(Manifest(fileBytes: manifest.fileBytes()) == manifest)
        let text = String(decoding: manifest.fileBytes(), as: UTF8.self)
        for (from, to) in [
            ("00001-t1", "../1-t1"), ("\"samples\":5000", "\"samples\":-1"), ("[[0,0]]", "[]"),
            ("\"channels\":1", "\"channels\":9"), ("\"v\":1", "\"v\":2"),
        ] {
            let changed = text.replacing(from, with: to)
            #expect(changed != text && Manifest(fileBytes: Array(changed.utf8)) == nil, "\(to)")
        }
    }
}
