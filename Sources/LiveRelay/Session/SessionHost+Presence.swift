import LiveRelayWire
import Recorder
import SessionModel
import WebSocketCore

/// Who may take a seat, as the door decided.
struct Arrival: Hashable, Sendable {
    let person: PersonEntry
    let role: Role
}

/// A snapshot that people who arrive within a moment share.
struct CachedSnapshot {
    let n: UInt64
    let madeAt: SessionTime
    let frame: SharedFrame
    /// Counts in it are no events: somebody who arrives later than this gets a new one.
    static let ageMillisecondsMaximum: Int64 = 1_000
    /// Events after it are sent one by one up to this number; beyond it a new snapshot is made.
    static let eventsAfterCountMaximum: UInt64 = 50
}

extension SessionHost {
    /// Participants may come in this long before the class should start, even when no lecturer is there.
    static let doorOpensBeforeMilliseconds: Int64 = 30 * 60_000

    /// Somebody asks for a seat.
    func join(_ connection: ConnectionID, _ arrival: Arrival, panels: Set<Panel>, now: UInt64) {
        guard isRunning else { return refuse(connection, .storageFailed) }
        let time = time(now)
        do {
            try openDoor(for: arrival.role, at: time)
            let known = view.people[arrival.person.person]
            try decide(
                .join(person: arrival.person.person, role: arrival.role, members: []), by: .relay, at: time,
                people: known == arrival.person ? [] : [arrival.person])
        } catch {
            return refuse(connection, error.disconnect)
        }
        guard let seat = session.seat(of: arrival.person.person, role: arrival.role) else {
            return refuse(connection, .classUnknown)
        }
        take(seat, connection, panels: panels, greeting: nil, now: now)
    }

    /// Somebody comes back to a seat that a resume token names.
    func resume(_ connection: ConnectionID, seat id: SeatID, _ request: ResumeRequest, now: UInt64) {
        guard isRunning else { return refuse(connection, .storageFailed) }
        guard let seat = session.seat(id), session.phase != .ended else {
            return refuse(connection, session.phase == .ended ? .ended : .tokenInvalid)
        }
        if seat.isBanned { return refuse(connection, .banned) }
        let time = time(now)
        do {
            switch seat.presence {
            case .connected: break
            case .interrupted: try decide(.resume, by: .seat(id), at: time)
            case .left:
                try decide(
                    .join(person: seat.person, role: seat.role, members: seat.members), by: .relay, at: time)
            case .removed: return refuse(connection, .removed)
            }
        } catch {
            return refuse(connection, error.disconnect)
        }
        let missing: [SharedFrame]? =
            request.epoch == epoch
            ? recent.frames(after: request.n, upTo: session.lastN, seat: id, role: seat.role) : nil
        take(session.seat(id) ?? seat, connection, panels: request.panels, greeting: missing, now: now)
    }

    private func openDoor(for role: Role, at time: SessionTime) throws(Rejection) {
        guard session.phase == .scheduled else { return }
        let opensItself: Bool
        switch role {
        case .lecturer, .assistant: opensItself = true
        case .supervisor, .administrator, .expert, .viewer: opensItself = false
        case .participant:
            guard let plan = session.plan else { throw .notNow }
            let wall = surroundings.clock.wall(at: time)
            opensItself =
                wall.milliseconds >= plan.plannedStart.milliseconds - Self.doorOpensBeforeMilliseconds
        }
        if opensItself { try decide(.open, by: .relay, at: time) }
    }

    /// Gives a seat to a connection; `greeting` holds the events that were missed, or nil for a snapshot.
    private func take(
        _ seat: Seat, _ connection: ConnectionID, panels: Set<Panel>, greeting missing: [SharedFrame]?,
        now: UInt64
    ) {
        if session.plan?.duplicateLogin != .allowBoth {
            for older in connectionsBySeat[seat.id] ?? [] { dismiss(older, .replaced) }
        }
        attendees[connection] = Attendee(seat: seat.id, panels: panels)
        connectionsBySeat[seat.id, default: []].append(connection)
        let time = time(now)
        var greeting = [hello(for: seat, isResumed: missing != nil, at: time).frame]
        greeting += missing ?? snapshot(for: seat, at: time)
        let member = Member(connection: connection, seat: seat.id, role: seat.role, panels: panels)
        post(.admit(member, greeting: greeting))
    }

