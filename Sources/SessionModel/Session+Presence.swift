/// A person in one role; the same person may hold a seat in each.
struct PersonInRole: Hashable, Sendable {
    let person: PersonID
    let role: Role
}

extension Session {
    /// The seat with this name.
    public func seat(_ id: SeatID) -> Seat? { positions[id].map { seats[$0] } }

    /// The seat that a person has, or had, in a role.
    public func seat(of person: PersonID, role: Role) -> Seat? {
        positionsByPerson[PersonInRole(person: person, role: role)].map { seats[$0] }
    }

    /// When `passTime` by the relay has something to do: the grace of the longest interrupted seat is over,
    /// or nobody teaches any more.
    public var nextDeadline: SessionTime? {
        let grace = interrupted.first.flatMap { deadline(of: seats[$0]) }
        guard let grace, let absence = teachersDeadline else { return grace ?? teachersDeadline }
        return min(grace, absence)
    }

    /// When somebody who was interrupted has left; the grace runs only while the relay does.
    private func deadline(of seat: Seat) -> SessionTime? {
        guard case .interrupted(let since, _) = seat.presence else { return nil }
        return max(since, relayStartedAt).advanced(
            byMilliseconds: SessionLimits.interruptionGraceMilliseconds)
    }

    func decideJoin(
        _ person: PersonID, _ role: Role, _ members: [PersonID]
    ) throws(Rejection) -> [Event] {
        try permit(.join, .role(role))
        guard !banned.contains(person) else { throw .banned }
        guard members.count <= SessionLimits.seatMembersCountMaximum else { throw .limitReached }
        guard let seat = seat(of: person, role: role) else {
            try checkRoom(role)
            guard seats.count < SessionLimits.seatsEverCountMaximum else { throw .classFull }
            let id = SeatID(unchecked: "s\(seats.count + 1)")
            return [.joined(id, person: person, role: role, members: members)]
        }
        switch seat.presence {
        case .connected:
            if plan?.duplicateLogin == .refuse { throw .alreadyInClass }
            return []
        case .interrupted: return [.resumed(seat.id)]
        case .left, .removed:
            try checkRoom(role)
            // Going out and coming in again lifts no mute, and whoever sees the one must see the other.
            return [.joined(seat.id, person: person, role: role, members: members)]
                + (seat.isMuted ? [.muted(seat.id)] : [])
        }
    }

    /// Only participants can fill a class: a full class must still let its lecturer in.
    private func checkRoom(_ role: Role) throws(Rejection) {
        guard role == .participant, let plan else { return }
        guard presentCount < plan.kind.policy.seatsMaximum else { throw .classFull }
    }

    func decideResume(_ asker: Asker) throws(Rejection) -> [Event] {
        let seat = try own(asker)
        return seat.isConnected ? [] : [.resumed(seat.id)]
    }

    func decideInterrupt(_ asker: Asker, _ cause: InterruptionCause) throws(Rejection) -> [Event] {
        let seat = try own(asker)
        return seat.isConnected ? [.interrupted(seat.id, cause)] : []
    }

    /// Somebody who is not in class can still be banned, and nothing else.
    func decideRemove(
        _ asker: Asker, _ id: SeatID, isBanned: Bool
    ) throws(Rejection) -> [Event] {
        let seat = try directed(id, by: asker)
        guard seat.isPresent || (isBanned && !seat.isBanned) else { throw .seatAbsent }
        return departure(id, .removed(id, isBanned: isBanned))
    }

    func decideReportPlayback(_ asker: Asker, _ playback: Playback) throws(Rejection) -> [Event] {
        let seat = try own(asker)
        return seat.playback == playback ? [] : [.playbackChanged(seat.id, playback)]
    }

    func decidePassTime(at time: SessionTime) -> [Event] {
        let late = interrupted.prefix { position in
            deadline(of: seats[position]).map { $0 <= time } ?? true
        }
        if late.isEmpty, let absence = teachersDeadline, absence <= time { return decideEnd(.teachersLeft) }
        return late.flatMap { departure(seats[$0].id, .left(seats[$0].id, .timedOut)) }
    }

    /// What ends when somebody goes, in this order: hand, turn, tracks, and last the going itself.
    func departure(_ seat: SeatID, _ going: Event) -> [Event] {
        var events: [Event] = []
        if isHandRaised(seat) { events.append(.handLowered(seat, .left)) }
        if speakers.contains(seat) { events.append(.turnEnded(seat, .left)) }
        events += tracks.filter { $0.seat == seat }.map { .trackClosed($0.id, .left) }
        events.append(going)
        return events
    }

    mutating func applyJoined(
        _ id: SeatID, _ person: PersonID, _ role: Role, _ members: [PersonID], at time: SessionTime
    ) {
        guard let position = positions[id] else {
            positions[id] = seats.count
            positionsByPerson[PersonInRole(person: person, role: role)] = seats.count
            seats.append(Seat(id: id, person: person, role: role, members: members, joinedAt: time))
            if role == .participant { presentCount += 1 }
            if role.isTeaching { noteTeachers(at: time) }
            return
        }
        seats[position].members = members
        setPresence(.connected, at: position, time)
    }

    mutating func applyInterrupted(_ id: SeatID, _ cause: InterruptionCause, at time: SessionTime) {
        guard let position = positions[id] else { return }
        setPresence(.interrupted(since: time, cause), at: position, time)
        interrupted.append(position)
    }

    mutating func applyResumed(_ id: SeatID, at time: SessionTime) {
        guard let position = positions[id] else { return }
        setPresence(.connected, at: position, time)
    }

    /// Whatever the log says, nobody who is gone has a hand up, the floor or a track.
    mutating func applyGone(_ id: SeatID, _ presence: Presence, at time: SessionTime) {
        guard let position = positions[id] else { return }
        setPresence(presence, at: position, time)
        hands.removeAll { $0.seat == id }
        speakers.removeAll { $0 == id }
        tracks.removeAll { $0.seat == id }
    }

    mutating func applyRemoved(_ id: SeatID, isBanned: Bool, at time: SessionTime) {
        applyGone(id, .removed, at: time)
        guard isBanned, let position = positions[id] else { return }
        seats[position].isBanned = true
        banned.insert(seats[position].person)
    }

    /// Changes a seat, if it is there.
    mutating func change(_ id: SeatID, _ change: (inout Seat) -> Void) {
        guard let position = positions[id] else { return }
        change(&seats[position])
    }

    private mutating func setPresence(_ presence: Presence, at position: Int, _ time: SessionTime) {
        let wasPresent = seats[position].isPresent
        if case .interrupted = seats[position].presence, let place = interrupted.firstIndex(of: position) {
            interrupted.remove(at: place)
        }
        seats[position].presence = presence
        seats[position].playback = nil
        if seats[position].role.isTeaching { noteTeachers(at: time) }
        guard seats[position].role == .participant else { return }
        presentCount += (seats[position].isPresent ? 1 : 0) - (wasPresent ? 1 : 0)
    }
}
