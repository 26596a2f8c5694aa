// Who has the floor: hands, turns to speak, mutes.

extension Session {
    /// Whether a seat's hand is up.
    public func isHandRaised(_ seat: SeatID) -> Bool { hands.contains { $0.seat == seat } }

    /// Whether what a seat publishes is relayed now: the lesson runs, the seat may speak and is not muted.
    public func maySound(_ id: SeatID) -> Bool {
        guard phase == .live, let seat = seat(id), seat.isPresent, !seat.isMuted else { return false }
        return mayPublish(seat)
    }

    /// Whether a seat may have a track: always those who teach, others while they are called to speak.
    func mayPublish(_ seat: Seat) -> Bool {
        switch seat.role {
        case .lecturer, .assistant: true
        case .participant: speakers.contains(seat.id)
        case .supervisor, .expert, .viewer, .administrator: false
        }
    }

    func decideRaiseHand(_ asker: Asker) throws(Rejection) -> [Event] {
        let seat = try own(asker).id
        guard !speakers.contains(seat) else { throw .alreadySpeaking }
        guard !isHandRaised(seat) else { throw .handAlreadyRaised }
        guard hands.count < SessionLimits.handQueueCountMaximum else { throw .handQueueFull }
        return [.handRaised(seat)]
    }

    func decideLowerHand(_ asker: Asker, _ other: SeatID?) throws(Rejection) -> [Event] {
        guard let id = other, id != asker.seat?.id else {
            guard let seat = asker.seat?.id, isHandRaised(seat) else { throw .handNotRaised }
            return [.handLowered(seat, .owner)]
        }
        let seat = try directed(id, by: asker)
        guard isHandRaised(seat.id) else { throw .handNotRaised }
        return [.handLowered(seat.id, .staff)]
    }

    /// Lowers the hand and lifts a mute: whoever is called is meant to be heard.
    func decideCallToSpeak(_ asker: Asker, _ id: SeatID) throws(Rejection) -> [Event] {
        let seat = try known(id, to: asker)
        guard seat.isConnected else { throw .seatAbsent }
        guard !mayPublish(seat) else { throw .alreadySpeaking }
        guard speakers.count < SessionLimits.speakersCountMaximum else { throw .speakersFull }
        var events: [Event] = []
        if isHandRaised(id) { events.append(.handLowered(id, .called)) }
        if seat.isMuted { events.append(.unmuted(id)) }
        events.append(.calledToSpeak(id))
        return events
    }

    func decideEndTurn(_ asker: Asker, _ other: SeatID?) throws(Rejection) -> [Event] {
        guard let id = other, id != asker.seat?.id else {
            guard let seat = asker.seat?.id, speakers.contains(seat) else { throw .notSpeaking }
            return endOfTurn(seat, .speaker)
        }
        let seat = try directed(id, by: asker)
        guard speakers.contains(seat.id) else { throw .notSpeaking }
        return endOfTurn(seat.id, .staff)
    }

    private func endOfTurn(_ seat: SeatID, _ cause: TurnEndCause) -> [Event] {
        [.turnEnded(seat, cause)]
            + tracks.filter { $0.seat == seat }.map { .trackClosed($0.id, .turnEnded) }
    }

    func decideMute(_ asker: Asker, _ id: SeatID) throws(Rejection) -> [Event] {
        let seat = try mutable(id, by: asker)
        guard !seat.isMuted else { throw .alreadyMuted }
        return [.muted(id)]
    }

    func decideUnmute(_ asker: Asker, _ id: SeatID) throws(Rejection) -> [Event] {
        let seat = try mutable(id, by: asker)
        guard seat.isMuted else { throw .notMuted }
        return [.unmuted(id)]
    }

    /// Staff may also mute themselves.
    private func mutable(_ id: SeatID, by asker: Asker) throws(Rejection) -> Seat {
        if let own = asker.seat, own.id == id { return own }
        let seat = try directed(id, by: asker)
        guard seat.isPresent else { throw .seatAbsent }
        return seat
    }

    mutating func applyHandRaised(_ seat: SeatID, at time: SessionTime) {
        guard !isHandRaised(seat) else { return }
        hands.append(Hand(seat: seat, raisedAt: time))
    }

    mutating func applyCalledToSpeak(_ seat: SeatID) {
        guard !speakers.contains(seat) else { return }
        speakers.append(seat)
    }
}
