/// What a report says of the course of a class, apart from people's attendance and engagement.
struct CourseFold: Sendable {
    private(set) var polls: [PollReport] = []
    private(set) var moderation: [RecordedEvent] = []
    private(set) var visits: [Visit] = []
    private(set) var recordingPauses: [RecordingPause] = []
    private var people: [SeatID: PersonID] = [:]
    private var openVisits: [SeatID: Int] = [:]

    init(_ events: some Sequence<RecordedEvent>) {
        for recorded in events { apply(recorded) }
    }

    private mutating func apply(_ recorded: RecordedEvent) {
        switch recorded.event {
        case .joined(let seat, let person, let role, _):
            people[seat] = person
            if role == .supervisor { beginVisit(seat, person, at: recorded.t) }
        case .left(let seat, _): endVisit(seat, at: recorded.t)
        case .removed(let seat, _):
            endVisit(seat, at: recorded.t)
            moderation.append(recorded)
        case .muted, .unmuted, .chatHidden, .handLowered(_, .staff), .turnEnded(_, .staff):
            moderation.append(recorded)
        case .pollOpened(let poll, let question): openPoll(poll, question, at: recorded.t)
        case .voteCast(let poll, let seat, let option): vote(poll, seat, option)
        case .pollClosed(let poll, let count, let sums): closePoll(poll, count, sums, at: recorded.t)
        case .recordingPaused(let cause):
            recordingPauses.append(RecordingPause(from: recorded.t, to: nil, cause: cause))
        case .recordingResumed, .ended: endRecordingPause(at: recorded.t)
        case .scheduled, .peopleExpected, .relayStarted, .opened, .started, .breakStarted, .breakEnded,
            .interrupted, .resumed, .playbackChanged, .chatPosted, .handRaised, .handLowered, .calledToSpeak,
            .turnEnded, .trackOpened, .trackClosed, .textsRemoved:
            return
        }
    }

    private mutating func beginVisit(_ seat: SeatID, _ person: PersonID, at time: SessionTime) {
        guard openVisits[seat] == nil else { return }
        openVisits[seat] = visits.count
        visits.append(Visit(person: person, from: time, to: nil))
    }

    private mutating func endVisit(_ seat: SeatID, at time: SessionTime) {
        guard let place = openVisits.removeValue(forKey: seat) else { return }
        visits[place].to = time
    }

    private mutating func endRecordingPause(at time: SessionTime) {
        guard let place = recordingPauses.indices.last, recordingPauses[place].to == nil else { return }
        recordingPauses[place].to = time
    }

    private mutating func openPoll(_ poll: PollID, _ question: PollQuestion, at time: SessionTime) {
        let isNamed = question.secrecy == .named
        polls.append(
            PollReport(
                poll: poll, question: question, openedAt: time, closedAt: nil, count: isNamed ? 0 : nil,
                sums: nil, answers: isNamed ? [] : nil))
    }

    private mutating func vote(_ poll: PollID, _ seat: SeatID, _ option: Int) {
        guard let place = polls.firstIndex(where: { $0.poll == poll }), let person = people[seat] else {
            return
        }
        polls[place].answers?.append(PollAnswer(person: person, option: option))
        polls[place].count = polls[place].answers?.count
    }

    private mutating func closePoll(_ poll: PollID, _ count: Int, _ sums: [Int]?, at time: SessionTime) {
        guard let place = polls.firstIndex(where: { $0.poll == poll }) else { return }
        polls[place].closedAt = time
        polls[place].count = count
        polls[place].sums = sums
    }
}
