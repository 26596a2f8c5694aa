import LiveRelayWire
import Recorder
import SessionModel

@testable import LiveRelay
@testable import LiveRelayClient
@testable import WebSocketCore

/// Sees everything that leaves the server and everything that was promised, and remembers it for the
/// checkers.
final class Witness {
    private struct Promise {
        let seat: SeatID
        let command: CommandID
        let n: UInt64
    }

    private unowned let world: World
    private var promises: [Promise] = []
    private var votes: [(seat: SeatID, poll: PollID)] = []
    /// What anybody was told of an event, by number.
    private var told: [UInt64: String] = [:]
    /// The last frames that were read, since one frame leaves on many lines.
    private var lastRead: [(frame: SharedFrame, message: ServerMessage?)] = []
    private static let readCountMaximum = 12

    init(_ world: World) { self.world = world }

    private func read(_ frame: SharedFrame) -> ServerMessage? {
        guard frame.opcode == .text else { return nil }
        if let known = lastRead.last(where: { $0.frame === frame }) { return known.message }
        let message = try? ServerMessage(json: .init(frame.payload))
        if lastRead.count >= Self.readCountMaximum { lastRead.removeFirst() }
        lastRead.append((frame, message))
        return message
    }

    // MARK: What leaves

    /// A frame leaves on a line.
    func leaves(_ frame: SharedFrame, on line: ServerLine) {
        guard let message = read(frame), let device = line.link.owner else { return }
        switch message {
        case .hello(let hello): look(at: hello, device)
        case .snapshot(let snapshot):
            look(at: snapshot, device, line)
            line.lastN = snapshot.n
        case .event(let notice):
            look(at: notice, device, line)
            world.journal.require(
                notice.n > line.lastN, .order, "\(line.link.name) gets \(notice.n) after \(line.lastN)")
            line.lastN = max(line.lastN, notice.n)
        case .accepted(let accepted): look(at: accepted, device, line)
        case .digest(let digest):
            require((digest.heard != nil) == device.role.isStaff, "\(device.name) gets others' digest")
        case .people(let page):
            let isShown = page.rows.allSatisfy { $0.role != .supervisor } || device.role == .supervisor
            require(device.role.isStaff && isShown, "\(device.name) found whom it may not")
        case .rejected, .retry, .position, .recorded, .pong, .reconnect, .error: break
        }
    }

    private func require(_ condition: Bool, _ what: @autoclosure () -> String) {
        world.journal.require(condition, .secrecy, what())
    }

    private func look(at hello: Hello, _ device: SimulatedDevice) {
        require(hello.role == device.role, "\(device.name) is greeted as \(hello.role)")
    }

    private func look(at snapshot: Snapshot, _ device: SimulatedDevice, _ line: ServerLine) {
        for person in snapshot.people { look(at: person.role, device, "snapshot \(snapshot.n)") }
        if !device.role.isStaff {
            require(snapshot.hands.queue == nil, "\(device.name) sees who waits")
            for entry in snapshot.chat {
                require(!entry.isHidden || entry.text == nil, "\(device.name) sees hidden \(entry.chat)")
                mayRead(entry.text, device, line)
            }
        }
        for poll in snapshot.polls {
            let isNamed = poll.secrecy == .named
            world.journal.require(
                poll.votes == nil || (isNamed && device.role.isStaff), .ballots,
                "\(device.name) sees votes of \(poll.poll)")
            world.journal.require(
                poll.sums == nil || (poll.closedAt != nil && (isNamed || poll.count >= 5)), .ballots,
                "\(device.name) sees sums of \(poll.poll)")
        }
    }

