import Foundation
import LiveRelayWire
import Recorder
import SessionModel
import Testing

@testable import LiveRelayCommand

@Suite("Client: audio")
struct ClientAudioTests {
    /// A WAV file of a tone.
    private func wave(
        rate: Int, channels: Int = 1, bits: Int = 16, tag: Int = 1, seconds: Double = 0.5,
        declared: Int? = nil, extra: [UInt8] = []
    ) -> [UInt8] {
        var sound: [UInt8] = []
        for index in 0..<Int(Double(rate) * seconds) {
            let value = sin(Double(index) * 2 * .pi * 440 / Double(rate)) * 0.5
            for _ in 0..<channels { sound += sample(value, bits: bits, tag: tag) }
        }
        let block = channels * bits / 8
        let format =
            le(tag, 2) + le(channels, 2) + le(rate, 4) + le(rate * block, 4) + le(block, 2) + le(bits, 2)
        let body =
            Array("WAVEfmt ".utf8) + le(16, 4) + format + extra + Array("data".utf8)
            + le(declared ?? sound.count, 4) + sound
        return Array("RIFF".utf8) + le(body.count, 4) + body
    }

    private func sample(_ value: Double, bits: Int, tag: Int) -> [UInt8] {
        if tag == 3 {
            return bits == 32
                ? le(Int(Float(value).bitPattern), 4)
                : withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
        }
        if bits == 8 { return [UInt8(128 + value * 127)] }
        return le(Int(value * Double((1 << (bits - 1)) - 1)), bits / 8)
    }

