// The life of a class: scheduled → open → live ⇄ break → ended.

extension Session {
    func decideStartBreak(_ minutes: Int) throws(Rejection) -> [Event] {
        guard (1...SessionLimits.breakMinutesMaximum).contains(minutes) else { throw .minutesOutOfRange }
        return [.breakStarted(plannedMinutes: minutes)]
    }

    /// Always in this order: turns, tracks, polls with their results, hands, seats, the class itself; each in
    /// the order in which it began.
    func decideEnd(_ cause: EndCause) -> [Event] {
        var events: [Event] = speakers.map { .turnEnded($0, .sessionEnded) }
        events += tracks.map { .trackClosed($0.id, .sessionEnded) }
        events += polls.filter(\.isOpen).map { closing($0) }
        events += hands.map { .handLowered($0.seat, .left) }
        events += seats.filter(\.isPresent).map { .left($0.id, .sessionEnded) }
        events.append(.ended(cause))
        return events
    }

    /// The relay starts with this log: whoever seems connected lost the connection when it stopped. It was
    /// there for the last event, whatever it remembers.
    func decideStartRelay(
        _ run: UInt32, _ wall: WallTime, _ silentSince: SessionTime?, at time: SessionTime
    ) -> [Event] {
        let cut = seats.filter(\.isConnected).map { Event.interrupted($0.id, .server) }
        let since = silentSince.map { min(max($0, self.time), max(time, self.time)) }
        return [.relayStarted(run: run, wall: wall, silentSince: since)] + cut
    }

    /// When a lesson that its lecturer left on purpose ends by itself; nil while somebody teaches.
    ///
    /// Never because the network or the relay was the cause: whoever was cut off may come back, however late,
    /// and the time runs only while the relay does.
    public var teachersDeadline: SessionTime? {
        guard phase == .live || phase == .onBreak, let left = teachersLeftAt else { return nil }
        return max(left, relayStartedAt).advanced(byMilliseconds: SessionLimits.teacherAbsenceMilliseconds)
    }

    /// Looks whether anybody teaches, after somebody who does came or went.
    mutating func noteTeachers(at time: SessionTime) {
        let teachers = seats.filter(\.role.isTeaching)
        let haveAllLeft = teachers.allSatisfy { $0.presence == .left(.requested) || $0.presence == .removed }
        teachersLeftAt = haveAllLeft && !teachers.isEmpty ? time : nil
    }

    /// People who are on the list already stay where they are.
    func decideExpect(_ people: [PersonID]) throws(Rejection) -> [Event] {
        var seen: Set<PersonID> = []
        let fresh = people.filter { !expectedSet.contains($0) && seen.insert($0).inserted }
        guard expected.count + fresh.count <= SessionLimits.expectedCountMaximum else { throw .limitReached }
        let step = SessionLimits.expectedPerEventCountMaximum
        return stride(from: 0, to: fresh.count, by: step).map { start in
            .peopleExpected(Array(fresh[start..<min(start + step, fresh.count)]))
        }
    }

    mutating func applyExpected(_ people: [PersonID]) {
        for person in people where expectedSet.insert(person).inserted { expected.append(person) }
    }

    mutating func applyRelayStarted(_ run: UInt32, at time: SessionTime) {
        self.run = run
        relayStartedAt = time
    }

    mutating func applyOpened(at time: SessionTime) {
        phase = .open
        openedAt = time
    }

    mutating func applyStarted(at time: SessionTime) {
        phase = .live
        startedAt = time
    }

    mutating func applyBreakStarted(_ minutes: Int, at time: SessionTime) {
        phase = .onBreak
        breakStartedAt = time
        breakMinutes = minutes
    }

    mutating func applyBreakEnded() {
        phase = .live
        breakStartedAt = nil
        breakMinutes = nil
    }

    mutating func applyEnded(at time: SessionTime) {
        phase = .ended
        endedAt = time
        breakStartedAt = nil
        breakMinutes = nil
    }
}
