import LiveRelayWire
import SessionModel

extension Classroom {
    /// Takes in one event. Types of a newer relay change nothing.
    mutating func apply(_ notice: EventNotice) {
        switch notice.event.type {
        case "opened", "started", "breakStarted", "breakEnded", "ended", "recordingPaused",
            "recordingResumed":
            applyLifecycle(notice)
        case "joined", "resumed", "interrupted", "left", "removed": applyPresence(notice)
        case "chatPosted", "chatHidden", "textsRemoved": applyChat(notice)
        case "handRaised", "handLowered", "calledToSpeak", "turnEnded", "muted", "unmuted":
            applyFloor(notice)
        case "pollOpened", "voteCast", "pollClosed": applyPoll(notice)
        case "trackOpened", "trackClosed": applyTrack(notice)
        default: break
        }
    }

    private mutating func applyLifecycle(_ notice: EventNotice) {
        switch notice.event.type {
        case "opened":
            card?.phase = .open
            card?.openedAt = notice.t
        case "started":
            card?.phase = .live
            card?.startedAt = notice.t
        case "breakStarted":
            card?.phase = .onBreak
            card?.breakStartedAt = notice.t
            card?.breakMinutes = notice.event.plannedMinutes
        case "breakEnded":
            card?.phase = .live
            card?.breakStartedAt = nil
            card?.breakMinutes = nil
        case "ended":
            card?.phase = .ended
            card?.endedAt = notice.t
        case "recordingPaused": card?.recording = notice.event.reason ?? "failed"
        case "recordingResumed": card?.recording = "on"
        default: break
        }
    }

    private mutating func applyPresence(_ notice: EventNotice) {
        guard let seat = notice.event.seat else { return }
        switch notice.event.type {
        case "joined":
            guard let card = notice.people[seat.text] else { return }
            people[seat] = ClassroomPerson(seat: seat, card)
        case "resumed": people[seat]?.isConnected = true
        case "interrupted": people[seat]?.isConnected = false
        case "left", "removed":
            people[seat] = nil
            hands.removeAll { $0.seat == seat }
        default: break
        }
    }

    private mutating func applyChat(_ notice: EventNotice) {
        switch notice.event.type {
        case "chatPosted":
            guard let id = notice.event.chat, let seat = notice.event.seat,
                let card = notice.people[seat.text]
            else { return }
            chat.append(
                ChatCard(
                    chat: id, seat: seat, card: card, at: notice.t, text: notice.event.text, isHidden: false))
            if chat.count > Self.chatCountMaximum { chat.removeFirst(chat.count - Self.chatCountMaximum) }
        case "chatHidden":
            guard let index = chat.firstIndex(where: { $0.chat == notice.event.chat }) else { return }
            chat[index].isHidden = true
            if !role.isStaff { chat[index].text = nil }
        case "textsRemoved":
            for index in chat.indices { chat[index].text = nil }
        default: break
        }
    }

    private mutating func applyFloor(_ notice: EventNotice) {
        guard let seat = notice.event.seat else { return }
        let isOwn = seat == self.seat
        switch notice.event.type {
        case "handRaised":
            guard role.isStaff, !hands.contains(where: { $0.seat == seat }) else { return }
            let card = notice.people[seat.text]
            hands.append(
                HandCard(
                    seat: seat, name: card?.name ?? seat.text, affiliation: card?.affiliation ?? "",
                    raisedAt: notice.t))
            handsCount = hands.count
        case "handLowered":
            hands.removeAll { $0.seat == seat }
            if role.isStaff { handsCount = hands.count }
            if isOwn { handPosition = nil }
        case "calledToSpeak":
            setPerson(seat, notice) { $0.isSpeaking = true }
            if isOwn { isSpeaking = true }
        case "turnEnded":
            people[seat]?.isSpeaking = false
            if isOwn { isSpeaking = false }
            // Whoever became visible by being called is out of sight again, and what becomes of their line
            // too.
            if card?.kind == .largeLecture, people[seat]?.role == .participant { people[seat] = nil }
        case "muted", "unmuted":
            let isNowMuted = notice.event.type == "muted"
            people[seat]?.isMuted = isNowMuted
            if isOwn { isMuted = isNowMuted }
        default: break
        }
    }

    /// In a large class a speaker becomes visible by being called.
    private mutating func setPerson(
        _ seat: SeatID, _ notice: EventNotice, _ change: (inout ClassroomPerson) -> Void
    ) {
        guard var person = people[seat] ?? notice.people[seat.text].map({ ClassroomPerson(seat: seat, $0) })
        else { return }
        change(&person)
        people[seat] = person
    }

    private mutating func applyPoll(_ notice: EventNotice) {
        let fields = notice.event
        guard let poll = fields.poll else { return }
        if fields.type == "pollOpened" {
            guard let question = fields.question, let options = fields.options, let secrecy = fields.secrecy
            else { return }
            polls.append(
                PollCard(
                    poll: poll, question: question, options: options, secrecy: secrecy, openedAt: notice.t,
                    closedAt: nil, count: 0, sums: nil, votes: nil))
            return
        }
        guard let index = polls.firstIndex(where: { $0.poll == poll }) else { return }
        if fields.type == "voteCast", let seat = fields.seat, let option = fields.option {
            let name = notice.people[seat.text]?.name ?? seat.text
            let vote = VoteCard(seat: seat, name: name, option: option)
            polls[index].votes = (polls[index].votes ?? []) + [vote]
        } else if fields.type == "pollClosed" {
            polls[index].closedAt = notice.t
            polls[index].count = fields.count ?? polls[index].count
            polls[index].sums = fields.sums
        }
    }

    private mutating func applyTrack(_ notice: EventNotice) {
        let fields = notice.event
        guard let track = fields.track else { return }
        tracks.removeAll { $0.track == track }
        guard fields.type == "trackOpened", let seat = fields.seat else { return }
        tracks.append(
            TrackCard(track: track, seat: seat, codec: fields.codec ?? .opus, channels: fields.channels ?? 1))
    }
}
