import LiveRelayClient
import LiveRelayWire
import SessionModel
import WebSocketCore

/// Plays a class as one sound: takes what the client hears, mixes it, and writes s16le at 48 kHz at an even
/// pace. Lives on the loop of its client.
final class Loudspeaker {
    /// 20 ms.
    private static let frameMilliseconds: UInt64 = 20
    /// The wire asks for a report at most every 10 s.
    private static let reportMilliseconds: UInt64 = 10_000

    /// A program that stood still for longer does not make up for it: ten seconds.
    private static let lagFramesMaximum: UInt64 = 500

    private unowned let client: ClassroomClient
    private unowned let core: LoopCore
    private let output: SoundOutput
    private let mixer = Mixer()
    private var start: UInt64?
    private var framesCount: UInt64 = 0
    private var reportedAt: UInt64?
    private var run: UInt32?
    private var isStopped = false
    /// Frames of sound that were written.
    private(set) var playedCount = 0

    init(_ client: ClassroomClient, on core: LoopCore, _ output: SoundOutput) {
        self.client = client
        self.core = core
        self.output = output
        arm()
    }

    /// Takes in what the client was told.
    func take(_ notice: ClassroomNotice) {
        switch notice {
        case .audio(let audio):
            if run != audio.run {
                run = audio.run
                mixer.restart()
            }
            mixer.take(audio)
            if start == nil { start = core.now }
        case .event(let event) where event.event.type == "trackClosed":
            mixer.keep((client.classroom?.tracks ?? []).map(\.track))
        default: break
        }
    }

    /// Stops.
    func stop() { isStopped = true }

    private func arm() {
        core.schedule(afterMilliseconds: Self.frameMilliseconds) { [weak self] in
            guard let self, !self.isStopped else { return }
            self.arm()
            self.play()
        }
    }

    private func play() {
        report()
        guard let start else { return }
        let due = (core.now - start) / Self.frameMilliseconds
        if due > framesCount + Self.lagFramesMaximum { framesCount = due - 1 }
        while framesCount < due {
            framesCount += 1
            let silence = [Float](repeating: 0, count: SpeechEncoder.frameSamples)
            let frame = mixer.next()
            if frame != nil { playedCount += 1 }
            // Silence is written as well: what is recorded from here keeps its time.
            output.put(PCMPackets.bytes(frame ?? silence))
        }
    }

    private func report() {
        guard client.isInClass, core.now >= (reportedAt ?? 0) + Self.reportMilliseconds || reportedAt == nil
        else { return }
        reportedAt = core.now
        let delay = 80 + (client.roundTripMilliseconds ?? 0) / 2
        client.report(
            PlaybackReport(
                state: .playing, delayMilliseconds: Int(clamping: delay), gaps: mixer.takeGaps()))
    }
}
