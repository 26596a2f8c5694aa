extension Session {
    /// Who asks, once it is known that they may ask at all.
    struct Asker {
        /// The role that permissions go by; nil for the relay.
        let role: Role?
        /// The seat; nil for the relay and for administrators.
        let seat: Seat?
    }

    /// Says what a command leads to, or why it is refused; changes nothing.
    public func decide(
        _ command: Command, by actor: Actor, at time: SessionTime
    ) throws(Rejection) -> Decision {
        guard plan != nil else { throw .notNow }
        if case .join(let person, let role, let members) = command {
            return Decision(events: try decideJoin(person, role, members))
        }
        let asker = try asker(actor, command.kind)
        if case .vote(let poll, let option) = command { return try decideVote(asker, poll, option) }
        return Decision(events: try decideEvents(command, asker, at: time))
    }

    private func decideEvents(
        _ command: Command, _ asker: Asker, at time: SessionTime
    ) throws(Rejection) -> [Event] {
        switch command {
        case .open: return [.opened]
        case .start: return [.started]
        case .startBreak(let minutes): return try decideStartBreak(minutes)
        case .endBreak: return [.breakEnded]
        case .end: return decideEnd(asker.seat == nil ? .administrator : .requested)
        case .resume: return try decideResume(asker)
        case .interrupt(let cause): return try decideInterrupt(asker, cause)
        case .leave: return departure(try own(asker).id, .left(try own(asker).id, .requested))
        case .remove(let seat, let isBanned): return try decideRemove(asker, seat, isBanned: isBanned)
        case .reportPlayback(let playback): return try decideReportPlayback(asker, playback)
        case .postChat(let text, let characters):
            return try decidePostChat(asker, text, characters: characters, at: time)
        case .hideChat(let chat): return try decideHideChat(chat)
        case .raiseHand: return try decideRaiseHand(asker)
        case .lowerHand(let seat): return try decideLowerHand(asker, seat)
        case .callToSpeak(let seat): return try decideCallToSpeak(asker, seat)
        case .endTurn(let seat): return try decideEndTurn(asker, seat)
        case .mute(let seat): return try decideMute(asker, seat)
        case .unmute(let seat): return try decideUnmute(asker, seat)
        case .openPoll(let question): return try decideOpenPoll(question)
        case .closePoll(let poll): return try decideClosePoll(poll)
        case .openTrack(let channels): return try decideOpenTrack(asker, channels: channels)
        case .closeTrack(let track): return try decideCloseTrack(asker, track)
        case .startRelay(let run, let wall, let silentSince):
            return decideStartRelay(run, wall, silentSince, at: time)
        case .expect(let people): return try decideExpect(people)
        case .pauseRecording(let cause): return isRecordingPaused == nil ? [.recordingPaused(cause)] : []
        case .resumeRecording: return isRecordingPaused == nil ? [] : [.recordingResumed]
        case .removeTexts(let cause): return [.textsRemoved(cause)]
        case .passTime: return decidePassTime(at: time)
        case .join, .vote: return []  // Decided above: the one has no seat yet, the other leaves no event.
        }
    }

    /// Who asks, if their seat is there and the matrix lets them.
    private func asker(_ actor: Actor, _ kind: CommandKind) throws(Rejection) -> Asker {
        let asker: Asker
        switch actor {
        case .relay: asker = Asker(role: nil, seat: nil)
        case .administrator: asker = Asker(role: .administrator, seat: nil)
        case .seat(let id):
            guard let seat = seat(id) else { throw .seatUnknown }
            asker = Asker(role: seat.role, seat: seat)
        }
        try permit(kind, asker.role.map { .role($0) } ?? .relay)
        if let seat = asker.seat { try checkPresence(seat, kind) }
        return asker
    }

    /// Asks the matrix; says why not.
    func permit(_ kind: CommandKind, _ asker: Permission.Asker) throws(Rejection) {
        if Permission.allows(kind, asker, in: phase) { return }
        if phase == .ended { throw .sessionEnded }
        throw Permission.phases(kind, asker).isEmpty ? .notPermitted : .notNow
    }

    private func checkPresence(_ seat: Seat, _ kind: CommandKind) throws(Rejection) {
        switch seat.presence {
        case .connected: return
        case .interrupted:
            let comesOrGoes = kind == .resume || kind == .interrupt || kind == .leave
            if !comesOrGoes { throw .seatAbsent }
        case .left: throw .seatAbsent
        case .removed: throw seat.isBanned ? .banned : .seatAbsent
        }
    }

    /// The seat of somebody who asks for what only somebody in class can do.
    func own(_ asker: Asker) throws(Rejection) -> Seat {
        guard let seat = asker.seat else { throw .notPermitted }
        return seat
    }

    /// A seat that somebody speaks of: it is unknown to those who may not know of it.
    func known(_ id: SeatID, to asker: Asker) throws(Rejection) -> Seat {
        guard let seat = seat(id), let role = asker.role, Permission.mayKnow(role, of: seat.role) else {
            throw .seatUnknown
        }
        return seat
    }

    /// A seat that somebody may mute, remove and the like.
    func directed(_ id: SeatID, by asker: Asker) throws(Rejection) -> Seat {
        let seat = try known(id, to: asker)
        guard let role = asker.role, Permission.mayDirect(role, seat.role) else { throw .notPermitted }
        return seat
    }
}