    private func look(at notice: EventNotice, _ device: SimulatedDevice, _ line: ServerLine) {
        for card in notice.people.values { look(at: card.role, device, "event \(notice.n)") }
        let staffOnly: Set<String> = [
            "handRaised", "handLowered", "voteCast", "playbackChanged", "peopleExpected", "textsRemoved",
        ]
        if !device.role.isStaff {
            require(!staffOnly.contains(notice.event.type), "\(device.name) gets \(notice.event.type)")
            mayRead(notice.event.text, device, line)
        }
        if notice.event.type == "voteCast", let poll = notice.event.poll {
            world.journal.require(
                !world.anonymousPolls.contains(poll), .ballots, "a vote in \(poll) is told to \(device.name)")
        }
        let shape = "\(notice.event.type) by \(notice.by) cause \(notice.cause?.text ?? "none")"
        world.journal.require(
            told[notice.n] ?? shape == shape, .acknowledged,
            "\(notice.n) was \(told[notice.n] ?? "") and is \(shape)")
        told[notice.n] = shape
        if notice.event.type == "pollOpened", notice.event.secrecy == .anonymous,
            let poll = notice.event.poll
        {
            world.anonymousPolls.insert(poll)
        }
    }

    private func mayRead(_ text: String?, _ device: SimulatedDevice, _ line: ServerLine) {
        guard let text else { return }
        require(!line.forbidden.contains(text), "\(device.name) reads the hidden “\(text)”")
    }

    private func look(at role: Role, _ device: SimulatedDevice, _ place: @autoclosure () -> String) {
        require(role != .supervisor || device.role == .supervisor, "\(device.name) sees 巡课 in \(place())")
    }

    private func look(at accepted: Accepted, _ device: SimulatedDevice, _ line: ServerLine) {
        guard let asked = device.asked[accepted.id]?.command else { return }
        if case .vote(let poll, _) = asked, world.anonymousPolls.contains(poll) {
            world.journal.require(
                accepted.n == nil, .ballots, "\(device.name) is told when its vote in \(poll) came")
        }
        guard let n = accepted.n, asked.isSeen(by: device.role) else { return }
        // What a page does not show is not sent, and the relay may learn of that a moment later.
        if asked.isChat, device.hasChangedPanels { return }
        world.journal.require(
            line.lastN >= n, .order, "\(device.name) gets the answer \(n) before the event, at \(line.lastN)")
    }

    // MARK: What is promised

    /// A device was told that a command took effect.
    func acknowledged(_ id: CommandID, _ command: ClientCommand, _ accepted: Accepted, by seat: SeatID) {
        if let n = accepted.n { promises.append(Promise(seat: seat, command: id, n: n)) }
        if case .vote(let poll, _) = command { votes.append((seat, poll)) }
        world.acknowledgedCount += 1
    }

    /// What leaves speaks of nothing that the disk does not have.
    func checkEarly(_ deliveries: [Delivery], durable: UInt64) {
        for delivery in deliveries {
            let frames: [SharedFrame] =
                switch delivery {
                case .broadcast(let frame, _, _), .send(let frame, _): [frame]
                case .admit(_, let greeting): greeting
                case .digest(let staff, _): [staff]
                case .panels, .dismiss, .settle, .conclude: []
                }
            for frame in frames {
                let n = read(frame)?.position
                world.journal.require(
                    n.map { $0 <= durable } ?? true, .early, "\(n ?? 0) leaves, durable is \(durable)")
            }
        }
    }

    // MARK: Checks

    /// The head is what the log on the disk says, as far as it is written.
    func checkReplay(of host: SessionHost, _ moment: String) {
        guard let contents = world.readDisk() else { return }
        let replayed = RecoveredState(world.id, contents).session
        // The disk may be further than the head, never different; when they stand at the same event all is
        // equal.
        guard replayed.lastN == host.session.lastN else { return }
        world.journal.require(
            replayed == host.session, .replay, "\(moment) at \(replayed.lastN): the head is not the log")
    }

    func checkLimits(of host: SessionHost) {
        for attendee in host.attendees.values {
            world.journal.require(
                (0...SessionLimits.commandsInFlightCountMaximum).contains(attendee.commandsInFlight), .limits,
                "\(attendee.seat) has \(attendee.commandsInFlight) in flight")
        }
        let hands = host.session.hands
        world.journal.require(
            hands.allSatisfy { host.session.seat($0.seat)?.isPresent == true }, .replay, "a hand without seat"
        )
    }

