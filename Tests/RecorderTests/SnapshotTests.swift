import SessionModel
import TestSupport
import Testing

@testable import Recorder

/// A snapshot saves reading, and is never believed where the log says otherwise.
@Suite("Snapshots")
struct SnapshotTests {
    private let paths = ClassPaths(Fixture.session)

    /// A class with something of everything that is in a state.
    private static let lesson: [Event] = {
        let roles: [Role] = [.lecturer, .participant, .participant, .assistant, .supervisor]
        let joins = roles.enumerated().map { index, role in
            Event.joined(
                SeatID(unchecked: "s\(index + 1)"), person: PersonID(unchecked: "person\(index)"),
                role: role, members: index == 1 ? [PersonID(unchecked: "guest")] : [])
        }
        let (s2, s3) = (SeatID(unchecked: "s2"), SeatID(unchecked: "s3"))
        return [.scheduled(Fixture.plan), .peopleExpected([PersonID(unchecked: "person1")])]
            + [.relayStarted(run: 1, wall: WallTime(milliseconds: 1_795_422_600_000)), .opened] + joins
            + [
                .started, .handRaised(s2), .handRaised(s3), .calledToSpeak(s2),
                .trackOpened(TrackID(1), seat: s2, codec: .opus, channels: 1), .muted(s3),
                .playbackChanged(s3, .notPlaying(.blocked)), .recordingPaused(.tooSlow),
                .interrupted(s3, .network), .interrupted(Fixture.lin, .server),
                .breakStarted(plannedMinutes: 5),
                .removed(SeatID(unchecked: "s4"), isBanned: true), .left(SeatID(unchecked: "s5"), .timedOut),
                .left(Fixture.lin, .requested),
            ]
    }()

    private func question(_ number: Int, _ secrecy: PollSecrecy) throws -> PollQuestion {
        PollQuestion(
            question: try Fixture.text(900 + number, "问").reference,
            options: [
                try Fixture.text(910 + number, "甲").reference, try Fixture.text(920 + number, "乙").reference,
            ],
            secrecy: secrecy)
    }

