import LiveRelayWire
import SessionModel

/// Makes one sound of all tracks, 20 ms at a time. Each track waits a little before it begins, so that the
/// network's unevenness is not heard.
final class Mixer {
    /// A track begins when so many samples wait: 80 ms.
    static let startSamples = 4 * SpeechEncoder.frameSamples
    /// More than this is not played but skipped: one second.
    static let waitingSamplesMaximum = 48_000
    /// So much of a hole is filled with what libopus makes up: 100 ms.
    static let concealedPacketsMaximum = 5
    /// Tracks that may be heard at once.
    static let tracksCountMaximum = 16

    private final class Voice {
        let decoder: SpeechDecoder
        var samples: [Float] = []
        var nextSequence: UInt32?
        var isPlaying = false
        var concealedCount = 0

        init() throws { decoder = try SpeechDecoder() }
    }

    private var voices: [TrackID: Voice] = [:]
    /// Holes in what came, since the last time it was asked.
    private var gaps = 0

    /// Takes what came of a track.
    func take(_ audio: AudioMessage) {
        guard let voice = voice(audio.track) else { return }
        for (offset, packet) in audio.packets.enumerated() {
            let sequence = audio.sequence &+ UInt32(offset)
            if let next = voice.nextSequence {
                let missing = sequence &- next
                // An old packet, or a new start of the count.
                if missing > UInt32.max / 2 { continue }
                if missing > 0 { gaps += 1 }
                for _ in 0..<min(Int(missing), Self.concealedPacketsMaximum) where voice.isPlaying {
                    voice.samples += voice.decoder.concealed()
                }
            }
            voice.nextSequence = sequence &+ 1
            voice.samples += voice.decoder.samples(packet) ?? []
        }
        if voice.samples.count > Self.waitingSamplesMaximum {
            voice.samples.removeFirst(voice.samples.count - Self.startSamples)
        }
    }

    /// Forgets tracks that are closed.
    func keep(_ tracks: [TrackID]) { voices = voices.filter { tracks.contains($0.key) } }

    /// Another start of the relay counts anew.
    func restart() { voices = [:] }

    /// The next 20 ms; nil where nobody is heard.
    func next() -> [Float]? {
        var mix = [Float](repeating: 0, count: SpeechEncoder.frameSamples)
        var isHeard = false
        for track in voices.keys.sorted() {
            guard let voice = voices[track], let frame = frame(voice) else { continue }
            isHeard = true
            for index in mix.indices { mix[index] += frame[index] }
        }
        return isHeard ? mix.map { min(max($0, -1), 1) } : nil
    }

    /// Holes since the last time this was asked.
    func takeGaps() -> Int {
        defer { gaps = 0 }
        return gaps
    }

    private func voice(_ track: TrackID) -> Voice? {
        if let voice = voices[track] { return voice }
        guard voices.count < Self.tracksCountMaximum, let voice = try? Voice() else { return nil }
        voices[track] = voice
        return voice
    }

    private func frame(_ voice: Voice) -> [Float]? {
        if !voice.isPlaying {
            guard voice.samples.count >= Self.startSamples else { return nil }
            voice.isPlaying = true
        }
        if voice.samples.count < SpeechEncoder.frameSamples {
            voice.concealedCount += 1
            guard voice.concealedCount <= Self.concealedPacketsMaximum else {
                voice.isPlaying = false
                voice.concealedCount = 0
                return nil
            }
            voice.samples += voice.decoder.concealed()
        } else {
            voice.concealedCount = 0
        }
        guard voice.samples.count >= SpeechEncoder.frameSamples else { return nil }
        let frame = Array(voice.samples[..<SpeechEncoder.frameSamples])
        voice.samples.removeFirst(SpeechEncoder.frameSamples)
        return frame
    }
}