    private func hello(for seat: Seat, isResumed: Bool, at time: SessionTime) -> ServerMessage {
        let kind = session.plan?.kind ?? .smallInteractive
        let wall = surroundings.clock.wall(at: time)
        let place = session.hands.firstIndex { $0.seat == seat.id }.map { $0 + 1 }
        if place != nil { pulse.placeWasToldOutside(seat.id) }
        return .hello(
            Hello(
                class: id, epoch: epoch, run: session.run, seat: seat.id, role: seat.role,
                name: view.card(of: seat).name, t: time, wall: wall, resumed: isResumed,
                resumeToken: surroundings.resumeToken(seat, id, wall),
                digestMilliseconds: Int(Pulse.periodMilliseconds),
                batchMilliseconds: kind.policy.batchPacketsMaximum * 20, isMuted: seat.isMuted,
                isSpeaking: session.speakers.contains(seat.id),
                handPosition: place,
                voted: session.polls.filter { $0.isOpen && $0.hasVoted(seat.id) }.map(\.id)))
    }

    /// The snapshot of those who arrived just before, and what happened since; or a new one.
    private func snapshot(for seat: Seat, at time: SessionTime) -> [SharedFrame] {
        let viewpoint = Viewpoint(seat.role)
        if let cached = snapshots[viewpoint],
            cached.madeAt.milliseconds(to: time) <= CachedSnapshot.ageMillisecondsMaximum,
            session.lastN - cached.n <= CachedSnapshot.eventsAfterCountMaximum,
            let since = recent.frames(
                after: cached.n, upTo: session.lastN, seat: seat.id, role: seat.role)
        {
            return [cached.frame] + since
        }
        guard
            let made = view.snapshot(
                of: session, for: viewpoint, epoch: epoch, t: time,
                wall: surroundings.clock.wall(at: time))
        else { return [] }
        let frame = ServerMessage.snapshot(made).frame
        snapshots[viewpoint] = CachedSnapshot(n: session.lastN, madeAt: time, frame: frame)
        return [frame]
    }

    /// A member shows other panels; what a newly shown one missed comes as a snapshot.
    func show(_ panels: Set<Panel>, on connection: ConnectionID, now: UInt64) {
        guard let attendee = attendees[connection], let seat = session.seat(attendee.seat) else { return }
        guard isRunning else {
            // There is nothing true to show until the log was read; the sound goes on meanwhile.
            panelsAsked[connection] = panels
            return
        }
        panelsAsked[connection] = nil
        let isMore = !panels.subtracting(attendee.panels).isEmpty
        attendees[connection]?.panels = panels
        post(.panels(connection, panels))
        guard isMore else { return }
        for frame in snapshot(for: seat, at: time(now)) { post(.send(frame, to: connection)) }
    }

    /// The log was read: members see what they asked for meanwhile.
    func showWhatWasAsked(now: UInt64) {
        for (connection, panels) in panelsAsked.sorted(by: { $0.key.description < $1.key.description }) {
            panelsAsked[connection] = nil
            show(panels, on: connection, now: now)
        }
    }

    /// A socket is gone; the seat is interrupted when it was the last.
    func disconnected(_ connection: ConnectionID, cause: InterruptionCause, now: UInt64) {
        guard let seat = attendees[connection]?.seat else { return }
        forget(connection)
        guard isRunning, connectionsBySeat[seat] == nil, session.seat(seat)?.isConnected == true else {
            return
        }
        // Refused only where the class knows already; the pulse looks again.
        decideIfAllowed(.interrupt(cause), by: .seat(seat), at: time(now))
    }

    /// Closes a member's connection once what was decided before is durable; until then it hears no more.
    func dismiss(_ connection: ConnectionID, _ code: DisconnectCode) {
        post(.dismiss(connection, code))
        forget(connection)
    }

    private func refuse(_ connection: ConnectionID, _ code: DisconnectCode) {
        post(.dismiss(connection, code))
    }
}

extension Rejection {
    /// How a refused join is told: with the close code that says whether to come back.
    var disconnect: DisconnectCode {
        switch self {
        case .banned: .banned
        case .classFull: .classFull
        case .sessionEnded: .ended
        case .notNow: .notYetOpen
        case .alreadyInClass: .alreadyInClass
        case .notPermitted: .roleCannotJoin
        case .noSpace: .storageFailed
        default: .classUnknown
        }
    }
}
