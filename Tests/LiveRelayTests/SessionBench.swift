import Foundation
import LiveRelayWire
import SessionModel
import TestSupport

@testable import LiveRelay
@testable import Recorder
@testable import WebSocketCore

/// One live class in the hands of a test: the disk answers when the test says so, and what each connection
/// gets is read as one short line a message.
final class SessionBench {
    /// Whether the disk takes everything at once, or waits for `commit()`.
    enum Disk {
        case fast
        case slow
    }

    static let createdAt = WallTime(milliseconds: 1_790_000_000_000)

    let host: SessionHost
    var disk = Disk.fast
    /// The monotonic clock, and the session time.
    var now: UInt64 = 0
    /// What the log, the stores beside it and the boxes hold.
    private(set) var events: [RecordedEvent] = []
    /// Events that those who follow the class were told of.
    private(set) var followed: [UInt64] = []
    /// Waiters outside the class, and what they were told.
    private(set) var waiters: [Int: Bool] = [:]
    /// Whether the host wants the log read back, and whether the outcome is unknown.
    private(set) var wantsReadBack: Bool?
    /// Seats that are not to be heard while the log is read back.
    private(set) var silenced: [SeatID] = []
    private var people: [PersonEntry] = []
    private var texts: [TextEntry] = []
    private var boxes: [PollID: BallotBox] = [:]
    private var pending: [(ticket: Int, commit: ClassCommit)] = []
    private var pages: [ConnectionID: [String]] = [:]
    private var members: [ConnectionID: Member] = [:]
    private var nextConnection: UInt64 = 1

    init(
        kind: ClassKind = .smallInteractive, duplicateLogin: DuplicateLogin = .newestWins,
        startsAfterMinutes: Int64 = 0
    ) {
        let clock = SessionClock(
            createdAt: Self.createdAt, last: .zero, wall: Self.createdAt, monotonicMilliseconds: 0)
        host = SessionHost(
            epoch: "e1", session: Session(id: SessionID(unchecked: "k1")), view: ClassView(),
            surroundings: SessionHost.Surroundings(
                clock: clock, resumeToken: { seat, _, _ in "token of \(seat.id)" },
                random: SeededGenerator(seed: 1)))
        let start = WallTime(milliseconds: Self.createdAt.milliseconds + startsAfterMinutes * 60_000)
        host.schedule(
            SessionPlan(
                title: "线上互动设计", kind: kind, plannedStart: start, plannedMinutes: 45,
                duplicateLogin: duplicateLogin), people: [], run: 1, at: .zero)
        perform()
    }

    // MARK: People

    /// Somebody at the door; the answer is what the connection hears.
    @discardableResult
    func join(
        _ name: String, _ role: Role = .participant, number: String? = nil,
        panels: Set<Panel> = Set(Panel.allCases)
    ) -> Guest {
        let guest = arrive(name, role)
        let entry = PersonEntry(
            person: PersonID(unchecked: Self.identifier(name)), name: name, number: number, affiliation: nil,
            source: .roster)
        guard let entry else { preconditionFailure("a name without NUL") }
        host.join(guest.connection, Arrival(person: entry, role: role), panels: panels, now: now)
        perform()
        return guest
    }

    /// Somebody comes back on a new connection.
    func resume(
        _ seat: String, after n: UInt64, epoch: String = "e1", panels: Set<Panel> = Set(Panel.allCases)
    ) -> Guest {
        let guest = arrive("", .participant)
        let request = ResumeRequest(token: "", epoch: epoch, n: n, panels: panels)
        host.resume(guest.connection, seat: SeatID(unchecked: seat), request, now: now)
        perform()
        return guest
    }

    /// A name as an identifier: letters stay, everything else becomes its number.
    private static func identifier(_ name: String) -> String {
        name.unicodeScalars.map { $0.isASCII && $0 != " " ? String($0) : String($0.value, radix: 16) }
            .joined()
    }

    private func arrive(_ name: String, _ role: Role) -> Guest {
        let connection = ConnectionID(number: nextConnection, loopIndex: 0)
        nextConnection += 1
        pages[connection] = []
        return Guest(bench: self, connection: connection)
    }

