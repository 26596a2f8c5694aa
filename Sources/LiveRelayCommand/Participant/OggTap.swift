import LiveRelayWire
import Recorder
import SessionModel

/// Writes one track as Ogg Opus, packet by packet, with holes filled so that its time is the class's time.
final class OggTap {
    /// Ten seconds; after a longer silence the file simply goes on.
    static let gapPacketsMaximum: UInt64 = 500
    /// A page for each 200 ms: what listens to the pipe hears it soon.
    private static let pagePackets = 10

    private let output: SoundOutput
    private let title: String
    private var writer: OggOpusWriter?
    private var nextSamples: UInt64?
    private var packetsInPage = 0
    private(set) var packetsCount = 0

    init(_ output: SoundOutput, title: String) {
        self.output = output
        self.title = title
    }

    /// Takes what came of the chosen track.
    func take(_ audio: AudioMessage, channels: Int) {
        guard let first = audio.packets.first else { return }
        if writer == nil {
            let writer = OggOpusWriter(
                serial: UInt32(audio.track.number), head: OpusHead(channels: channels),
                tags: OpusTags(comments: ["TITLE=\(title)"]))
            output.put(writer.headerPages())
            self.writer = writer
        }
        if let next = nextSamples, audio.captureSamples > next {
            let missing = (audio.captureSamples - next) / AudioMessage.samplesPerPacket
            // RFC 6716 §3.2.1: a TOC byte alone is a packet in which nothing was sent.
            let filler = [first[0] & 0xFC]
            for _ in 0..<min(missing, Self.gapPacketsMaximum) { append(filler) }
        }
        for packet in audio.packets { append(packet) }
        let samples = UInt64(audio.packets.count) * AudioMessage.samplesPerPacket
        nextSamples = audio.captureSamples.addingReportingOverflow(samples).partialValue
    }

    /// The last page.
    func end() {
        guard let writer else { return }
        output.put(writer.end())
        self.writer = nil
    }

    private func append(_ packet: [UInt8]) {
        writer?.append(packet, samples: Int(AudioMessage.samplesPerPacket))
        packetsCount += 1
        packetsInPage += 1
        if packetsInPage >= Self.pagePackets, let writer {
            output.put(writer.flush())
            packetsInPage = 0
        }
    }
}
