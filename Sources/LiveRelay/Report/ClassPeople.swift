import LiveRelayWire
import Recorder
import SessionModel

/// Who sits on which seat of a class, and what is typed behind references: what turns a log into something to
/// read.
struct ClassPeople {
    /// What is known of each person.
    let entries: [PersonID: PersonEntry]
    /// Who took each seat, and as what.
    let seats: [SeatID: (person: PersonID, role: Role)]
    private let texts: [TextID: String]

    init(_ recording: ClassRecording) {
        entries = Dictionary(
            recording.people.map { ($0.person, $0) }, uniquingKeysWith: { _, later in later })
        texts = Dictionary(recording.texts.map { ($0.ref, $0.text) }, uniquingKeysWith: { _, later in later })
        var seats: [SeatID: (person: PersonID, role: Role)] = [:]
        for recorded in recording.events {
            if case .joined(let seat, let person, let role, _) = recorded.event {
                seats[seat] = (person, role)
            }
        }
        self.seats = seats
    }

    /// 姓名; empty where it was erased.
    func name(_ person: PersonID) -> String { entries[person]?.name ?? "" }

    /// 姓名 of whoever has the seat; empty where it was erased.
    func name(_ seat: SeatID) -> String { seats[seat].map { name($0.person) } ?? "" }

    /// How whoever has the seat appears to others.
    func card(_ seat: SeatID) -> PersonCard {
        let entry = seats[seat].flatMap { entries[$0.person] }
        return PersonCard(
            name: entry?.name ?? "", affiliation: entry?.affiliation ?? "",
            role: seats[seat]?.role ?? .participant)
    }

    /// What was typed; nil where it was erased.
    func text(_ reference: TextReference) -> String? { texts[reference.ref] }

    /// Who acted; nil for the relay and for an administrator.
    func person(_ actor: Actor) -> PersonID? {
        guard case .seat(let seat) = actor else { return nil }
        return seats[seat]?.person
    }
}
