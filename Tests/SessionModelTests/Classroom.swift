import SessionModel

/// A class with people whose names are seats, its log, and a clock that only the test moves.
struct Classroom {
    var session: Session
    var log: [RecordedEvent] = []
    var ballots: [Ballot] = []
    var now = SessionTime.zero

    /// A class that was planned, and nothing else.
    init(_ plan: SessionPlan = .lesson) {
        session = Session(id: SessionID(unchecked: "class"))
        log += session.record([.scheduled(plan)], by: .administrator, cause: nil, at: now)
    }

    /// A class that runs since second 60, with lin, wang and zhao in it, in this order.
    static func live(_ plan: SessionPlan = .lesson) throws -> Classroom {
        var classroom = Classroom(plan)
        try classroom.perform(
            .startRelay(run: 1, wall: WallTime(milliseconds: 1_795_000_000_000)), by: .relay)
        try classroom.perform(.open, by: .relay)
        try classroom.perform(.join(.lin, .lecturer), by: .relay)
        try classroom.perform(.join(.wang, .participant), by: .relay)
        try classroom.perform(.join(.zhao, .participant), by: .relay)
        classroom.pass(60)
        try classroom.perform(.start, by: .lin)
        return classroom
    }

    /// Lets seconds go by.
    mutating func pass(_ seconds: Int64) { pass(milliseconds: seconds * 1_000) }

    /// Lets milliseconds go by.
    mutating func pass(milliseconds: Int64) { now = now.advanced(byMilliseconds: milliseconds) }

    /// Decides, records and casts; gives back what was recorded.
    @discardableResult
    mutating func perform(
        _ command: Command, by actor: Actor, cause: CommandID? = nil
    ) throws(Rejection) -> [Event] {
        let decision = try session.decide(command, by: actor, at: now)
        log += session.record(decision.events, by: actor, cause: cause, at: now)
        for ballot in decision.ballots { session.cast(ballot) }
        ballots += decision.ballots
        return decision.events
    }

    /// Why a command is refused; nil where it is not. Nothing happens either way.
    func refusal(_ command: Command, by actor: Actor) -> Rejection? {
        do throws(Rejection) {
            _ = try session.decide(command, by: actor, at: now)
            return nil
        } catch {
            return error
        }
    }

    /// The class as its log and its ballot boxes give it back.
    var recovered: Session {
        var copy = Session(id: session.id)
        for recorded in log { copy.apply(recorded) }
        for poll in session.polls {
            copy.restore(poll: poll.id, voters: poll.voters, ballots: poll.ballots)
        }
        return copy
    }
}

extension Command {
    /// Takes a seat without members.
    static func join(_ person: PersonID, _ role: Role) -> Command {
        .join(person: person, role: role, members: [])
    }

    /// Says something that is short enough.
    static func say(_ name: String) -> Command { .postChat(text: .named(name), characters: 8) }
}

extension PersonID {
    static let lin = PersonID(unchecked: "lin")
    static let wang = PersonID(unchecked: "wang")
    static let zhao = PersonID(unchecked: "zhao")
    static let he = PersonID(unchecked: "he")
    static let xu = PersonID(unchecked: "xu")
}

extension SeatID {
    static let lin = SeatID(unchecked: "s1")
    static let wang = SeatID(unchecked: "s2")
    static let zhao = SeatID(unchecked: "s3")
    /// Whoever joined after the three of `Classroom.live`.
    static let fourth = SeatID(unchecked: "s4")
    static let nobody = SeatID(unchecked: "s999")
}

extension Actor {
    static let lin = Actor.seat(.lin)
    static let wang = Actor.seat(.wang)
    static let zhao = Actor.seat(.zhao)
    static let fourth = Actor.seat(.fourth)
}

extension PollID {
    static let first = PollID(unchecked: "p1")
}

extension ChatID {
    static let first = ChatID(unchecked: "c1")
}

extension TextReference {
    /// A reference to a text that nobody wrote.
    static func named(_ name: String) -> TextReference {
        guard let commitment = Commitment(hex: String(repeating: "0a", count: 32)) else {
            preconditionFailure("64 hexadecimal digits are a commitment")
        }
        return TextReference(ref: TextID(unchecked: name), commitment: commitment)
    }
}

extension PollQuestion {
    /// A question with so many options.
    static func choice(_ secrecy: PollSecrecy, options: Int = 3) -> PollQuestion {
        PollQuestion(
            question: .named("q"), options: (0..<options).map { .named("o\($0)") }, secrecy: secrecy)
    }
}

extension SessionPlan {
    /// A small class of an hour.
    static let lesson = SessionPlan(
        title: "听评课", kind: .smallInteractive, plannedStart: WallTime(milliseconds: 1_795_000_060_000),
        plannedMinutes: 60)

    /// The same class with something changed.
    func with(_ change: (inout SessionPlan) -> Void) -> SessionPlan {
        var copy = self
        change(&copy)
        return copy
    }
}

extension SessionTime {
    /// The moment so many seconds after the creation of the log.
    static func second(_ seconds: Int64) -> SessionTime { SessionTime(milliseconds: seconds * 1_000) }
}

/// SplitMix64: small, good enough for tests, the same on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number below a bound.
    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}
