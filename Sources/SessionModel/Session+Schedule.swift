// The life of a class: scheduled → open → live ⇄ break → ended.

extension Session {
    func decideStartBreak(_ minutes: Int) throws(Rejection) -> [Event] {
        guard (1...SessionLimits.breakMinutesMaximum).contains(minutes) else { throw .minutesOutOfRange }
        return [.breakStarted(plannedMinutes: minutes)]
    }

    /// Always in this order: turns, tracks, polls with their results, hands, seats, the class itself; each in
    /// the order in which it began.
    func decideEnd(_ asker: Asker) -> [Event] {
        var events: [Event] = speakers.map { .turnEnded($0, .sessionEnded) }
        events += tracks.map { .trackClosed($0.id, .sessionEnded) }
        events += polls.filter(\.isOpen).map { closing($0) }
        events += hands.map { .handLowered($0.seat, .left) }
        events += seats.filter(\.isPresent).map { .left($0.id, .sessionEnded) }
        events.append(.ended(asker.seat == nil ? .administrator : .requested))
        return events
    }

    /// The relay starts with this log: whoever seems connected lost the connection when it stopped.
    func decideStartRelay(_ run: UInt32, _ wall: WallTime) -> [Event] {
        let cut = seats.filter(\.isConnected).map { Event.interrupted($0.id, .server) }
        return [.relayStarted(run: run, wall: wall)] + cut
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
