import LiveRelayWire
import Recorder

/// Packets from an Ogg Opus file. What may go on the wire goes as it is; the rest is decoded and encoded
/// anew.
final class OggPackets: PacketSource {
    private(set) var channels = 1
    private let input: ByteInput
    private let reader = OggOpusReader()
    private let decoder: SpeechDecoder
    private var cutter: PacketCutter
    private var waiting: [SourcePacket] = []
    private var isAtEnd = false
    private var isPassedThrough = true

    init(_ input: ByteInput) throws {
        self.input = input
        decoder = try SpeechDecoder()
        cutter = try PacketCutter()
        while waiting.isEmpty, !isAtEnd { try read() }
    }

    func next() throws -> SourcePacket? {
        while waiting.isEmpty, !isAtEnd { try read() }
        return waiting.isEmpty ? nil : waiting.removeFirst()
    }

    private func read() throws {
        let bytes = try input.some(ByteInput.pieceBytes)
        do throws(OggOpusFailure) {
            if bytes.isEmpty {
                isAtEnd = true
                try reader.finish()
            }
            for item in try reader.feed(bytes) { try? take(item) }
        } catch {
            throw CommandFailure(.failed, "audio.notOpus")
        }
        if isAtEnd, !cutter.isEmpty { waiting.append(try cutter.packet()) }
    }

    private func take(_ item: OggOpusItem) throws {
        guard case .packet(let packet, _) = item, let samples = decoder.samples(packet) else { return }
        if waiting.isEmpty, cutter.isEmpty, !AudioMessage.isPublishable(packet, channels: channels) {
            isPassedThrough = false
        }
        if isPassedThrough, AudioMessage.isPublishable(packet, channels: channels) {
            waiting.append(SourcePacket(bytes: packet, isQuiet: SpeechEncoder.isQuiet(samples)))
        } else {
            cutter.append(samples)
            while cutter.hasPacket { waiting.append(try cutter.packet()) }
        }
    }
}
