import Recorder
import SessionModel

/// Writes the log of a lively class as the relay would have: everybody comes, and in each quarter of an hour
/// everybody says something, is cut off and comes back, reports that the sound plays, and answers a poll; a
/// tenth raise their hands.
///
/// `@unchecked Sendable`: everything runs on the one thread that calls it.
final class RecoveryClass: @unchecked Sendable {
    /// Commits that gather in one write, as they do while a disk is busy.
    private static let eventsPerCommit = 64
    private static let quarterMilliseconds: Int64 = 900_000

    private let log: EventLogFile
    private let plan: RecoverySettings.Class
    private let storage: FileStorage
    private let session: SessionID
    private var n: UInt64 = 0
    private var time: Int64 = 0
    private var commit = ClassCommit()
    private var chatsCount = 0
    private(set) var failure: EventLogFailure?

    init(_ plan: RecoverySettings.Class, in storage: FileStorage) throws {
        self.plan = plan
        self.storage = storage
        session = SessionID(unchecked: plan.name)
        let header = LogHeader(session: session, epoch: "e1", createdAt: WallTime(milliseconds: 0))
        log = EventLogFile(
            session, files: try ClassFolder.create(header, in: storage), storage: storage,
            runOnFileThread: { $0() }, schedule: { $0() })
    }

    /// Writes the whole class and leaves it as a kill does: nothing is closed. Gives back the number of
    /// events and the length of the log.
    func write() throws -> (events: UInt64, bytes: Int) {
        let plan = SessionPlan(
            title: "恢复测试", kind: .largeLecture, plannedStart: WallTime(milliseconds: 0), plannedMinutes: 180)
        add(.scheduled(plan), by: .administrator)
        add(.relayStarted(run: 1, wall: WallTime(milliseconds: 0)), by: .relay)
        add(.opened, by: .relay)
        for number in 1...self.plan.people { try join(number) }
        add(.started, by: .seat(seat(1)))
        var quarter = 0
        while try isUnfinished(quarter) {
            try teach(quarter)
            quarter += 1
        }
        flush()
        if let failure { throw failure }
        return (n, try storage.size(ClassPaths(session).events))
    }

    private func isUnfinished(_ quarter: Int) throws -> Bool {
        guard plan.logBytesMinimum > 0 else { return quarter < 4 * plan.hours }
        return try failure == nil && storage.size(ClassPaths(session).events) < plan.logBytesMinimum
    }

    private func join(_ number: Int) throws {
        let person = PersonID(unchecked: "p\(number)x7Qd2mZ")
        let entry = PersonEntry(
            person: person, name: "老师\(number)", number: "\(100_000 + number)", affiliation: "实验小学",
            source: .roster)
        commit.people += [entry].compactMap(\.self)
        let role = number == 1 ? Role.lecturer : .participant
        add(.joined(seat(number), person: person, role: role, members: []), by: .seat(seat(number)), "j")
    }

    private func teach(_ quarter: Int) throws {
        let poll = PollID(unchecked: "p\(quarter + 1)")
        // A class of a gibibyte has more quarters than it may have polls.
        let hasPoll = quarter < SessionLimits.pollsCountMaximum
        if hasPoll {
            let texts = try (0..<3).map { try text("q\(quarter)-\($0)", "选项 \($0)") }
            commit.texts += texts
            let question = PollQuestion(
                question: texts[0].reference, options: texts[1...].map(\.reference), secrecy: .named)
            add(.pollOpened(poll, question), by: .seat(seat(1)), "q")
        }
        for number in 1...plan.people {
            let seat = seat(number)
            chatsCount += 1
            let entry = try text("x\(chatsCount)", "第 \(chatsCount) 句：这一段讲得很清楚，谢谢老师。")
            commit.texts.append(entry)
            let chat = ChatID(unchecked: "c\(chatsCount)")
            add(.chatPosted(chat, seat: seat, text: entry.reference), by: .seat(seat), "m")
            add(.interrupted(seat, .network), by: .relay)
            add(.resumed(seat), by: .seat(seat))
            add(.playbackChanged(seat, .playing), by: .seat(seat), "y")
            if hasPoll { add(.voteCast(poll, seat: seat, option: number % 2), by: .seat(seat), "v") }
            guard number.isMultiple(of: 10) else { continue }
            add(.handRaised(seat), by: .seat(seat), "h")
            add(.handLowered(seat, .owner), by: .seat(seat), "l")
        }
        if hasPoll { add(.pollClosed(poll, count: plan.people, sums: [0, 0]), by: .seat(seat(1)), "z") }
        time += Self.quarterMilliseconds
    }

    private func seat(_ number: Int) -> SeatID { SeatID(unchecked: "s\(number)") }

    private func text(_ ref: String, _ text: String) throws -> TextEntry {
        let salt = (0..<TextEntry.saltBytesCount).map { UInt8(truncatingIfNeeded: $0 &+ chatsCount) }
        guard let entry = TextEntry(ref: TextID(unchecked: ref), salt: salt, text: text) else {
            throw Options.Failure(description: "no text")
        }
        return entry
    }

    private func add(_ event: Event, by actor: Actor, _ cause: String? = nil) {
        n += 1
        commit.events.append(
            RecordedEvent(
                n: n, t: SessionTime(milliseconds: time), by: actor,
                cause: cause.map { CommandID(unchecked: "\($0)\(n)-4Kd92kZx") }, event: event))
        if commit.events.count >= Self.eventsPerCommit { flush() }
    }

    private func flush() {
        let full = commit
        commit = ClassCommit()
        log.append(full, after: log.headPosition) { result in
            if case .failure(let failure) = result { self.failure = self.failure ?? failure }
        }
    }
}
