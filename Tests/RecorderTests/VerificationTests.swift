import SessionModel
import TestSupport
import Testing

@testable import Recorder

@Suite("Verification")
struct VerificationTests {
    private let paths = ClassPaths(Fixture.session)
    private let wall = WallTime(milliseconds: 1_795_425_000_000)

    /// A class with two chat lines, a closed poll, two seconds of sound and a signed head.
    private func makeClass() throws -> (VirtualStorage, HeadSigner) {
        let storage = VirtualStorage()
        var files = try ClassFolder.create(Fixture.header, in: storage)
        let poll = PollID(unchecked: "p1")
        try files.commit([ClassCommit(events: [Fixture.event(1, .scheduled(Fixture.plan))])], to: storage)
        try files.commit([try Fixture.chat(2, "第一句")], to: storage)
        try files.commit([try Fixture.chat(3, "第二句")], to: storage)
        try files.commit(
            [ClassCommit(ballots: [Ballot(poll: poll, seat: Fixture.lin, option: 0)])], to: storage)
        let last = [
            Fixture.event(4, .pollClosed(poll, count: 1, sums: nil)), Fixture.event(5, .ended(.requested)),
        ]
        try files.commit([ClassCommit(events: last)], to: storage)
        let recorder = AudioRecorder(
            manifest: Manifest(session: Fixture.session), title: "课", createdAt: Fixture.header.createdAt)
        recorder.openTrack(TrackID(1), seat: Fixture.lin, channels: 1, artist: nil)
        let packets = (0..<100).map(OpusFixture.packet)
        recorder.receive(
            AudioBatch(track: TrackID(1), run: 1, firstSequence: 0, captureSamples: 0, packets: packets),
            at: .zero)
        recorder.end(at: SessionTime(milliseconds: 2_000))
        var audio = AudioFiles(Fixture.session)
        while let work = recorder.takeWork() {
            recorder.performed(audio.perform(work, in: storage), at: .zero)
        }
        let signer = try HeadSigner.open(in: storage)
        try signer.signHead(of: Fixture.session, in: storage, at: wall)
        return (storage, signer)
    }

    /// What is found after a change, in words.
    private func findings(_ change: (VirtualStorage) throws -> Void) throws -> [String] {
        let (storage, _) = try makeClass()
        try change(storage)
        let keys = try HeadSigner.publicKeys(in: storage)
        let verification = try ClassVerification(Fixture.session, in: storage, publicKeys: keys)
        return verification.findings.map { finding in
            let file = finding.file.split(separator: "/").last ?? ""
            return "\(finding.weight) \(finding.code) \(file)\(finding.line.map { ":\($0)" } ?? "")"
        }
    }

    private func replace(_ storage: VirtualStorage, _ path: String, _ old: String, _ new: String) {
        storage.corrupt(path) { bytes in
            bytes = Array(String(decoding: bytes, as: UTF8.self).replacing(old, with: new).utf8)
        }
    }

    @Test func findsNothingInASoundClass() throws {
        #expect(try findings { _ in } == [])
    }