    private func le(_ number: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    private func packets(_ bytes: [UInt8]) throws -> [SourcePacket] {
        let source = try SourcePlan.source(ByteInput(bytes: bytes, name: "test"))
        var packets: [SourcePacket] = []
        while let packet = try source.next() { packets.append(packet) }
        return packets
    }

    @Test func wavesOfAnyRateAndWidthBecomePackets() throws {
        let kinds: [(rate: Int, channels: Int, bits: Int, tag: Int)] = [
            (48_000, 1, 16, 1), (44_100, 2, 16, 1), (16_000, 1, 8, 1), (8_000, 1, 16, 1), (96_000, 2, 24, 1),
            (22_050, 1, 32, 1), (48_000, 2, 32, 3), (11_025, 1, 64, 3), (192_000, 6, 16, 1),
        ]
        for kind in kinds {
            let bytes = wave(rate: kind.rate, channels: kind.channels, bits: kind.bits, tag: kind.tag)
            let packets = try packets(bytes)
            #expect((25...26).contains(packets.count), "\(kind): \(packets.count)")
            #expect(packets.allSatisfy { AudioMessage.isPublishable($0.bytes, channels: 1) })
            #expect(packets.dropFirst().dropLast(2).allSatisfy { !$0.isQuiet }, "\(kind)")
        }
    }

    @Test func aToneSurvivesResampling() {
        for rate in [8_000, 16_000, 44_100, 96_000] {
            var resampler = Resampler(from: rate)
            let input = (0..<rate / 2).map { Float(sin(Double($0) * 2 * .pi * 440 / Double(rate)) * 0.5) }
            var output: [Float] = []
            for start in stride(from: 0, to: input.count, by: 317) {
                output += resampler.process(Array(input[start..<min(start + 317, input.count)]))
            }
            output += resampler.flush()
            #expect(abs(output.count - 24_000) <= 48, "\(rate): \(output.count)")
            var worst: Float = 0
            for index in 2_000..<22_000 {
                worst = max(
                    worst, abs(output[index] - Float(sin(Double(index) * 2 * .pi * 440 / 48_000) * 0.5)))
            }
            #expect(worst < 0.01, "\(rate): \(worst)")
        }
    }

    @Test func brokenWavesAreToldApart() throws {
        let good = wave(rate: 48_000)
        let cases: [([UInt8], String)] = [
            ([], "audio.notWave"), (Array("RIFF".utf8), "audio.notWave"),
            (Array(repeating: 0x41, count: 100), "audio.notWave"),
            (Array(good[..<20]), "audio.truncated"), (Array(good[..<36]), "audio.noSound"),
            (wave(rate: 48_000, seconds: 0), "audio.noSound"), (Array(good[..<44]), "audio.noSound"),
            (wave(rate: 48_000, tag: 2), "audio.formatUnsupported"),
            (wave(rate: 48_000, channels: 0), "audio.formatUnsupported"),
            (wave(rate: 10), "audio.formatUnsupported"),
            (wave(rate: 48_000, extra: Array("LIST".utf8) + le(0x7FFF_FFFF, 4)), "audio.truncated"),
        ]
        for (index, (bytes, key)) in cases.enumerated() {
            do {
                _ = try packets(bytes)
                Issue.record("case \(index) was read")
            } catch let failure as CommandFailure {
                #expect(failure.key == key, "case \(index)")
            }
        }
    }

    @Test func anyCutOrFlippedByteIsAnErrorAndNoTrap() throws {
        let good = wave(rate: 8_000, seconds: 0.05, extra: Array("LIST".utf8) + le(3, 4) + [1, 2, 3, 0])
        for count in 0..<good.count { _ = try? packets(Array(good[..<count])) }
        for position in 0..<60 {
            for value in [UInt8(0), 0x7F, 0x80, 0xFF] {
                var bytes = good
                bytes[position] = value
                _ = try? packets(bytes)
            }
        }
    }

    @Test func aWaveFromAPipeHasNoLength() throws {
        #expect(try packets(wave(rate: 48_000, declared: 0xFFFF_FFFF)).count == 25)
        #expect(try packets(wave(rate: 48_000, declared: 1_000_000)).count == 25)
    }

    @Test func packetsOfAnOggFileGoAsTheyAreWhereTheWireTakesThem() throws {
        let encoder = try SpeechEncoder()
        let writer = OggOpusWriter(serial: 7, head: OpusHead(channels: 1), tags: OpusTags(comments: []))
        var file = writer.headerPages()
        var written: [[UInt8]] = []
        for number in 0..<30 {
            let tone = (0..<960).map { Float(sin(Double($0 + number * 960) * 0.05) * 0.3) }
            written.append(try encoder.packet(tone).bytes)
            writer.append(written[number], samples: 960)
            if number % 7 == 0 { file += writer.flush() }
        }
        file += writer.end()
        #expect(try packets(file).map(\.bytes) == written)
        for count in stride(from: 4, to: file.count, by: 97) { _ = try? packets(Array(file[..<count])) }

        // Two frames in one packet (code 1) are not for the wire: they are decoded and encoded anew.
        let double = OggOpusWriter(serial: 8, head: OpusHead(channels: 1), tags: OpusTags(comments: []))
        var other = double.headerPages()
        let quiet = [UInt8](repeating: 0, count: 10)
        for _ in 0..<10 { double.append([0x49] + quiet, samples: 1_920) }
        other += double.end()
        let again = try packets(other)
        #expect(again.count == 20)
        #expect(again.allSatisfy { AudioMessage.isPublishable($0.bytes, channels: 1) })
        do {
            _ = try packets(Array("OggS".utf8) + Array(repeating: 0, count: 200))
            Issue.record("no Ogg was read")
        } catch let failure as CommandFailure {
            #expect(failure.key == "audio.notOpus")
        }
    }

    @Test func silenceIsQuiet() throws {
        #expect(SpeechEncoder.isQuiet(Array(repeating: 0.001, count: 960)))
        #expect(!SpeechEncoder.isQuiet(Array(repeating: 0.1, count: 960)))
    }

    @Test func tracksAreMixedAndHolesConcealed() throws {
        let encoder = try SpeechEncoder()
        let tone = (0..<960).map { Float(sin(Double($0) * 0.1) * 0.3) }
        let mixer = Mixer()
        #expect(mixer.next() == nil)
        for sequence in UInt32(0)..<10 where sequence != 6 {
            for track in [UInt16(1), 2] {
                mixer.take(
                    AudioMessage(
                        flags: [], track: TrackID(track), run: 1, sequence: sequence, captureSamples: 0,
                        packets: [try encoder.packet(tone).bytes]))
            }
            if sequence == 4 { #expect(mixer.next() != nil) }
        }
        var frames = 1
        while mixer.next() != nil, frames < 100 { frames += 1 }
        #expect((10...16).contains(frames), "\(frames)")
        #expect(mixer.takeGaps() == 2)
        #expect(mixer.next() == nil)
    }

    @Test func theDemoNamesStubbornPeople() {
        let people = DemoPerson.present
        #expect(people.count == 12)
        #expect(Set(people.map(\.number)).count == 12)
        #expect(people.filter { $0.name == "王芳" }.count == 2)
        #expect(people.contains { $0.name.unicodeScalars.contains { $0.value == 0x2CB4E } })
        #expect(people.contains { $0.name.contains("·") })
        #expect(people.contains { $0.number.count == 18 })
        for step in DemoScript.steps {
            if case .chat(_, let text) = step.act {
                #expect(text.count <= SessionLimits.chatCharactersMaximum)
            }
        }
    }

    /// A semaphore that goes away below its first value ends the program.
    @Test func aSpeakerMayGoWhilePacketsAreOnTheirWay() {
        let credit = PacketReader.makeCredit()
        for _ in 0..<3 { credit.wait() }
    }
}
