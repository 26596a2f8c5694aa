/// One single-choice poll with what is known of its answers.
///
/// Of an anonymous poll it holds who voted (sorted) and how often each option was chosen, and nothing that
/// would join the two, not even an order.
public struct Poll: Hashable, Sendable {
    /// Its name in this class.
    public let id: PollID
    /// What is asked.
    public let question: PollQuestion
    /// When it was opened.
    public let openedAt: SessionTime
    /// When it was closed; nil while it is open.
    public internal(set) var closedAt: SessionTime?
    /// Who has voted, sorted by seat.
    public private(set) var voters: [SeatID] = []
    /// What was chosen, at the places of `voters`; empty for an anonymous poll.
    private var choices: [Int] = []
    /// How often each option was chosen.
    private var tally: [Int]
    /// How many had voted when the poll was closed.
    var closedCount: Int?
    /// The published result.
    var closedSums: [Int]?

    init(id: PollID, question: PollQuestion, openedAt: SessionTime) {
        self.id = id
        self.question = question
        self.openedAt = openedAt
        tally = Array(repeating: 0, count: question.options.count)
    }

    /// Whether votes are taken.
    public var isOpen: Bool { closedAt == nil }

    /// How many have voted.
    public var count: Int { closedCount ?? voters.count }

    /// Whether a seat has voted.
    public func hasVoted(_ seat: SeatID) -> Bool {
        let place = place(of: seat)
        return place < voters.count && voters[place] == seat
    }

    /// Who chose what, sorted by seat; nil for an anonymous poll.
    public var answers: [Answer]? {
        switch question.secrecy {
        case .named: zip(voters, choices).map { Answer(seat: $0, option: $1) }
        case .anonymous: nil
        }
    }

    /// What was chosen, sorted, without who: the contents of the ballot box of an anonymous poll.
    public var ballots: [Int] {
        tally.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
    }

    /// How often each option was chosen: of a poll that was closed, and of an anonymous one only where there
    /// are enough ballots for the sums not to point at people.
    public var result: [Int]? { closedSums }

    /// What closing the poll now would publish.
    var publishableSums: [Int]? {
        switch question.secrecy {
        case .named: tally
        case .anonymous: voters.count < SessionLimits.anonymousBallotsCountMinimum ? nil : tally
        }
    }

    /// Counts a vote; one that was counted already changes nothing.
    mutating func count(_ option: Int, of seat: SeatID) {
        let place = place(of: seat)
        guard tally.indices.contains(option), place == voters.count || voters[place] != seat else { return }
        voters.insert(seat, at: place)
        tally[option] += 1
        switch question.secrecy {
        case .named: choices.insert(option, at: place)
        case .anonymous: break
        }
    }

    /// Once an anonymous poll is closed only what was published is kept, here as in its ballot box.
    mutating func forgetAnonymousChoices() {
        guard question.secrecy == .anonymous else { return }
        tally = Array(repeating: 0, count: question.options.count)
    }

    /// Takes voters and ballots as they stood in the ballot box.
    mutating func restore(voters: [SeatID], ballots: [Int]) {
        self.voters = voters.sorted()
        tally = Array(repeating: 0, count: question.options.count)
        for option in ballots where tally.indices.contains(option) { tally[option] += 1 }
    }

    /// Writes what the log says of the poll: of an anonymous one nothing of votes.
    func write(to image: inout ImageWriter) {
        image.put(id)
        question.question.write(to: &image)
        image.put(list: question.options) { $1.write(to: &$0) }
        image.put(word: question.secrecy)
        image.put(openedAt)
        image.put(closedAt) { $0.put($1) }
        image.put(closedCount) { $0.put($1) }
        image.put(closedSums) { $0.put(list: $1) { $0.put($1) } }
        image.put(list: answers ?? []) { image, answer in
            image.put(answer.seat)
            image.put(answer.option)
        }
    }

    /// Reads what `write` wrote.
    init(image: inout ImageReader) throws(ImageFailure) {
        self.init(
            id: try image.identifier(),
            question: PollQuestion(
                question: try TextReference(image: &image),
                options: try image.list { image throws(ImageFailure) in try TextReference(image: &image) },
                secrecy: try image.word()),
            openedAt: try image.time())
        closedAt = try image.optional { image throws(ImageFailure) in try image.time() }
        closedCount = try image.optional { image throws(ImageFailure) in try image.integer() }
        closedSums = try image.optional { image throws(ImageFailure) in
            try image.list { image throws(ImageFailure) in try image.integer() }
        }
        let answers = try image.list { image throws(ImageFailure) in
            Answer(seat: try image.identifier(), option: try image.integer())
        }
        for answer in answers { count(answer.option, of: answer.seat) }
    }

    /// Where a seat stands among the voters, or would have to be put.
    private func place(of seat: SeatID) -> Int {
        var low = 0
        var high = voters.count
        while low < high {
            let middle = (low + high) / 2
            if voters[middle] < seat { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// What somebody answered in a named poll.
public struct Answer: Hashable, Sendable {
    /// Who answered.
    public let seat: SeatID
    /// The number of the chosen option, from 0.
    public let option: Int
}
