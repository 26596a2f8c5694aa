import Recorder
import SessionModel
import Testing

@testable import LiveRelay

@Suite("Who might be heard when")
struct SoundRightsTests {
    private static let lin = SeatID(unchecked: "s1")
    private static let wang = SeatID(unchecked: "s2")
    private static let track = TrackID(1)
    private static let turn = TrackID(2)

    private static func recorded(_ events: [(Int64, Event)], from n: UInt64 = 1) -> [RecordedEvent] {
        events.enumerated().map { index, entry in
            RecordedEvent(
                n: n + UInt64(index), t: SessionTime(milliseconds: entry.0), by: .relay, cause: nil,
                event: entry.1)
        }
    }

    private static let lesson: [(Int64, Event)] = [
        (0, .joined(lin, person: PersonID(unchecked: "lin"), role: .lecturer, members: [])),
        (0, .joined(wang, person: PersonID(unchecked: "wang"), role: .participant, members: [])),
        (1_000, .started),
        (2_000, .trackOpened(track, seat: lin, codec: .opus, channels: 1)),
        (10_000, .breakStarted(plannedMinutes: 1)),
        (20_000, .breakEnded),
        (30_000, .muted(lin)),
        (40_000, .unmuted(lin)),
        (50_000, .trackOpened(turn, seat: wang, codec: .opus, channels: 1)),
        (60_000, .turnEnded(wang, .staff)),
        (60_000, .trackClosed(turn, .turnEnded)),
        (70_000, .trackClosed(track, .left)),
        (90_000, .ended(.administrator)),
    ]

    private static func allowed(_ rights: SoundRights, _ track: TrackID) -> [Int64] {
        stride(from: 500, to: 100_000, by: 1_000).filter {
            rights.mayRecord(track, at: SessionTime(milliseconds: $0))
        }
    }

    @Test func breaksMutesAndTheEndOfATurnAreObeyed() {
        let rights = SoundRights(Session(id: SessionID(unchecked: "k1")), after: Self.recorded(Self.lesson))
        let teaching = [2_500..<10_000, 20_500..<30_000, 40_500..<90_000].flatMap {
            stride(from: Int64($0.lowerBound), to: Int64($0.upperBound), by: 1_000)
        }
        #expect(Self.allowed(rights, Self.track) == teaching, "a teacher's line may be away for long")
        #expect(Self.allowed(rights, Self.turn) == Array(stride(from: 50_500, to: 60_000, by: 1_000)))
        #expect(rights.seat(of: Self.turn) == Self.wang && Self.allowed(rights, TrackID(9)) == [])
    }

    /// Only the end of the log was read: what is not known is judged by the state, rather too strictly.
    @Test func theStateStandsForWhatWasBefore() {
        var session = Session(id: SessionID(unchecked: "k1"))
        let all = Self.recorded(Self.lesson)
        for event in all.prefix(5) { session.apply(event) }
        let resting = SoundRights(session, after: [])
        #expect(Self.allowed(resting, Self.track) == Array(stride(from: 2_500, to: 10_000, by: 1_000)))
        let known = SoundRights(session, after: Array(all[5..<7]))
        let taught = [2_500..<10_000, 20_500..<30_000].flatMap {
            stride(from: Int64($0.lowerBound), to: Int64($0.upperBound), by: 1_000)
        }
        #expect(Self.allowed(known, Self.track) == taught)
        for event in all[5..<7] { session.apply(event) }
        let muted = SoundRights(session, after: [])
        #expect(Self.allowed(muted, Self.track) == [], "nobody knows since when")
        for event in all[7..<9] { session.apply(event) }
        let open = SoundRights(session, after: [])
        #expect(Self.allowed(open, Self.turn).first == 50_500)
    }
}
