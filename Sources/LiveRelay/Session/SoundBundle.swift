import LiveRelayWire
import WebSocketCore

/// A message of sound with its frame, on its way to the loops of the listeners. Encoded once for all of them;
/// a loop that is behind joins several to one.
struct SoundBundle: Sendable {
    /// The message.
    let message: AudioMessage
    /// The same, encoded.
    let frame: SharedFrame

    init(_ message: AudioMessage) {
        self.message = message
        frame = .binary(message.bytes)
    }

    /// One bundle in place of this one and the next; nil where the next does not go on from this, or both are
    /// too much for one message.
    func joined(with next: SoundBundle) -> SoundBundle? {
        message.joined(with: next.message).map { SoundBundle($0) }
    }
}

extension AudioMessage {
    /// One message in place of this and the next.
    fileprivate func joined(with next: AudioMessage) -> AudioMessage? {
        // A message without packets stands for silence, which has no length.
        guard !packets.isEmpty, !next.packets.isEmpty, track == next.track, run == next.run,
            UInt64(sequence) + UInt64(packets.count) == UInt64(next.sequence),
            packets.count + next.packets.count <= Self.packetsCountMaximum
        else { return nil }
        // Quiet is what is quiet from end to end.
        return AudioMessage(
            flags: flags.intersection(next.flags), track: track, run: run, sequence: sequence,
            captureSamples: captureSamples, packets: packets + next.packets)
    }
}
