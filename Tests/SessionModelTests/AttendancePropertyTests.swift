import SessionModel
import Testing

/// Attendance against a model that is too simple to be wrong: one box for every second.
struct AttendancePropertyTests {
    private static let seconds = 900

    @Test func timeIsTheMeasureOfTheUnion() throws {
        for seed in UInt64(1)...100 {
            var script = Script(seed: seed, seconds: Self.seconds)
            try script.play()
            let attendance = Attendance(events: script.classroom.log)
            for person in script.people {
                let row = try #require(attendance.rows.first { $0.person == person })
                let expected = script.boxes(of: person)
                #expect(row.onlineMilliseconds == expected.online, "seed \(seed), \(person)")
                #expect(row.listeningMilliseconds == expected.listening, "seed \(seed), \(person)")
                #expect(row.interruptedMilliseconds == expected.interrupted, "seed \(seed), \(person)")
                #expect(row.onlineMilliseconds <= attendance.lessonMilliseconds, "seed \(seed)")
            }
        }
    }
}

/// A class in which people with two seats each come, go, fall out and hear, at whole seconds.
private struct Script {
    private enum State { case away, here, cut(since: Int) }

    private struct Place {
        let person: PersonID
        let role: Role
        var id: SeatID?
        var state = State.away
        var isHearing = false
        var here: [Bool]
        var cut: [Bool]
        var heard: [Bool]
    }

    private(set) var classroom = Classroom()
    let people = (0..<3).map { PersonID(unchecked: "n\($0)") }
    private var places: [Place] = []
    private var lesson: [Bool]
    private var random: SeededGenerator
    private let seconds: Int

    init(seed: UInt64, seconds: Int) {
        random = SeededGenerator(seed: seed)
        self.seconds = seconds
        let none = Array(repeating: false, count: seconds)
        lesson = none
        for person in people {
            for role in [Role.assistant, .participant] {
                places.append(Place(person: person, role: role, here: none, cut: none, heard: none))
            }
        }
    }

    mutating func play() throws {
        try classroom.perform(.open, by: .relay)
        let start = random.below(100)
        let end = seconds - 1 - random.below(100)
        var breakEnd: Int?
        for second in 0..<seconds {
            classroom.now = .second(Int64(second))
            if second == start { try classroom.perform(.start, by: .administrator) }
            if second == end {
                try classroom.perform(.end, by: .administrator)
                return
            }
            let phase = classroom.session.phase
            if phase == .live && random.below(300) == 0 {
                try classroom.perform(.startBreak(minutes: 1), by: .administrator)
                breakEnd = second + 1 + random.below(60)
            } else if phase == .onBreak && second == breakEnd {
                try classroom.perform(.endBreak, by: .administrator)
            }
            try timeOut(second)
            for index in places.indices where random.below(25) == 0 { try move(index, second) }
            mark(second)
        }
    }

    /// Online, listening and interrupted milliseconds of a person, box by box.
    func boxes(of person: PersonID) -> (online: Int64, listening: Int64, interrupted: Int64) {
        let own = places.filter { $0.person == person }
        var (online, listening, interrupted) = (0, 0, 0)
        for second in 0..<seconds where lesson[second] {
            let isHere = own.contains { $0.here[second] }
            if isHere { online += 1 }
            if isHere && own.contains(where: { $0.heard[second] }) { listening += 1 }
            if !isHere && own.contains(where: { $0.cut[second] }) { interrupted += 1 }
        }
        return (Int64(online) * 1_000, Int64(listening) * 1_000, Int64(interrupted) * 1_000)
    }

    private mutating func mark(_ second: Int) {
        lesson[second] = classroom.session.phase == .live
        for index in places.indices {
            switch places[index].state {
            case .away: continue
            case .here:
                places[index].here[second] = true
                places[index].heard[second] = places[index].isHearing
            case .cut: places[index].cut[second] = true
            }
        }
    }

    private mutating func timeOut(_ second: Int) throws {
        try classroom.perform(.passTime, by: .relay)
        for index in places.indices {
            if case .cut(let since) = places[index].state, second - since >= 60 {
                places[index].state = .away
            }
        }
    }

    private mutating func move(_ index: Int, _ second: Int) throws {
        switch places[index].state {
        case .away, .cut: try come(index, second)
        case .here: try goOrHear(index, second)
        }
    }

    private mutating func come(_ index: Int, _ second: Int) throws {
        let place = places[index]
        if case .cut(let since) = place.state, second - since <= 10 {
            // Forgiven: as if it had not happened.
            for past in since..<second {
                places[index].here[past] = true
                places[index].cut[past] = false
            }
        }
        try classroom.perform(.join(place.person, place.role), by: .relay)
        places[index].id = classroom.session.seat(of: place.person, role: place.role)?.id
        places[index].state = .here
        places[index].isHearing = false
    }

    private mutating func goOrHear(_ index: Int, _ second: Int) throws {
        guard let id = places[index].id else { return }
        switch random.below(5) {
        case 0:
            try classroom.perform(.leave, by: .seat(id))
            places[index].state = .away
        case 1...2:
            try classroom.perform(.interrupt(.network), by: .seat(id))
            places[index].state = .cut(since: second)
        case let choice:
            let isHearing = choice == 3
            try classroom.perform(
                .reportPlayback(isHearing ? .playing : .notPlaying(.stalled)), by: .seat(id))
            places[index].isHearing = isHearing
        }
    }
}
