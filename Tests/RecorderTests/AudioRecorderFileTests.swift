import Glibc
import SessionModel
import Testing

@testable import Recorder

/// What a driver told, from whatever thread; `@unchecked Sendable`: it is touched on the loop of the test
/// alone.
private final class Told: @unchecked Sendable {
    var notices: [AudioNotice] = []
    var milliseconds: Int64 = 0
}

@Suite("The recorder with files")
struct AudioRecorderFileTests {
    @Test func recordsOnRealFilesAndThreads() async throws {
        let folder = TemporaryFolder()
        let storage = FileStorage(root: folder.path)
        _ = try ClassFolder.create(Fixture.header, in: storage)
        let pool = FilePool(threads: 2)
        let loop = FilePool(threads: 1)
        let told = Told()
        await withCheckedContinuation { done in
            loop.submit {
                let recorder = AudioRecorderFile(
                    manifest: Manifest(session: Fixture.session), title: "课",
                    createdAt: Fixture.header.createdAt,
                    storage: storage, runOnFileThread: { pool.submit($0) }, schedule: { loop.submit($0) },
                    now: { SessionTime(milliseconds: told.milliseconds) }, notify: { told.notices.append($0) }
                )
                recorder.openTrack(TrackID(1), seat: Fixture.lin, channels: 1, artist: "林老师")
                for number in 0..<250 {
                    told.milliseconds += 20
                    recorder.receive(
                        AudioBatch(
                            track: TrackID(1), run: 1, firstSequence: UInt32(number),
                            captureSamples: UInt64(number * 960), packets: [OpusFixture.packet(number)]))
                }
                recorder.end { done.resume() }
            }
        }
        let last = told.notices.compactMap { notice -> UInt32? in
            if case .recorded(TrackID(1), 1, let sequences) = notice { sequences.upperBound } else { nil }
        }
        #expect(last.last == 249)
        let manifest = try AudioRecovery.read(Fixture.session, in: storage)
        #expect(manifest.segments.map(\.state) == [.closed])
        let path = folder.path + "/" + ClassPaths(Fixture.session).audioFile(manifest.segments[0].file)
        let judged = try OpusFixture.opusinfo(path)
        #expect(judged.code == 0 && !judged.words.contains("WARNING"), "\(judged.words)")
        let keys = try HeadSigner.publicKeys(in: storage)
        #expect(try ClassVerification(Fixture.session, in: storage, publicKeys: keys).isSound)
    }

    /// A file that somebody else's encoder made, with its packets of several sizes and its own tags.
    @Test(arguments: [
        ["--framesize", "60"], ["--framesize", "2.5"], ["--downmix-mono", "--bitrate", "16"], [],
    ])
    func readsFilesOfOtherEncoders(options: [String]) throws {
        let folder = TemporaryFolder()
        let storage = FileStorage(root: folder.path)
        // 1.5 s of a tone in stereo, 16 bits, 48 kHz.
        var samples: [UInt8] = []
        for index in 0..<72_000 {
            let value = Int16(8_000 * sin(Double(index) * 0.06))
            for _ in 0..<2 {
                samples += [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
            }
        }
        try storage.replace("tone.raw", with: samples)
        let (input, output) = (folder.path + "/tone.raw", folder.path + "/tone.opus")
        let encoded = try OpusFixture.run(
            "/usr/bin/opusenc",
            ["--quiet", "--raw", "--raw-chan", "2", "--comment", "TITLE=音"] + options + [input, output])
        try #require(encoded.code == 0, "\(encoded.words)")
        let bytes = try storage.readWhole("tone.opus", bytesMaximum: 1_000_000)
        try everySplit(bytes, seeds: 0..<3) { pieces, name in
            let reader = OggOpusReader()
            let items = try pieces.flatMap { try reader.feed($0) }
            try reader.finish()
            #expect(items.last == .end(samplesCount: 72_000), "\(name)")
            let lengths = items.compactMap { if case .packet(_, let samples) = $0 { samples } else { nil } }
            #expect(lengths.reduce(0, +) >= 72_000, "\(name)")
        }
    }
}