    /// Whatever was promised or told stands in the log.
    func checkLog(_ contents: ClassContents) {
        let state = RecoveredState(world.id, contents)
        var causes: [String: [UInt64]] = [:]
        for event in contents.events {
            guard case .seat(let seat) = event.by, let cause = event.cause else { continue }
            causes["\(seat)/\(cause)", default: []].append(event.n)
        }
        for promise in promises {
            let isThere = causes["\(promise.seat)/\(promise.command)"]?.contains(promise.n) ?? false
            world.journal.require(
                isThere, .acknowledged, "\(promise.seat)'s \(promise.command) at \(promise.n) is missing")
        }
        for vote in votes {
            world.journal.require(
                state.session.poll(vote.poll)?.hasVoted(vote.seat) ?? false, .acknowledged,
                "\(vote.seat)'s vote in \(vote.poll) is missing")
        }
        checkTold(contents.events)
        checkTwice(contents, causes, state.view)
        checkAttendance(contents.events)
    }

    private func checkTold(_ events: [RecordedEvent]) {
        for (n, shape) in told {
            let found = events.indices.contains(Int(n) - 1) ? events[Int(n) - 1] : nil
            let stands = found.map { "\($0.event.typeName) by \($0.by) cause \($0.cause?.text ?? "none")" }
            world.journal.require(
                stands == shape, .acknowledged,
                "\(n) was told as \(shape), the log has \(stands ?? "nothing")")
        }
    }

    private func checkTwice(_ contents: ClassContents, _ causes: [String: [UInt64]], _ view: ClassView) {
        for (key, numbers) in causes {
            let isOne = zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 + 1 }
            world.journal.require(isOne, .twice, "\(key) took effect twice, at \(numbers)")
        }
        var texts: Set<String> = []
        for event in contents.events {
            guard case .chatPosted(let chat, _, let reference) = event.event,
                let text = view.texts[reference.ref]
            else { continue }
            world.journal.require(
                texts.insert(text).inserted, .twice, "“\(text)” stands twice, the second time as \(chat)")
        }
    }

    private func checkAttendance(_ events: [RecordedEvent]) {
        let counted =
            world.bug == .countsAbsence
            ? events.filter { if case .interrupted = $0.event { false } else { true } } : events
        let model = AttendanceModel(events)
        for row in Attendance(events: counted, at: events.last?.t).rows {
            let expected = model.online(row.person)
            world.journal.require(
                row.onlineMilliseconds == expected, .attendance,
                "\(row.person) was online \(row.onlineMilliseconds) ms, by the model \(expected)")
        }
    }
}

extension ServerMessage {
    /// The event that a message speaks of or rests on.
    fileprivate var position: UInt64? {
        switch self {
        case .snapshot(let snapshot): snapshot.n
        case .event(let notice): notice.n
        case .digest(let digest): digest.n
        case .accepted(let accepted): accepted.n
        case .hello, .rejected, .retry, .position, .recorded, .pong, .people, .reconnect, .error: nil
        }
    }
}

extension ClientCommand {
    /// Whether whoever asks for it sees the event that it causes.
    fileprivate func isSeen(by role: Role) -> Bool {
        switch self {
        case .raiseHand, .lowerHand, .vote: role.isStaff
        case .leave, .end: false
        case .open, .start, .startBreak, .endBreak, .remove, .postChat, .hideChat, .callToSpeak, .endTurn,
            .mute, .unmute, .openPoll, .closePoll, .openTrack, .closeTrack:
            true
        }
    }

    fileprivate var isChat: Bool {
        switch self {
        case .postChat, .hideChat: true
        case .open, .start, .startBreak, .endBreak, .end, .leave, .remove, .raiseHand, .lowerHand,
            .callToSpeak, .endTurn, .mute, .unmute, .openPoll, .vote, .closePoll, .openTrack, .closeTrack:
            false
        }
    }
}
