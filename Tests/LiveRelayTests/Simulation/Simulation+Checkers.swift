import LiveRelayWire
import SessionModel

@testable import LiveRelay
@testable import LiveRelayClient
@testable import Recorder

/// What must be true whatever happens.
extension Simulation {
    /// After each step: nobody saw what they may not see, or in a wrong order, or too early; limits hold.
    func checkEveryStep() throws {
        let findings = takeFindings()
        try require(findings.isEmpty, findings.joined(separator: "; "))
        for attendee in host.attendees.values {
            let isWithin = (0...SessionLimits.commandsInFlightCountMaximum).contains(
                attendee.commandsInFlight)
            try require(isWithin, "\(attendee.seat) has \(attendee.commandsInFlight) in flight")
        }
        let present = Set(host.session.seats.filter(\.isPresent).map(\.id))
        for hand in host.session.hands { try require(present.contains(hand.seat), "\(hand.seat) is gone") }
    }

    /// Whatever a client was told is done stands in the log, exactly once; whatever it saw is what the log
    /// says.
    func checkNothingAcknowledgedIsMissing(_ session: Session, _ events: [RecordedEvent]) throws {
        var causes: [String: Set<UInt64>] = [:]
        for event in events {
            guard case .seat(let seat) = event.by, let cause = event.cause else { continue }
            causes["\(seat)/\(cause)", default: []].insert(event.n)
        }
        for client in clients {
            guard let seat = client.seat else { continue }
            for (command, n) in client.acknowledged {
                let isThere = causes["\(seat)/\(command)"]?.contains(n) ?? false
                try require(isThere, "\(client.name)'s \(command) at \(n) is missing")
            }
            for (n, notice) in client.seen {
                let index = Int(n) - 1
                try require(
                    events.indices.contains(index) && events[index].event.typeName == notice.event.type
                        && events[index].cause == notice.cause,
                    "\(client.name) saw \(notice.event.type) at \(n), which the log does not have")
            }
            for poll in client.votedPolls {
                let hasVoted = session.polls.first { $0.id == poll }?.hasVoted(seat) ?? false
                try require(hasVoted, "\(client.name)'s vote in \(poll) is missing")
            }
        }
        try checkTwice(events)
        try checkBallots(session)
    }

    /// No command took effect twice: its events stand together, as one decision.
    private func checkTwice(_ events: [RecordedEvent]) throws {
        var last: [String: UInt64] = [:]
        for event in events {
            guard case .seat(let seat) = event.by, let cause = event.cause else { continue }
            let key = "\(seat)/\(cause)"
            try require(last[key].map { event.n == $0 + 1 } ?? true, "\(key) took effect twice")
            last[key] = event.n
        }
    }

    /// The ballots in the box are those that the voters cast; a closed box holds none.
    private func checkBallots(_ session: Session) throws {
        for poll in session.polls where poll.question.secrecy == .anonymous {
            guard poll.isOpen else {
                try require(poll.ballots.isEmpty, "\(poll.id) is closed and remembers choices")
                continue
            }
            let cast = clients.filter { $0.seat.map(poll.hasVoted) ?? false }.compactMap {
                $0.choices[poll.id]
            }
            try require(poll.ballots == cast.sorted(), "ballots of \(poll.id) are not what was cast")
        }
    }

    /// Each view is the part of the log that its audience may see, without a hole since its last snapshot.
    private func checkView(of client: SimulatedClient, _ events: [RecordedEvent]) throws {
        guard let seat = client.seat else { return }
        var past = Session(id: id)
        for event in events {
            past.apply(event)
            let mayNotSee = !Audience.of(event.event, in: past).includes(seat, role: client.role)
            if mayNotSee {
                try require(client.seen[event.n] == nil, "\(client.name) saw \(event.n), which is for others")
                continue
            }
            let isDue = event.n > client.coveredTo && event.n <= client.lastN
            let isShown = event.event.panel.map(client.panels.contains) ?? true
            guard isDue, isShown else { continue }
            try require(client.seen[event.n] != nil, "\(client.name) missed \(event.n)")
        }
    }