    /// Lets the host do something.
    func run(_ work: (SessionHost) throws -> Void) rethrows {
        try work(host)
        perform()
    }

    /// A period passes.
    func beat(_ tracks: [HeardTrack] = []) {
        now += Pulse.periodMilliseconds
        run { $0.beat(tracks: tracks, now: now) }
    }

    /// What a connection got since the last time it was asked.
    func heard(_ connection: ConnectionID) -> [String] {
        defer { pages[connection] = [] }
        return pages[connection] ?? []
    }

    // MARK: The disk

    /// How many commits wait for the disk.
    var pendingCount: Int { pending.count }

    /// The disk has taken what waits, or the first so many.
    func commit(_ count: Int = .max) {
        var left = count
        while left > 0, !pending.isEmpty {
            left -= 1
            let (ticket, commit) = pending.removeFirst()
            keep(commit)
            host.appended(ticket, .success(LogPosition(epoch: "e1", n: events.last?.n ?? 0)))
            perform()
        }
    }

    /// The disk refuses what waits. With an unknown outcome it may hold it all the same.
    func refuse(_ failure: EventLogFailure, butKeeps: Bool = false) {
        let refused = pending
        pending = []
        if butKeeps { for (_, commit) in refused { keep(commit) } }
        for (index, (ticket, _)) in refused.enumerated() {
            host.appended(ticket, .failure(index == 0 ? failure : .conflict))
        }
        perform()
    }

    /// The log was read.
    func readBack() {
        wantsReadBack = nil
        var session = Session(id: host.id)
        for event in events { session.apply(event) }
        for poll in boxes.keys.sorted() {
            guard let box = boxes[poll] else { continue }
            session.restore(poll: poll, voters: box.seats, ballots: box.options)
        }
        var view = ClassView()
        for entry in texts { view.texts[entry.ref] = entry.text }
        for entry in people { view.people[entry.person] = entry }
        host.rebuild(RecoveredState(session: session, view: view, events: events))
        perform()
    }

    private func keep(_ commit: ClassCommit) {
        people += commit.people
        texts += commit.texts
        for ballot in commit.ballots {
            boxes[ballot.poll, default: BallotBox(poll: ballot.poll)].cast(ballot)
        }
        events += commit.events
    }

    // MARK: Effects

    private func perform() {
        var effects = host.takeEffects()
        while !effects.isEmpty {
            for effect in effects { perform(effect) }
            if disk == .fast { commit() }
            effects = host.takeEffects()
        }
    }

    private func perform(_ effect: SessionHost.Effect) {
        switch effect {
        case .append(let commit, _, let ticket): pending.append((ticket, commit))
        case .deliver(let deliveries): for delivery in deliveries { deliver(delivery) }
        case .durable(let events): followed += events.map(\.n)
        case .abandon(let waiter): waiters[waiter] = false
        case .readBack(let isOutcomeUnknown): wantsReadBack = isOutcomeUnknown
        case .silence(let seat): silenced.append(seat)
        }
    }

    private func deliver(_ delivery: Delivery) {
        switch delivery {
        case .broadcast(let frame, let audience, let panel):
            let line = line(of: frame)
            for (connection, member) in members {
                guard audience.includes(member.seat, role: member.role),
                    panel.map(member.panels.contains) ?? true
                else { continue }
                pages[connection]?.append(line)
            }
        case .digest(let staff, let others):
            for (connection, member) in members {
                write(member.role.isStaff ? staff : others, to: connection)
            }
        case .send(let frame, let connection): write(frame, to: connection)
        case .admit(let member, let greeting):
            for frame in greeting { write(frame, to: member.connection) }
            members[member.connection] = member
        case .panels(let connection, let panels): members[connection]?.panels = panels
        case .dismiss(let connection, let code):
            members[connection] = nil
            pages[connection]?.append("closed \(code.name)")
        case .conclude(let waiter): waiters[waiter] = true
        case .settle: break
        }
    }

    private func write(_ frame: SharedFrame, to connection: ConnectionID) {
        pages[connection]?.append(line(of: frame))
    }

