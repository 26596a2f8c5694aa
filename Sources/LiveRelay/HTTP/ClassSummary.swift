import LiveRelayWire
import SessionModel

/// A class as the HTTP interface shows it.
struct ClassSummary: Encodable {
    let id: SessionID
    let title: String
    let kind: ClassKind
    let phase: Phase
    let plannedStart: WallTime
    let plannedMinutes: Int
    let timeZone: String
    let lecturerName: String?
    let isRecorded: Bool
    /// What follows is for whoever holds a token or a key.
    var organisation: [NamedPart]?
    var project: NamedPart?
    var cohort: NamedPart?
    var lesson: Lesson?
    var present: Int?
    var expected: Int?
    /// For staff.
    var code: String?
    /// For staff, of one class.
    var cost: ClassCost?

    /// What everybody who knows the code may see.
    init(open entry: ClassEntry) {
        id = entry.card.id
        title = entry.card.title
        kind = entry.card.kind
        phase = entry.card.phase
        plannedStart = entry.card.plannedStart
        plannedMinutes = entry.card.plannedMinutes
        timeZone = entry.card.timeZone
        lecturerName = entry.lecturerName
        isRecorded = entry.card.isRecorded
    }

    /// What whoever holds a token may see; `code` is for staff.
    init(_ entry: ClassEntry, code: JoinCode? = nil) {
        self.init(open: entry)
        organisation = entry.card.organisation
        project = entry.card.project
        cohort = entry.card.cohort
        lesson = entry.card.lesson
        present = entry.presence.present
        expected = entry.presence.expected
        self.code = code?.digits
    }
}

/// What a class is planned with over HTTP.
struct ClassRequest: Decodable {
    let title: String
    let kind: ClassKind
    let plannedStart: WallTime
    let plannedMinutes: Int
    let timeZone: String?
    let organisation: [NamedPart]?
    let project: NamedPart?
    let cohort: NamedPart?
    let lesson: Lesson?
    let lecturerName: String?
    let isRecorded: Bool?
    let attendance: AttendanceFields?
    let duplicateLogin: DuplicateLogin?

    /// The rule of attendance, of which any part may be left out.
    struct AttendanceFields: Decodable {
        let lateAfterMinutes: Int?
        let earlyLeaveBeforeMinutes: Int?
        let presentShareMinimumPercent: Int?
    }
}