    /// Faults have stopped and everybody is back: the log, the head and everybody's view agree.
    func checkAtTheEnd() throws {
        try settle()
        for index in clients.indices { try comeBack(index) }
        // Orphans are missed in the first period, and what follows is told in the second.
        for _ in 0..<2 {
            beat()
            try settle()
        }
        try checkEveryStep()
        let contents = try ClassFolder.read(id, in: storage)
        let replayed = RecoveredState(id, contents).session
        try checkNothingAcknowledgedIsMissing(replayed, contents.events)
        try require(replayed.lastN == host.session.lastN, "log ends at \(replayed.lastN), head elsewhere")
        try require(replayed == host.session, "the replayed log is not the head")
        for client in clients {
            try checkView(of: client, contents.events)
            guard client.mayComeBack else { continue }
            try require(client.isMember, "\(client.name) did not come back")
            try require(client.inFlight.isEmpty, "\(client.name) waits for \(client.inFlight)")
            try require(client.searches.isEmpty, "\(client.name) searches for \(client.searches)")
            try checkFold(of: client)
        }
    }

    /// Connects and sends again what was not answered; after a goodbye among it, once more.
    private func comeBack(_ index: Int) throws {
        for _ in 0..<4 where clients[index].mayComeBack {
            if clients[index].connection == nil { connect(index) }
            try settle()
            try askAgain(index)
        }
    }

    /// Who was there all the time sees what somebody sees who arrives now.
    private func checkFold(of client: SimulatedClient) throws {
        guard var early = client.room, let seat = host.session.seat(early.seat) else { return }
        var late = early
        guard
            let snapshot = host.view.snapshot(
                of: host.session, for: Viewpoint(client.role), epoch: host.epoch, t: host.session.time,
                wall: host.surroundings.clock.wall(at: host.session.time))
        else { return }
        late.apply(.snapshot(snapshot))
        early.normalise(showsChat: client.panels.contains(.chat))
        late.normalise(showsChat: client.panels.contains(.chat))
        let name = client.name
        try require(early.card == late.card, "\(name): card \(early.card as Any) is not \(late.card as Any)")
        try require(
            early.presence == late.presence, "\(name): presence \(early.presence) is not \(late.presence)")
        try require(early.people == late.people, "\(name): people \(early.people) are not \(late.people)")
        try require(early.hands == late.hands, "\(name): hands \(early.hands) are not \(late.hands)")
        try require(early.chat == late.chat, "\(name): chat \(early.chat) is not \(late.chat)")
        try require(early.polls == late.polls, "\(name): polls \(early.polls) are not \(late.polls)")
        try require(early.tracks == late.tracks, "\(name): tracks \(early.tracks) are not \(late.tracks)")
        try require(early == late, "\(name) sees something else than a late joiner")
        let place = host.session.hands.firstIndex { $0.seat == seat.id }.map { $0 + 1 }
        try require(
            early.handPosition == place,
            "\(name) was told place \(early.handPosition as Any), is \(place as Any)")
        try require(early.isMuted == seat.isMuted, "\(name) does not know of being muted or not")
        try require(
            early.isSpeaking == host.session.speakers.contains(seat.id),
            "\(name) does not know of being called")
    }
}

extension Classroom {
    /// Leaves out what a page may order or show as it likes.
    fileprivate mutating func normalise(showsChat: Bool) {
        for index in polls.indices {
            polls[index].votes = (polls[index].votes ?? []).sorted { $0.seat < $1.seat }
        }
        if !showsChat { chat = [] }
        guard card?.kind == .largeLecture else { return }
        people = people.filter { $0.value.role != .participant || $0.value.isSpeaking }
    }
}
