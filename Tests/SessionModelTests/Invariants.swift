import SessionModel
import Testing

/// What is true of every class at every moment, whatever happened.
func checkInvariants(_ session: Session, _ note: @autoclosure () -> String = "") {
    let present = Set(session.seats.filter(\.isPresent).map(\.id))
    let participants = Set(session.seats.filter { $0.isPresent && $0.role == .participant }.map(\.id))
    var problems: [String] = []
    func require(_ holds: Bool, _ what: String) { if !holds { problems.append(what) } }

    require(session.presentCount == participants.count, "the count of participants")
    require(session.hands.allSatisfy { participants.contains($0.seat) }, "hands of people who are here")
    require(Set(session.hands.map(\.seat)).count == session.hands.count, "one hand each")
    require(session.hands.count <= SessionLimits.handQueueCountMaximum, "the queue's bound")
    require(session.hands == session.hands.sorted { $0.raisedAt < $1.raisedAt }, "hands in order")
    require(session.speakers.allSatisfy { participants.contains($0) }, "speakers who are here")
    require(session.speakers.count <= SessionLimits.speakersCountMaximum, "the speakers' bound")
    require(session.speakers.allSatisfy { !session.isHandRaised($0) }, "no speaker with a hand up")
    require(session.tracks.allSatisfy { present.contains($0.seat) }, "tracks of people who are here")
    require(Set(session.tracks.map(\.seat)).count == session.tracks.count, "one track each")
    require(session.polls.count(where: \.isOpen) <= 1, "one open poll")
    require(session.chat.count <= SessionLimits.chatBacklogCountMaximum, "the backlog's bound")
    require(Set(session.seats.map(\.id)).count == session.seats.count, "a name for each seat")
    require((session.breakStartedAt != nil) == (session.phase == .onBreak), "breaks")
    require(session.seats.allSatisfy { session.seat($0.id) == $0 }, "seats by name")
    for seat in session.seats where session.maySound(seat.id) {
        require(session.phase == .live && seat.isPresent && !seat.isMuted, "sound")
    }
    for poll in session.polls {
        require(poll.voters == poll.voters.sorted(), "voters in no order of time")
        require(poll.isOpen ? poll.result == nil : true, "no result while a poll is open")
        require(poll.ballots == poll.ballots.sorted(), "ballots in no order of time")
    }
    if session.phase == .ended { require(present.isEmpty && session.nextDeadline == nil, "the end") }
    #expect(problems.isEmpty, "\(problems) \(note())")
}