    private func commits() throws -> [ClassCommit] {
        let (p1, p2) = (PollID(unchecked: "p1"), PollID(unchecked: "p2"))
        let polls: [Event] = [
            .pollOpened(p1, try question(1, .named)), .voteCast(p1, seat: Fixture.wang, option: 1),
            .voteCast(p1, seat: Fixture.lin, option: 0), .pollClosed(p1, count: 2, sums: [1, 1]),
            .pollOpened(p2, try question(2, .anonymous)),
        ]
        var n: UInt64 = 0
        var commits = try (Self.lesson + polls).map { event in
            n += 1
            let by = n.isMultiple(of: 3) ? Actor.seat(Fixture.wang) : .relay
            let cause = n.isMultiple(of: 3) ? "k\(n)" : nil
            var commit = ClassCommit(events: [Fixture.event(n, event, by: by, cause: cause)])
            if case .joined(_, let person, _, _) = event {
                let entry = PersonEntry(
                    person: person, name: "名·\(person)", number: "007", affiliation: nil, source: .roster)
                commit.people = [try #require(entry)]
            }
            if case .pollOpened(let poll, _) = event {
                let number = poll == p1 ? 1 : 2
                commit.texts = [
                    try Fixture.text(900 + number, "问"), try Fixture.text(910 + number, "甲"),
                    try Fixture.text(920 + number, "乙"),
                ]
            }
            return commit
        }
        commits[n == 0 ? 0 : Int(n) - 1].ballots = [Ballot(poll: p2, seat: Fixture.wang, option: 1)]
        for _ in 0..<230 {
            n += 1
            commits.append(try Fixture.chat(n, "第\(n)句"))
        }
        n += 1
        let hidden = Event.chatHidden(ChatID(unchecked: "c\(n - 3)"))
        return commits + [ClassCommit(events: [Fixture.event(n, hidden)])]
    }

    /// A class with a snapshot behind so many commits.
    private func makeClass(
        _ storage: VirtualStorage, snapshotAfter count: Int
    ) throws -> ClassFiles {
        var files = try ClassFolder.create(Fixture.header, in: storage)
        for (index, commit) in try commits().enumerated() {
            if index == count { files.saveSnapshot(to: storage) }
            try files.commit([commit], to: storage)
        }
        return files
    }

    private func isSame(_ left: ClassState, _ right: ClassState) -> Bool {
        left.session == right.session && left.texts == right.texts && left.people == right.people
            && left.boxes == right.boxes && left.header == right.header
    }

    @Test func theClassIsTheSameWhereverTheSnapshotWasTaken() throws {
        let plain = VirtualStorage()
        _ = try makeClass(plain, snapshotAfter: .max)
        let whole = try ClassFolder.open(Fixture.session, in: plain, eventsAfter: .max).state
        #expect(whole.session.lastN == UInt64(try commits().count) && whole.boxes.count == 1)
        #expect(whole.texts.count == 206, "only what people can still see")
        for count in stride(from: 1, to: try commits().count, by: 23) {
            let storage = VirtualStorage()
            var files = try makeClass(storage, snapshotAfter: count)
            let found = try ClassFolder.findSnapshot(of: Fixture.session, in: storage, notAfter: .max)
            #expect(found.taken?.place.n == UInt64(count))
            #expect(isSame(try ClassFolder.state(of: Fixture.session, in: storage), whole), "\(count)")
            let opened = try ClassFolder.open(Fixture.session, in: storage, eventsAfter: .max)
            #expect(isSame(opened.state, whole) && opened.events.isEmpty && opened.repair.isNothing)
            #expect(
                try ClassFolder.end(Fixture.session, in: storage)
                    == ClassFolder.end(Fixture.session, in: plain))
            let tail = try ClassFolder.state(of: Fixture.session, in: storage, eventsAfter: 200)
            var again = tail.base
            for recorded in tail.events { again.apply(recorded) }
            #expect(tail.events.map(\.n) == Array(201...whole.session.lastN))
            #expect(again == opened.files.fold.session)
            // It goes on, and the chain with it.
            files = opened.files
            let next = Fixture.event(files.position.n + 1, .breakEnded)
            try files.commit([ClassCommit(events: [next])], to: storage)
            #expect(try ClassFolder.read(Fixture.session, in: storage).events.last == next)
        }
    }

    @Test func onlyTheTailIsRead() throws {
        let storage = VirtualStorage()
        var files = try makeClass(storage, snapshotAfter: .max)
        files.saveSnapshot(to: storage)
        storage.bytesRead = [:]
        _ = try ClassFolder.open(Fixture.session, in: storage, eventsAfter: .max)
        let line = files.place.lineBytesCount + 1
        #expect(storage.bytesRead[paths.events, default: 0] <= line + ClassFolder.headerBytesMaximum)
        #expect(storage.bytesRead[paths.texts, default: 0] <= 1)
    }