    private func line(of frame: SharedFrame) -> String {
        (try? ServerMessage(json: Data(frame.payload)))?.line ?? "no message"
    }
}

/// One connection to the class.
struct Guest {
    let bench: SessionBench
    let connection: ConnectionID

    /// What came since the last time.
    func hears() -> [String] { bench.heard(connection) }

    /// Asks for something.
    func asks(_ id: String, _ command: ClientCommand) {
        bench.run { $0.command(CommandID(unchecked: id), command, from: connection, now: bench.now) }
    }

    /// Asks for something and hears the answer and whatever came before it.
    func hears(_ id: String, _ command: ClientCommand) -> [String] {
        asks(id, command)
        return hears()
    }

    /// Looks for people.
    func finds(_ id: String, _ search: String, offset: Int = 0) -> [String] {
        bench.run {
            $0.findPeople(CommandID(unchecked: id), search: search, offset: offset, from: connection)
        }
        return hears()
    }

    /// Shows these parts of the page.
    func shows(_ panels: Set<Panel>) { bench.run { $0.show(panels, on: connection, now: bench.now) } }

    /// Tells whether the class is heard.
    func reports(_ state: Playback, delay: Int = 0, gaps: Int = 0) {
        let report = PlaybackReport(state: state, delayMilliseconds: delay, gaps: gaps)
        bench.run { $0.playback(report, from: connection, now: bench.now) }
    }

    /// The line is cut.
    func isCutOff(_ cause: InterruptionCause = .network) {
        bench.run { $0.disconnected(connection, cause: cause, now: bench.now) }
    }
}

extension ServerMessage {
    /// One short line, the same for everybody who reads it.
    fileprivate var line: String {
        switch self {
        case .hello(let hello):
            let hand = hello.handPosition.map { " hand \($0)" } ?? ""
            let voted = hello.voted.isEmpty ? "" : " voted \(hello.voted.map(\.text).joined(separator: " "))"
            return
                "hello \(hello.seat) \(hello.role) \(hello.name)"
                + "\(hello.resumed ? " again" : "")\(hand)\(voted)"
        case .snapshot(let snapshot):
            let names = snapshot.people.map(\.name).joined(separator: " ")
            let chat = snapshot.chat.map { " “\($0.text ?? "–")”" }.joined()
            return "snapshot \(snapshot.n): \(names)\(chat)"
        case .event(let notice): return "\(notice.n) \(notice.event.type)\(notice.detail)"
        case .digest(let digest):
            let poll = digest.poll.map { " poll \($0.count)" } ?? ""
            let heard =
                digest.heard.map {
                    " playing \($0.playing) silent \($0.silent) delay \($0.delay) gaps \($0.gaps)"
                }
            let trouble = digest.log.map { " log \($0)" } ?? ""
            return
                "digest at \(digest.t): \(digest.present) hands \(digest.hands)\(poll)\(heard ?? "")\(trouble)"
        case .accepted(let accepted):
            let n = accepted.n.map { " \($0)" } ?? ""
            let track = accepted.track.map { " track \($0)" } ?? ""
            return "accepted \(accepted.id)\(n)\(track)"
        case .rejected(let id, let code): return "rejected \(id) \(code)"
        case .retry(let id, let after): return "retry \(id) \(after)"
        case .position(let position, let total):
            return "position \(position.map(String.init) ?? "–") of \(total)"
        case .recorded(let sound): return "recorded \(sound.track) \(sound.sequences.upperBound)"
        case .pong(let at, let t, _): return "pong \(at) \(t)"
        case .people(let page):
            let rows = page.rows.map { "\($0.name) \($0.number) \($0.presence)" }
            return (["people \(page.id) \(page.rows.count) of \(page.total)"] + rows).joined(separator: "; ")
        case .reconnect(let after, _): return "reconnect \(after)"
        case .error(let code, _): return "error \(code)"
        }
    }
}

extension EventNotice {
    /// What tells one event of its type from another.
    fileprivate var detail: String {
        let parts = [event.seat?.text, event.text, event.reason, event.track.map { "track \($0)" }]
        return parts.compactMap { $0.map { " " + $0 } }.joined()
    }
}
