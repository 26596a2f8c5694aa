import SessionModel
import TestSupport
import Testing

@testable import Recorder

/// Bytes on a disk may be anything: they are refused or reported, and never end the process.
@Suite("Hostile bytes on disk")
struct HostileDiskTests {
    private let paths = ClassPaths(Fixture.session)

    private func makeClass() throws -> VirtualStorage {
        let storage = VirtualStorage()
        var files = try ClassFolder.create(Fixture.header, in: storage)
        let person = try #require(
            PersonEntry(
                person: PersonID(unchecked: "lin"), name: "林", number: "007", affiliation: nil,
                source: .roster))
        try files.commit(
            [
                ClassCommit(
                    people: [person],
                    ballots: [Ballot(poll: PollID(unchecked: "p1"), seat: Fixture.lin, option: 1)],
                    events: [Fixture.event(1, .scheduled(Fixture.plan))])
            ], to: storage)
        try files.commit([try Fixture.chat(2, "第一句")], to: storage)
        let recorder = AudioRecorder(
            manifest: Manifest(session: Fixture.session), title: "课", createdAt: Fixture.header.createdAt)
        recorder.openTrack(TrackID(1), seat: Fixture.lin, channels: 1, artist: nil)
        let packets = (0..<70).map(OpusFixture.packet)
        recorder.receive(
            AudioBatch(track: TrackID(1), run: 1, firstSequence: 0, captureSamples: 0, packets: packets),
            at: .zero)
        var audio = AudioFiles(Fixture.session)
        while let work = recorder.takeWork() {
            recorder.performed(audio.perform(work, in: storage), at: .zero)
        }
        try HeadSigner.open(in: storage).signHead(
            of: Fixture.session, in: storage, at: WallTime(milliseconds: 0))
        return storage
    }

    @Test(arguments: [
        #"{"v":1,"n":1.5,"t":0,"by":"relay","type":"opened","prev":""}"#,
        #"{"v":1,"n":1e400,"t":0,"by":"relay","type":"opened","prev":""}"#,
        #"{"v":1,"n":-1,"t":0,"by":"relay","type":"opened","prev":""}"#,
        #"{"v":1,"n":18446744073709551616,"t":0,"by":"relay","type":"opened","prev":""}"#,
        #"{"v":9223372036854775808,"n":1}"#, #"{"v":1,"v":2}"#, "null", "1", "[]", "\"\"", "{}", "{\"v\":1}",
        "",
        #"{"v":1,"n":1,"t":0,"by":"relay","type":"trackOpened","track":70000,"prev":""}"#,
        String(repeating: "[", count: 200_000), String(repeating: "{\"a\":", count: 100_000),
        "{\"v\":1,\"by\":\"\\ud800\"}",
    ])
    func aHostileLineIsRefused(line: String) throws {
        let storage = try makeClass()
        storage.corrupt(paths.events) { $0 += Array(line.utf8) + [LineFeed.byte] + Array("x\n".utf8) }
        #expect { try ClassFolder.open(Fixture.session, in: storage) } throws: { failure in
            if case ClassFolderFailure.corrupt(let corruption) = failure {
                corruption.line == 4
            } else {
                false
            }
        }
    }

    /// Every store with bytes changed, cut out, doubled and numbers blown up.
    @Test func noChangeOfAnyStoreEndsTheProcess() throws {
        let names = [
            "events.jsonl", "texts.jsonl", "people.jsonl", "ballots/p1.json", "manifest.json", "heads.jsonl",
        ]
        let stores =
            names.map { paths.folder + "/" + $0 } + [paths.audioFile("00001-t1-r1.opus"), "keys/heads.key"]
        var refused = 0
        for seed in 0..<300 as Range<UInt64> {
            var lots = SeededGenerator(seed: seed)
            let storage = try makeClass()
            for _ in 0..<Int.random(in: 1...3, using: &lots) {
                guard let store = stores.randomElement(using: &lots) else { continue }
                storage.corrupt(store) { Self.damage(&$0, &lots) }
            }
            do {
                _ = try ClassFolder.open(Fixture.session, in: storage)
                _ = try AudioRecovery.open(Fixture.session, in: storage)
            } catch {
                refused += 1
            }
            let keys = try HeadSigner.publicKeys(in: storage)
            let verification = try ClassVerification(Fixture.session, in: storage, publicKeys: keys)
            if let contents = try? ClassFolder.read(Fixture.session, in: storage),
                let manifest = try? AudioRecovery.read(Fixture.session, in: storage)
            {
                _ = CatalogueRow(contents)
                var replay = Replay(events: contents.events, manifest: manifest)
                replay.resume(at: .max - 10)
                _ = replay.advance(to: .max)
                _ = replay.seek(to: SessionTime(milliseconds: .max), at: .min)
                _ = replay.advance(to: .max)
                _ = replay.nextDeadline
            } else {
                #expect(!verification.isSound, "seed \(seed)")
            }
        }
        #expect(refused > 50)
    }

    private static func damage(_ bytes: inout [UInt8], _ lots: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &lots)
        let length = min(Int.random(in: 1...40, using: &lots), bytes.count - place)
        switch Int.random(in: 0..<6, using: &lots) {
        case 0: bytes[place] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &lots)
        case 1: bytes.removeSubrange(place..<place + length)
        case 2: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
        case 3: bytes.removeLast(bytes.count - place)
        case 4:
            bytes.insert(
                contentsOf: (0..<length).map { _ in UInt8.random(in: 0...255, using: &lots) }, at: place)
        default:
            let digits = bytes.indices.filter { (48...57).contains(bytes[$0]) }
            if let digit = digits.randomElement(using: &lots) {
                bytes.insert(contentsOf: Array("9223372036854775807".utf8), at: digit)
            }
        }
    }
}
