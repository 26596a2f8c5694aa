import SessionModel
import TestSupport
import Testing

@testable import Recorder

@Suite("Ballot boxes")
struct BallotBoxTests {
    private let poll = PollID(unchecked: "p1")

    private func ballots() -> [Ballot] {
        [0, 2, 1, 1, 0, 2, 2].enumerated().map { index, option in
            Ballot(poll: poll, seat: SeatID(unchecked: "s\(index + 1)"), option: option)
        }
    }

    @Test func sameVotesInAnyOrderAreTheSameBytes() {
        var expected: [UInt8]?
        for seed in 0..<200 as Range<UInt64> {
            var lots = SeededGenerator(seed: seed)
            var box = BallotBox(poll: poll)
            for ballot in ballots().shuffled(using: &lots) { box.cast(ballot) }
            #expect(expected == nil || expected == box.fileBytes(), "seed \(seed)")
            expected = box.fileBytes()
        }
    }

    /// Whoever swaps the answers of two people gets the same file: it cannot say who chose what.
    @Test func swappingTwoVotersChangesNothing() {
        var box = BallotBox(poll: poll)
        var swapped = BallotBox(poll: poll)
        for ballot in ballots() { box.cast(ballot) }
        let options = ballots().map(\.option)
        for (index, ballot) in ballots().enumerated() {
            swapped.cast(Ballot(poll: poll, seat: ballot.seat, option: options[options.count - 1 - index]))
        }
        #expect(box.fileBytes() == swapped.fileBytes())
    }

    @Test func aSeatVotesOnce() {
        var box = BallotBox(poll: poll)
        box.cast(Ballot(poll: poll, seat: Fixture.lin, option: 1))
        box.cast(Ballot(poll: poll, seat: Fixture.lin, option: 2))
        #expect(box.seats == [Fixture.lin] && box.options == [1])
    }

    @Test func readsWhatItWroteAndNothingElse() {
        var box = BallotBox(poll: poll)
        for ballot in ballots() { box.cast(ballot) }
        #expect(BallotBox(fileBytes: box.fileBytes()) == box)
        box.seal()
        #expect(BallotBox(fileBytes: box.fileBytes()) == box)
        #expect(String(decoding: box.fileBytes(), as: UTF8.self).contains("ballots") == false)
        for text in ["", "{}", #"{"v":1,"poll":"p1","seats":["s2","s1"],"ballots":[0,1]}"#, "[1]"] {
            #expect(BallotBox(fileBytes: Array(text.utf8)) == nil)
        }
    }
}
