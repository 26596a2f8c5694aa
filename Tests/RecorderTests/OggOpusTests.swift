import Testing

@testable import Recorder

@Suite("Ogg Opus")
struct OggOpusTests {
    @Test func readsWhatItWroteHoweverTheBytesAreCut() throws {
        let bytes = OpusFixture.stream(packets: 173)
        let expected =
            [OggOpusItem.head(OpusFixture.head), .tags(OpusFixture.tags)]
            + (0..<173).map { .packet(OpusFixture.packet($0), samples: 960) }
            + [.end(samplesCount: 173 * 960 - 312)]
        try everySplit(bytes) { pieces, name in
            let reader = OggOpusReader()
            let items = try pieces.flatMap { try reader.feed($0) }
            try reader.finish()
            #expect(items == expected, "\(name)")
        }
    }

    @Test(arguments: [1, 49, 50, 51, 500])
    func opusinfoFindsNothingWrong(packets: Int) throws {
        let folder = TemporaryFolder()
        let judged = try OpusFixture.opusinfo(of: OpusFixture.stream(packets: packets), in: folder)
        #expect(judged.code == 0, "\(judged.words)")
        #expect(!judged.words.contains("WARNING"), "\(judged.words)")
        #expect(judged.words.contains("TITLE=大单元·\u{2CB4E}"))
    }

    @Test func refusesEveryChangedByte() throws {
        let bytes = OpusFixture.stream(packets: 60)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x10
            #expect(throws: OggOpusFailure.self, "byte \(index)") {
                let items = try OpusFixture.items(changed)
                // A page whose length was changed waits for bytes that never come: the end is missing.
                if items.last != .end(samplesCount: 60 * 960 - 312) { throw OggOpusFailure.pageMissing }
            }
        }
    }

    @Test func refusesAMissingPageAndWhatIsNoOpus() throws {
        let bytes = OpusFixture.stream(packets: 200)
        let pages = bytes.indices.filter { bytes[$0...].starts(with: Array("OggS".utf8)) }
        let without = Array(bytes[..<pages[3]] + bytes[pages[4]...])
        #expect(throws: OggOpusFailure.pageMissing) { try OpusFixture.items(without) }
        #expect(throws: OggOpusFailure.notOpus) { try OpusFixture.items([]) }
        #expect(throws: OggOpusFailure.notOpus) { try OpusFixture.items(Array(bytes[pages[2]...])) }
        #expect(throws: OggOpusFailure.pageInvalid(byteOffset: 0)) {
            try OpusFixture.items(Array("RIFF0000WAVE".utf8) + [UInt8](repeating: 0, count: 400))
        }
    }

    @Test func readsStreamsOneAfterTheOther() throws {
        let items = try OpusFixture.items(OpusFixture.stream(packets: 3) + OpusFixture.stream(packets: 2))
        #expect(items.filter { if case .packet = $0 { true } else { false } }.count == 5)
        #expect(items.filter { if case .head = $0 { true } else { false } }.count == 2)
    }

    @Test func readsHeadersStrictly() {
        #expect(OpusHead(packet: OpusFixture.head.packet) == OpusFixture.head)
        #expect(OpusTags(packet: OpusFixture.tags.packet) == OpusFixture.tags)
        for length in 0..<OpusFixture.head.packet.count {
            #expect(OpusHead(packet: Array(OpusFixture.head.packet.prefix(length))) == nil)
        }
        for length in 0..<OpusFixture.tags.packet.count {
            #expect(OpusTags(packet: Array(OpusFixture.tags.packet.prefix(length))) == nil)
        }
        let hostile = OpusTags.magic + [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]
        #expect(OpusTags(packet: hostile) == nil)
        #expect(OpusTags(packet: OpusTags.magic + [0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]) == nil)
    }

    @Test func knowsHowLongPacketsLast() {
        #expect(OpusPacket.samples(OpusFixture.silence) == 960)
        #expect(OpusPacket.samples([0xF8]) == 960)
        #expect(OpusPacket.samples([0x78, 1]) == 960)
        #expect(OpusPacket.samples([]) == nil)
        #expect(OpusPacket.samples([0xFB]) == nil)
        #expect(OpusPacket.samples([0xFB, 0xFF]) == nil)
        #expect(OpusPacket.samples([UInt8](repeating: 0xF8, count: 70_000)) == nil)
        #expect(OpusPacket.filler(like: [0xFD, 2, 3]).packet == [0xFC])
    }

    /// A file that was being written when the process died, torn at every byte of its last two pages.
    @Test func repairsAFileTornAnywhere() throws {
        let folder = TemporaryFolder()
        let storage = FileStorage(root: folder.path)
        let bytes = OpusFixture.stream(packets: 130, isEnded: false)
        let pages = bytes.indices.filter { bytes[$0...].starts(with: Array("OggS".utf8)) }
        #expect(pages.count == 5)
        for length in pages[3]...bytes.count {
            try storage.replace("torn.opus", with: Array(bytes.prefix(length)))
            let repaired = try #require(try OggOpusRepair.close("torn.opus", in: storage))
            let seconds = length == bytes.count ? 130 : length >= pages[4] ? 100 : 50
            #expect(repaired.samples == seconds * 960, "cut at \(length)")
            let now = try storage.readWhole("torn.opus", bytesMaximum: 1_000_000)
            #expect(repaired.sha256 == Digest.sha256(now))
            let items = try OpusFixture.items(now)
            #expect(items.count == seconds + 3, "cut at \(length)")
            #expect(items.last == .end(samplesCount: seconds * 960 - 312))
            if length.isMultiple(of: 29) || length == bytes.count {
                let judged = try OpusFixture.opusinfo(folder.path + "/torn.opus")
                #expect(
                    judged.code == 0 && !judged.words.contains("WARNING"), "cut at \(length): \(judged.words)"
                )
            }
            // A second repair changes nothing.
            #expect(try OggOpusRepair.close("torn.opus", in: storage)?.sha256 == repaired.sha256)
        }
        for length in 0...pages[2] {
            try storage.replace("torn.opus", with: Array(bytes.prefix(length)))
            #expect(try OggOpusRepair.close("torn.opus", in: storage) == nil, "no sound in \(length) bytes")
            #expect(try !storage.exists("torn.opus"))
        }
    }
}