    @Test func onlyOneThatFitsToTheByteIsBelieved() throws {
        let plain = VirtualStorage()
        _ = try makeClass(plain, snapshotAfter: .max)
        let whole = try ClassFolder.state(of: Fixture.session, in: plain)
        var lots = SeededGenerator(seed: 7)
        for round in 0..<12 {
            let storage = VirtualStorage()
            _ = try makeClass(storage, snapshotAfter: 60)
            storage.corrupt(paths.snapshot) { bytes in
                let place = lots.below(bytes.count)
                switch round % 3 {
                case 0: bytes[place] ^= 1 << UInt8(lots.below(8))
                case 1: bytes.removeLast(bytes.count - place)
                default: bytes.insert(UInt8(lots.below(256)), at: place)
                }
            }
            #expect(isSame(try ClassFolder.state(of: Fixture.session, in: storage), whole))
            #expect(
                isSame(try ClassFolder.open(Fixture.session, in: storage, eventsAfter: .max).state, whole))
            #expect(storage.contents(paths.snapshot) == nil, "thrown away")
        }
    }

    /// Bytes whose digest is right may still be anything.
    @Test func anImageOfAnythingIsRefused() throws {
        let storage = VirtualStorage()
        _ = try makeClass(storage, snapshotAfter: 60)
        let bytes = try #require(storage.contents(paths.snapshot))
        let image = Array(bytes.dropFirst(8 + Digest.bytesCount))
        var lots = SeededGenerator(seed: 8)
        var read = 0
        for _ in 0..<3_000 {
            var hostile = image
            for _ in 0...lots.below(3) { hostile[lots.below(hostile.count)] = UInt8(lots.below(256)) }
            if lots.isOne(in: 4) { hostile.removeLast(lots.below(hostile.count)) }
            let file = Array(bytes.prefix(8)) + Digest.sha256(hostile) + hostile
            if ClassSnapshot(fileBytes: file) != nil { read += 1 }
            guard lots.isOne(in: 200) else { continue }
            storage.corrupt(paths.snapshot) { $0 = file }
            _ = try? ClassFolder.state(of: Fixture.session, in: storage)
        }
        #expect(read > 0)
    }

    @Test func oneOfAnotherFormOrLogIsThrownAway() throws {
        let other = VirtualStorage()
        var files = try ClassFolder.create(
            LogHeader(session: Fixture.session, epoch: "e2", createdAt: Fixture.header.createdAt), in: other)
        for commit in try commits() { try files.commit([commit], to: other) }
        files.saveSnapshot(to: other)
        let foreign = try #require(other.contents(paths.snapshot))
        for bytes in [foreign, Array("LRSNAP9\n".utf8) + foreign.dropFirst(8), [], Array("{}".utf8)] {
            let storage = VirtualStorage()
            _ = try makeClass(storage, snapshotAfter: 60)
            storage.corrupt(paths.snapshot) { $0 = bytes }
            let recovered = try ClassFolder.open(Fixture.session, in: storage, eventsAfter: .max)
            #expect(recovered.state.session.lastN == UInt64(try commits().count))
            #expect(storage.contents(paths.snapshot) == nil)
        }
    }

    @Test func aLogThatIsShorterOrOtherThanItsSnapshotIsReadWhole() throws {
        for change in 0..<3 {
            let storage = VirtualStorage()
            _ = try makeClass(storage, snapshotAfter: 60)
            storage.corrupt(paths.events) { bytes in
                switch change {
                // The line the snapshot was taken at is another.
                case 0: bytes.removeLast(bytes.count - bytes.count / 5)
                case 1: bytes[bytes.count / 2] ^= 1
                default: bytes.removeFirst(1)
                }
            }
            do throws(ClassFolderFailure) {
                let state = try ClassFolder.open(Fixture.session, in: storage, eventsAfter: .max).state
                #expect(change == 0 && state.session.lastN < 60)
            } catch {
                guard case .corrupt = error else {
                    Issue.record("\(error)")
                    continue
                }
                #expect(change > 0)
            }
        }
    }

    @Test func whatIsErasedIsInNoSnapshot() throws {
        let storage = VirtualStorage()
        var files = try makeClass(storage, snapshotAfter: .max)
        files.saveSnapshot(to: storage)
        let text = Array("第240句".utf8)
        let name = Array("名·person1".utf8)
        #expect(storage.contents(paths.snapshot)?.firstRange(of: text) != nil)
        #expect(storage.contents(paths.snapshot)?.firstRange(of: name) != nil)
        try files.commit([ClassCommit(erasedTexts: [TextID(unchecked: "x240")])], to: storage)
        #expect(storage.contents(paths.snapshot) == nil)
        files.saveSnapshot(to: storage)
        #expect(storage.contents(paths.snapshot)?.firstRange(of: text) == nil)
        try files.commit([ClassCommit(erasedPeople: [PersonID(unchecked: "person1")])], to: storage)
        #expect(storage.contents(paths.snapshot) == nil)
        files.saveSnapshot(to: storage)
        #expect(storage.contents(paths.snapshot)?.firstRange(of: name) == nil)
        let gone = Fixture.event(files.position.n + 1, .textsRemoved(.erased))
        // The power goes after the event and before anything else: opening does what is left to do.
        storage.powerCutAtCall = storage.callsCount + 2
        #expect(throws: CommitFailure.self) { try files.commit([ClassCommit(events: [gone])], to: storage) }
        storage.crash()
        let state = try ClassFolder.open(Fixture.session, in: storage, eventsAfter: .max).state
        #expect(state.session.lastN == gone.n && state.texts.isEmpty)
        #expect(storage.contents(paths.snapshot) == nil && storage.contents(paths.texts) == nil)
    }

    @Test func theNextIsDueBeforeTooMuchHasToBeRead() {
        func isDue(_ n: UInt64, _ bytes: Int, after snapshotBytes: Int) -> Bool {
            SnapshotMark(n: 100, byteOffset: 5_000, bytesCount: snapshotBytes).isDue(
                at: LogPlace(n: 100 + n, byteOffset: 5_000 + bytes, digest: [], lineBytesCount: 1))
        }
        #expect(!isDue(0, 0, after: 0) && !isDue(1_023, 300_000, after: 0))
        #expect(isDue(1_024, 300_000, after: 1_200_000) && !isDue(1_024, 299_999, after: 1_200_000))
        #expect(isDue(4_096, 1, after: 9_000_000) && !isDue(4_095, 1, after: 9_000_000))
        #expect(isDue(1, SnapshotMark.bytesBehindMaximum, after: 9_000_000_000))
    }

    /// A log takes one by itself, and a process that dies leaves little to read.
    @Test func aLogTakesOneByItself() throws {
        let storage = VirtualStorage()
        let log = EventLogFile(
            Fixture.session, files: try ClassFolder.create(Fixture.header, in: storage), storage: storage,
            runOnFileThread: { $0() }, schedule: { $0() })
        let count = 3 * SnapshotMark.eventsBehindMinimum
        for n in 1...count {
            let event = Fixture.event(n, .handRaised(SeatID(unchecked: "s\(n % 9)")))
            log.append(ClassCommit(events: [event]), after: log.headPosition, completion: { _ in })
        }
        storage.killProcess()
        let found = try ClassFolder.findSnapshot(of: Fixture.session, in: storage, notAfter: .max)
        #expect((found.taken?.place.n ?? 0) + SnapshotMark.eventsBehindMinimum >= count)
        #expect(
            try ClassFolder.open(Fixture.session, in: storage, eventsAfter: .max).state.session.lastN == count
        )
    }

    /// Whoever changes the fold counts up `Session.foldVersion` and writes down the new digest here.
    @Test func theFoldIsTheOneOfItsNumber() throws {
        let storage = VirtualStorage()
        let files = try makeClass(storage, snapshotAfter: .max)
        #expect(Session.foldVersion == 1)
        #expect(
            Digest.hex(Digest.sha256(files.fold.session.image()))
                == "017f89b69ba276d788750e3a8edc925587cefc54b6a9035b6ad0d83a4d5330b9")
    }

    /// A field that the image forgets would be lost at the next restart.
    @Test func theImageKnowsEveryField() throws {
        let storage = VirtualStorage()
        let files = try makeClass(storage, snapshotAfter: .max)
        let session = files.fold.session
        var image = ImageReader(session.image())
        let again = try Session(image: &image)
        #expect(again == session && image.isAtEnd)
        let labels = Mirror(reflecting: session).children.compactMap(\.label)
        #expect(labels.count == 32, "Session has another field: \(labels)")
        #expect(Mirror(reflecting: try #require(session.seats.first)).children.count == 9)
        #expect(Mirror(reflecting: try #require(session.polls.first)).children.count == 9)
        #expect(Mirror(reflecting: try #require(session.plan)).children.count == 13)
        #expect(Mirror(reflecting: try #require(session.chat.first)).children.count == 5)
    }
}