    @Test func findsEveryAlteration() throws {
        #expect(try findings { replace($0, paths.texts, "第一句", "第壹句") } == ["broken textAltered texts.jsonl"])
        #expect(
            try findings { replace($0, paths.texts, "\"v\":1", "\"v\":x") }.first
                == "broken lineDamaged texts.jsonl:1")
        #expect(try findings { replace($0, paths.people, "", "") } == [])
        let log = try findings { replace($0, paths.events, "\"n\":2,", "\"n\":2 ,") }
        #expect(log.first == "broken logCorrupt events.jsonl:3")
        let audio = paths.audioFile("00001-t1-r1.opus")
        #expect(
            try findings { $0.corrupt(audio) { $0[200] ^= 1 } } == ["broken soundAltered 00001-t1-r1.opus"])
        #expect(try findings { try $0.remove(audio) } == ["broken soundMissing 00001-t1-r1.opus"])
        #expect(
            try findings { replace($0, paths.manifest, "\"v\":1", "\"v\":7") } == [
                "broken manifestInvalid manifest.json"
            ])
        #expect(
            try findings { try $0.replace(paths.audioFile("stray.opus"), with: [1]) }
                == ["broken soundUnlisted stray.opus"])
        let box = paths.ballotBox(PollID(unchecked: "p1"))
        #expect(
            try findings { replace($0, box, "[\"s1\"]", "[\"s1\",\"s2\"]") } == [
                "broken ballotCountDiffers p1.json"
            ])
        #expect(
            try findings { replace($0, box, "\"poll\"", "\"ballots\":[0],\"poll\"") }
                == ["broken ballotBoxNotSealed p1.json"])
        #expect(try findings { replace($0, box, "{", "") } == ["broken ballotBoxDamaged p1.json"])
    }

    /// Whoever holds the folder may reckon a new chain; without the key the head tells.
    @Test func findsALogThatWasCutOffOrWrittenAnew() throws {
        let cut = try findings { storage in
            storage.corrupt(paths.events) { bytes in
                let lines = bytes.split(separator: LineFeed.byte)
                // The batch of events 4 and 5 goes.
                bytes = lines.prefix(4).flatMap { Array($0) + [LineFeed.byte] }
            }
            try storage.remove(paths.ballotBox(PollID(unchecked: "p1")))
        }
        #expect(cut.contains("broken logCutOff events.jsonl"))
        let anew = try findings { storage in
            let events = try ClassFolder.read(Fixture.session, in: storage).events
            try storage.remove(paths.events)
            var files = try ClassFolder.create(Fixture.header, in: storage)
            for recorded in events {
                let changed = recorded.n == 2 ? Fixture.event(2, .opened) : recorded
                try files.commit([ClassCommit(events: [changed])], to: storage)
            }
        }
        #expect(anew.contains("broken headDiffers heads.jsonl"))
        let forged = try findings { replace($0, paths.heads, "\"n\":5", "\"n\":4") }
        #expect(forged.contains("broken signatureWrong heads.jsonl"))
        let unsigned = try findings { try $0.remove(paths.heads) }
        #expect(unsigned == ["note unsigned events.jsonl"])
    }

    @Test func whatWasErasedOnPurposeIsANote() throws {
        let found = try findings { storage in
            var files = try ClassFolder.open(Fixture.session, in: storage).files
            try files.commit([ClassCommit(erasedTexts: [TextID(unchecked: "x2")])], to: storage)
            _ = try AudioRecovery.erase("00001-t1-r1.opus", of: Fixture.session, in: storage)
        }
        #expect(found == ["note textErased events.jsonl:3", "note soundErased 00001-t1-r1.opus"])
    }

    @Test func theKeyIsMadeOnceAndSignsTheSameHeadOnce() throws {
        let (storage, signer) = try makeClass()
        #expect(try HeadSigner.open(in: storage).publicKey == signer.publicKey)
        try signer.signHead(of: Fixture.session, in: storage, at: wall)
        let heads = try #require(storage.contents(paths.heads))
        #expect(heads.count { $0 == LineFeed.byte } == 1)
        let head = try #require(JSONLines<SignedHead>(heads).entries.first)
        #expect(head.isSigned(by: signer.publicKey))
        #expect(!head.isSigned(by: [UInt8](repeating: 7, count: 32)))
        storage.corrupt("keys/heads.key") { $0 = Array("no key\n".utf8) }
        #expect(throws: HeadSignerFailure.keyInvalid) { try HeadSigner.open(in: storage) }
    }

    // MARK: Heads that were kept elsewhere

    private func verify(_ storage: VirtualStorage, _ heads: [KnownHead]) throws -> ClassVerification {
        try ClassVerification(
            Fixture.session, in: storage, publicKeys: HeadSigner.publicKeys(in: storage), knownHeads: heads)
    }

    /// Whoever has the folder and the key reckons the whole chain anew, and signs that.
    private func forge(_ storage: VirtualStorage, keeping count: Int, changing changed: UInt64?) throws {
        let contents = try ClassFolder.read(Fixture.session, in: storage)
        for path in [paths.events, paths.heads] { try storage.remove(path) }
        var files = try ClassFolder.create(Fixture.header, in: storage)
        let events = contents.events.prefix(count).map { recorded in
            RecordedEvent(
                n: recorded.n, t: recorded.t.advanced(byMilliseconds: recorded.n == changed ? -1 : 0),
                by: recorded.by, cause: recorded.cause, event: recorded.event)
        }
        // In the batches they were in.
        for event in events.prefix(3) { try files.commit([ClassCommit(events: [event])], to: storage) }
        try files.commit([ClassCommit(events: Array(events.dropFirst(3)))], to: storage)
        try HeadSigner.open(in: storage).signHead(of: Fixture.session, in: storage, at: wall)
    }

    @Test func aHeadKeptElsewhereFindsAShortenedAlteredOrRewrittenLog() throws {
        let (storage, signer) = try makeClass()
        let end = try ClassFolder.end(Fixture.session, in: storage)
        let printed = try #require(KnownHead("5:" + Digest.hex(end.tailDigest).uppercased()))
        let kept = try #require(KnownHead.heads(inFile: storage.contents(paths.heads) ?? []))
        #expect(kept == [signer.sign(end, at: wall)])
        #expect(try verify(storage, [printed] + kept.map(KnownHead.init)).isSound)
        try forge(storage, keeping: 5, changing: nil)
        #expect(try verify(storage, [printed]).isSound, "the same log is no other log")
        try forge(storage, keeping: 5, changing: 3)
        #expect(try verify(storage, []).isSound, "the folder alone cannot know")
        var found = try verify(storage, [printed])
        #expect(found.firstBroken?.code == .headDiffers && found.firstBroken?.line == 6)
        try forge(storage, keeping: 4, changing: nil)
        #expect(try verify(storage, []).isSound)
        found = try verify(storage, kept.map(KnownHead.init))
        #expect(found.firstBroken?.code == .logCutOff)
    }

    @Test(arguments: [
        "", "5", "5:", ":ab", "0:" + String(repeating: "a", count: 64), "5:zz", "-1:aa", "5:aa:bb",
    ])
    func aHeadIsANumberAndADigest(text: String) { #expect(KnownHead(text) == nil) }

    @Test func aLineThatWasAlteredIsNamed() throws {
        for line in 2...4 {
            let (storage, _) = try makeClass()
            storage.corrupt(paths.events) { bytes in
                var starts = [0]
                for (place, byte) in bytes.enumerated() where byte == LineFeed.byte {
                    starts.append(place + 1)
                }
                // `"t":1000` becomes `"t":9000`: still an event, but another.
                let text = Array("\"t\":\(line - 1)".utf8)
                guard let place = bytes[starts[line - 1]...].firstRange(of: text) else { return }
                bytes[place.upperBound - 1] = UInt8(ascii: "9")
            }
            #expect(try verify(storage, []).firstBroken?.line == line)
        }
    }

    @Test func aRunningLogIsSignedOnceADay() throws {
        let storage = VirtualStorage()
        let signer = try HeadSigner.open(in: storage)
        let log = EventLogFile(
            Fixture.session, files: try ClassFolder.create(Fixture.header, in: storage), storage: storage,
            runOnFileThread: { $0() }, schedule: { $0() })
        let day = HeadSigner.periodMilliseconds
        func heads() throws -> [UInt64] {
            (KnownHead.heads(inFile: storage.contents(paths.heads) ?? []) ?? []).map(\.n)
        }
        log.signDaily(by: signer, at: wall)
        #expect(try heads() == [], "there is nothing to sign")
        for n in 1...4 as ClosedRange<UInt64> {
            log.append(
                ClassCommit(events: [Fixture.event(n, .opened)]), after: log.headPosition,
                completion: { _ in })
            for hour in 0..<24 as Range<Int64> {
                let at = wall.milliseconds + Int64(n) * day + hour * 3_600_000
                log.signDaily(by: signer, at: WallTime(milliseconds: at))
            }
        }
        #expect(try heads() == [1, 2, 3, 4])
        #expect(try verify(storage, []).isSound)
    }
}
