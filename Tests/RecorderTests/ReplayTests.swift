import SessionModel
import TestSupport
import Testing

@testable import Recorder

@Suite("Replay")
struct ReplayTests {
    private func event(_ n: UInt64, at milliseconds: Int64, _ event: Event) -> RecordedEvent {
        RecordedEvent(n: n, t: SessionTime(milliseconds: milliseconds), by: .relay, cause: nil, event: event)
    }

    private var events: [RecordedEvent] {
        [
            event(1, at: 0, .opened), event(2, at: 1_000, .started),
            event(3, at: 4_000, .handRaised(Fixture.lin)),
            event(4, at: 10_000, .breakStarted(plannedMinutes: 10)),
            event(5, at: 12_000, .handRaised(Fixture.wang)),
            event(6, at: 610_000, .breakEnded), event(7, at: 620_000, .ended(.requested)),
        ]
    }

    private var manifest: Manifest {
        let segment = AudioSegment(
            file: "a.opus", track: TrackID(1), seat: Fixture.lin, run: 1, channels: 1, firstSequence: 0,
            lastSequence: nil, firstCapture: 0, samples: 312 + 6 * 48_000, preSkip: 312,
            anchors: [AudioAnchor(fileMilliseconds: 0, session: SessionTime(milliseconds: 2_000))],
            state: .closed,
            sha256: nil)
        return Manifest(session: Fixture.session, segments: [segment])
    }

    private func words(_ items: [ReplayItem]) -> [String] {
        items.map { item in
            switch item {
            case .event(let recorded): "\(recorded.n)"
            case .soundBegins(_, let file): "sound from \(file)"
            case .soundEnds: "silence"
            case .finished: "finished"
            }
        }
    }

    @Test func comesToEverythingInItsTime() {
        var replay = Replay(events: events, manifest: manifest)
        #expect(replay.nextDeadline == nil && words(replay.advance(to: 50)) == ["1"])
        replay.resume(at: 100)
        #expect(replay.nextDeadline == 1_100)
        #expect(words(replay.advance(to: 1_099)) == [])
        #expect(words(replay.advance(to: 1_100)) == ["2"])
        #expect(words(replay.advance(to: 8_100)) == ["sound from 0", "3", "silence"])
        replay.pause(at: 9_000)
        #expect(replay.position(at: 99_000).milliseconds == 8_900)
        replay.resume(at: 99_000)
        #expect(words(replay.advance(to: 100_100)) == ["4"])
        #expect(words(replay.advance(to: 10_000_000)) == ["5", "6", "7", "finished"])
        #expect(replay.nextDeadline == nil && words(replay.advance(to: 20_000_000)) == [])
    }

    @Test func goesFasterAndPassesOverBreaks() {
        var replay = Replay(events: events, manifest: manifest, speedPercent: 200, skipsBreaks: true)
        replay.resume(at: 0)
        #expect(words(replay.advance(to: 4_999)) == ["1", "2", "sound from 0", "3", "silence"])
        #expect(words(replay.advance(to: 5_000)) == ["4", "5", "6"])
        #expect(replay.position(at: 5_000).milliseconds == 610_000)
        #expect(replay.nextDeadline == 10_000)
        replay.setSpeed(percent: 100_000, at: 6_000)
        #expect(replay.speedPercent == 400 && replay.position(at: 7_000).milliseconds == 616_000)
        #expect(words(replay.advance(to: 8_000)) == ["7", "finished"])
    }

    @Test func findsTheSoundOfAnyPlace() {
        var replay = Replay(events: events, manifest: manifest)
        #expect(words(replay.seek(to: SessionTime(milliseconds: 5_500), at: 0)) == ["sound from 3500"])
        replay.resume(at: 0)
        #expect(words(replay.advance(to: 4_500)) == ["silence", "4"])
        #expect(words(replay.seek(to: SessionTime(milliseconds: 11_000), at: 5_000)) == [])
        #expect(words(replay.advance(to: 6_000)) == ["5"])
        #expect(words(replay.seek(to: .zero, at: 6_000)) == [])
        #expect(words(replay.advance(to: 7_000)) == ["1", "2"])
    }

    /// At any speed and with any steps everything comes once and in order.
    @Test func tellsEverythingOnceWhateverTheSteps() {
        for seed in 0..<100 as Range<UInt64> {
            var lots = SeededGenerator(seed: seed)
            var replay = Replay(
                events: events, manifest: manifest, speedPercent: .random(in: 1...500, using: &lots),
                skipsBreaks: .random(using: &lots))
            var now: Int64 = .random(in: -1_000...1_000_000, using: &lots)
            replay.resume(at: now)
            var told: [String] = []
            while told.last != "finished" {
                now += .random(in: 1...20_000, using: &lots)
                if Int.random(in: 0..<5, using: &lots) == 0 {
                    replay.setSpeed(percent: .random(in: 25...400, using: &lots), at: now)
                }
                told += words(replay.advance(to: now))
            }
            #expect(
                told == ["1", "2", "sound from 0", "3", "silence", "4", "5", "6", "7", "finished"],
                "seed \(seed)")
        }
    }
}
