// Polls. A vote in a named poll is an event; one in an anonymous poll is a ballot and leaves no event.

extension Session {
    /// The poll that takes votes now.
    public var openPoll: Poll? { polls.last { $0.isOpen } }

    /// The poll with this name.
    public func poll(_ id: PollID) -> Poll? { polls.first { $0.id == id } }

    /// Puts an anonymous ballot into its box, and remembers apart from it that the seat has voted.
    public mutating func cast(_ ballot: Ballot) {
        guard let place = polls.firstIndex(where: { $0.id == ballot.poll }), polls[place].isOpen else {
            return
        }
        switch polls[place].question.secrecy {
        case .anonymous: polls[place].count(ballot.option, of: ballot.seat)
        case .named: return
        }
    }

    /// Takes voters and ballots of an anonymous poll from its ballot box, at recovery.
    public mutating func restore(poll: PollID, voters: [SeatID], ballots: [Int]) {
        guard let place = polls.firstIndex(where: { $0.id == poll }) else { return }
        switch polls[place].question.secrecy {
        case .anonymous: polls[place].restore(voters: voters, ballots: ballots)
        case .named: return
        }
    }

    func decideOpenPoll(_ question: PollQuestion) throws(Rejection) -> [Event] {
        let bounds = SessionLimits.pollOptionsCountMinimum...SessionLimits.pollOptionsCountMaximum
        guard bounds.contains(question.options.count) else { throw .optionCountOutOfRange }
        guard openPoll == nil else { throw .pollAlreadyOpen }
        guard polls.count < SessionLimits.pollsCountMaximum else { throw .limitReached }
        return [.pollOpened(PollID(unchecked: "p\(polls.count + 1)"), question)]
    }

    func decideVote(_ asker: Asker, _ id: PollID, _ option: Int) throws(Rejection) -> Decision {
        let seat = try own(asker).id
        let poll = try openPoll(id)
        guard poll.question.options.indices.contains(option) else { throw .optionUnknown }
        guard !poll.hasVoted(seat) else { throw .alreadyVoted }
        switch poll.question.secrecy {
        case .named: return Decision(events: [.voteCast(id, seat: seat, option: option)])
        case .anonymous: return Decision(ballots: [Ballot(poll: id, seat: seat, option: option)])
        }
    }

    func decideClosePoll(_ id: PollID) throws(Rejection) -> [Event] { [closing(try openPoll(id))] }

    func closing(_ poll: Poll) -> Event {
        .pollClosed(poll.id, count: poll.count, sums: poll.publishableSums)
    }

    private func openPoll(_ id: PollID) throws(Rejection) -> Poll {
        guard let poll = poll(id) else { throw .pollUnknown }
        guard poll.isOpen else { throw .pollClosed }
        return poll
    }

    mutating func applyPollOpened(_ id: PollID, _ question: PollQuestion, at time: SessionTime) {
        guard poll(id) == nil else { return }
        polls.append(Poll(id: id, question: question, openedAt: time))
    }

    mutating func applyVoteCast(_ id: PollID, _ seat: SeatID, _ option: Int) {
        guard let place = polls.firstIndex(where: { $0.id == id }) else { return }
        polls[place].count(option, of: seat)
    }

    mutating func applyPollClosed(_ id: PollID, _ count: Int, _ sums: [Int]?, at time: SessionTime) {
        guard let place = polls.firstIndex(where: { $0.id == id }) else { return }
        polls[place].closedAt = time
        polls[place].closedCount = count
        polls[place].closedSums = sums
        polls[place].forgetAnonymousChoices()
    }
}
