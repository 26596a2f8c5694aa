import SessionModel
import TestSupport
import Testing

@testable import Recorder

/// The power goes off before every single call to the disk, and what was not synced is lost in many ways.
@Suite("Power cuts")
struct PowerCutTests {
    /// What a run had been told is durable when the power went.
    private struct Acknowledged {
        var isCreated = false
        var events: [RecordedEvent] = []
        var texts: [TextEntry] = []
        var seats: [SeatID] = []
        var isClosed = false
    }

    private static let poll = PollID(unchecked: "p1")

    private func run(_ storage: VirtualStorage) throws -> Acknowledged {
        var told = Acknowledged()
        do {
            var files = try ClassFolder.create(Fixture.header, in: storage)
            told.isCreated = true
            var n: UInt64 = 0
            for round in 0..<3 as Range<UInt64> {
                // Three commits in one write; the second is a batch of three events.
                let first = try Fixture.chat(n + 1, "第一句·\u{2CB4E}")
                let second = ClassCommit(
                    events: (2...4).map {
                        Fixture.event(n + $0, .handRaised(Fixture.wang), by: .seat(Fixture.wang))
                    })
                let seat = SeatID(unchecked: "s\(round)")
                let third = ClassCommit(ballots: [Ballot(poll: Self.poll, seat: seat, option: Int(round))])
                try files.commit([first, second, third], to: storage)
                n += 4
                told.events += first.events + second.events
                told.texts += first.texts
                told.seats.append(seat)
            }
            let closed = Fixture.event(n + 1, .pollClosed(Self.poll, count: 3, sums: nil))
            try files.commit([ClassCommit(events: [closed])], to: storage)
            told.events.append(closed)
            told.isClosed = true
        } catch is StorageFailure {
            return told
        } catch is CommitFailure {
            return told
        }
        return told
    }

    private func check(_ told: Acknowledged, _ storage: VirtualStorage, _ name: String) throws {
        let recovered: RecoveredClass
        do throws(ClassFolderFailure) {
            recovered = try ClassFolder.open(Fixture.session, in: storage)
        } catch {
            #expect(!told.isCreated && error == .storage(.missing), "\(name): \(error)")
            return
        }
        #expect(recovered.events.starts(with: told.events), "\(name): an acknowledged event is missing")
        #expect([0, 1].contains(recovered.events.count % 4), "\(name): half a batch")
        #expect(Set(told.texts).isSubset(of: recovered.texts), "\(name): an acknowledged text is missing")
        for recorded in recovered.events {
            if case .chatPosted(_, _, let reference) = recorded.event {
                #expect(
                    recovered.texts.contains { $0.reference == reference },
                    "\(name): an event without its text")
            }
        }
        let seats = recovered.boxes.flatMap(\.seats)
        #expect(Set(told.seats).isSubset(of: seats), "\(name): an acknowledged ballot is missing")
        if told.isClosed { #expect(recovered.boxes.allSatisfy { $0.isSealed }, "\(name)") }
        let isClosedInLog = recovered.events.contains {
            if case .pollClosed = $0.event { true } else { false }
        }
        #expect(!isClosedInLog || recovered.boxes.allSatisfy { $0.isSealed && $0.options.isEmpty }, "\(name)")
        try checkGoesOn(recovered, storage, name)
    }

    /// What recovery gave back is itself durable, and the class goes on from it.
    private func checkGoesOn(_ recovered: RecoveredClass, _ storage: VirtualStorage, _ name: String) throws {
        storage.crash()
        let again = try ClassFolder.open(Fixture.session, in: storage)
        #expect(again.events == recovered.events, "\(name): recovery told what was not durable")
        #expect(again.boxes == recovered.boxes && again.texts == recovered.texts, "\(name)")
        var files = again.files
        let next = Fixture.event(again.files.position.n + 1, .opened)
        try files.commit([ClassCommit(events: [next])], to: storage)
        #expect(try ClassFolder.open(Fixture.session, in: storage).events == again.events + [next], "\(name)")
    }

    @Test func takeNothingThatWasAcknowledged() throws {
        let whole = VirtualStorage()
        _ = try run(whole)
        #expect(whole.callsCount > 40)
        for seed in 0..<12 as Range<UInt64> {
            for call in 0...whole.callsCount {
                let storage = VirtualStorage(seed: seed &* 1_000 &+ UInt64(call))
                storage.powerCutAtCall = call
                let told = try run(storage)
                storage.crash()
                try check(told, storage, "seed \(seed), call \(call)")
            }
        }
    }

    /// kill -9 at every call: what recovery reads may stand in the page cache alone, and must not be told to
    /// anybody before it is on the disk.
    @Test func mayFollowAKill() throws {
        let whole = VirtualStorage()
        _ = try run(whole)
        for call in 0...whole.callsCount {
            let storage = VirtualStorage(seed: UInt64(call))
            storage.powerCutAtCall = call
            let told = try run(storage)
            storage.killProcess()
            try check(told, storage, "killed at call \(call)")
        }
    }

    /// A cut in the middle of a recovery is recovered from, too.
    @Test func mayComeDuringRecovery() throws {
        for seed in 0..<10 as Range<UInt64> {
            for call in 0..<30 {
                let storage = VirtualStorage(seed: seed)
                storage.powerCutAtCall = 45
                let told = try run(storage)
                storage.crash()
                storage.powerCutAtCall = storage.callsCount + call
                _ = try? ClassFolder.open(Fixture.session, in: storage, isRewriting: call.isMultiple(of: 2))
                storage.crash()
                try check(told, storage, "seed \(seed), call \(call) of the recovery")
            }
        }
    }

    /// Every call fails once with an error: either the commit says so and the log is as it was, or it has to
    /// be read back; and what was acknowledged before or after is there.
    @Test func everyFailureOfTheDiskIsToldAndSurvived() throws {
        let whole = VirtualStorage()
        _ = try run(whole)
        for failure in [StorageFailure.io(errno: 5), .noSpace] {
            for call in 0..<whole.callsCount {
                let storage = VirtualStorage(seed: UInt64(call))
                storage.failures = [call: failure]
                let told = try run(storage)
                // The process goes on: the class is read back, its log written anew, then the power goes.
                if told.isCreated {
                    _ = try ClassFolder.open(Fixture.session, in: storage, isRewriting: true)
                }
                storage.crash()
                try check(told, storage, "call \(call) fails with \(failure)")
            }
        }
    }
}
