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

    /// A call that no opening comes to.
    private static let never = 1_000
    private static let poll = PollID(unchecked: "p1")

    private func run(_ storage: VirtualStorage, takesSnapshots: Bool = false) throws -> Acknowledged {
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
                if takesSnapshots { files.saveSnapshot(to: storage) }
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
        // Opened from the snapshot first, where there is one: that must not be another class.
        let opened = try? ClassFolder.open(Fixture.session, in: storage, eventsAfter: .max).state
        if let opened, let read = try? ClassFolder.read(Fixture.session, in: storage) {
            #expect(opened.base == Self.session(of: read), "\(name): not what the log says")
            let referred = Set(read.events.flatMap(\.event.textReferences).map(\.ref))
            let texts = read.textEntries.filter { referred.contains($0.ref) }
            #expect(Set(opened.texts) == Set(texts), "\(name): not the texts of its events")
        }
        let recovered: RecoveredClass
        do throws(ClassFolderFailure) {
            recovered = try ClassFolder.open(Fixture.session, in: storage)
        } catch {
            #expect(!told.isCreated && error == .storage(.missing), "\(name): \(error)")
            return
        }
        #expect(recovered.events.starts(with: told.events), "\(name): an acknowledged event is missing")
        #expect([0, 1].contains(recovered.events.count % 4), "\(name): half a batch")
        #expect(
            Set(told.texts).isSubset(of: recovered.state.texts), "\(name): an acknowledged text is missing")
        for recorded in recovered.events {
            if case .chatPosted(_, _, let reference) = recorded.event {
                #expect(
                    recovered.state.texts.contains { $0.reference == reference },
                    "\(name): an event without its text")
            }
        }
        let seats = recovered.state.boxes.flatMap(\.seats)
        #expect(Set(told.seats).isSubset(of: seats), "\(name): an acknowledged ballot is missing")
        if told.isClosed { #expect(recovered.state.boxes.allSatisfy { $0.isSealed }, "\(name)") }
        let isClosedInLog = recovered.events.contains {
            if case .pollClosed = $0.event { true } else { false }
        }
        #expect(
            !isClosedInLog || recovered.state.boxes.allSatisfy { $0.isSealed && $0.options.isEmpty },
            "\(name)")
        try checkGoesOn(recovered, storage, name)
    }

    private static func session(of contents: ClassContents) -> Session {
        var session = Session(id: Fixture.session)
        for recorded in contents.events { session.apply(recorded) }
        return session
    }

    /// What recovery gave back is itself durable, and the class goes on from it.
    private func checkGoesOn(_ recovered: RecoveredClass, _ storage: VirtualStorage, _ name: String) throws {
        storage.crash()
        let again = try ClassFolder.open(Fixture.session, in: storage)
        #expect(again.events == recovered.events, "\(name): recovery told what was not durable")
        #expect(
            again.state.boxes == recovered.state.boxes
                && Set(again.state.texts) == Set(recovered.state.texts), "\(name)")
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

    /// With a snapshot taken after every few commits: it is whole, the one before, or none.
    @Test func mayComeWhileSnapshotsAreTaken() throws {
        let whole = VirtualStorage()
        _ = try run(whole, takesSnapshots: true)
        #expect(whole.contents(ClassPaths(Fixture.session).snapshot) != nil)
        for seed in 0..<3 as Range<UInt64> {
            for call in 0...whole.callsCount {
                let storage = VirtualStorage(seed: seed &* 1_000 &+ UInt64(call))
                storage.powerCutAtCall = call
                let told = try run(storage, takesSnapshots: true)
                if seed.isMultiple(of: 3) { storage.killProcess() } else { storage.crash() }
                try check(told, storage, "snapshots, seed \(seed), call \(call)")
            }
        }
    }

    /// What the kernel gave up writing can be read after a kill and is gone after the next power cut, unless
    /// recovery writes it again; and the power may go in the midst of that.
    @Test func mayComeWhileTheTailIsWrittenAgain() throws {
        for takesSnapshots in [false, true] {
            let whole = VirtualStorage()
            _ = try run(whole, takesSnapshots: takesSnapshots)
            for failing in 0..<whole.callsCount {
                for cut in Array(stride(from: failing % 6, to: 24, by: 6)) + [Self.never] {
                    let storage = VirtualStorage(seed: UInt64(failing &* 31 &+ cut))
                    storage.failures = [failing: .io(errno: 5)]
                    let told = try run(storage, takesSnapshots: takesSnapshots)
                    storage.killProcess()
                    storage.powerCutAtCall = storage.callsCount + cut
                    let opened = try? ClassFolder.open(Fixture.session, in: storage, eventsAfter: .max).state
                    storage.crash()
                    let name = "call \(failing) fails, power cut at \(cut) of the opening"
                    if let opened {
                        let again = try ClassFolder.open(Fixture.session, in: storage, eventsAfter: .max)
                            .state
                        #expect(again.base == opened.base, "\(name): it told what was not durable")
                        #expect(again.texts == opened.texts, "\(name): it told what was not durable")
                    }
                    try check(told, storage, name)
                }
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
                _ = try? ClassFolder.open(
                    Fixture.session, in: storage, eventsAfter: call.isMultiple(of: 2) ? .max : 0)
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
                    _ = try ClassFolder.open(Fixture.session, in: storage)
                }
                storage.crash()
                try check(told, storage, "call \(call) fails with \(failure)")
            }
        }
    }
}
