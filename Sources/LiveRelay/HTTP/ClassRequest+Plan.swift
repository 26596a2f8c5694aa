import Foundation
import SessionModel

extension ClassRequest {
    /// A title that fits on one line of a page.
    static let titleCharactersMaximum = 100
    /// The name of an institution, a project or a lesson.
    static let partCharactersMaximum = 100
    /// A class of a day; what is longer is several classes.
    static let plannedMinutesMaximum = 1_440
    /// The year 9999.
    static let wallMillisecondsMaximum: Int64 = 253_402_300_799_999
    /// More lessons than any project has.
    static let lessonNumberMaximum = 10_000

    /// The plan, or the field that may not be so.
    func plan(lecturer: PersonID) throws(ApiFailure) -> SessionPlan {
        guard let title = PlainText.kept(title, charactersMaximum: Self.titleCharactersMaximum),
            !title.isEmpty
        else { throw .fieldInvalid("title") }
        guard (0...Self.wallMillisecondsMaximum).contains(plannedStart.milliseconds) else {
            throw .fieldInvalid("plannedStart")
        }
        guard (1...Self.plannedMinutesMaximum).contains(plannedMinutes) else {
            throw .fieldInvalid("plannedMinutes")
        }
        let zone = timeZone ?? "Asia/Shanghai"
        guard zone.utf8.count <= 64, TimeZone(identifier: zone) != nil else {
            throw .fieldInvalid("timeZone")
        }
        return SessionPlan(
            title: title, kind: kind, plannedStart: plannedStart, plannedMinutes: plannedMinutes,
            timeZone: zone, organisation: try checkedOrganisation(),
            project: try Self.part(project, "project"),
            cohort: try Self.part(cohort, "cohort"), lesson: try checkedLesson(), lecturer: lecturer,
            isRecorded: isRecorded ?? true, attendance: try attendanceRule(),
            duplicateLogin: duplicateLogin ?? .newestWins)
    }

    /// The name of the lecturer; nil where none is given.
    func checkedLecturerName() throws(ApiFailure) -> String? {
        guard let typed = lecturerName else { return nil }
        guard let name = PersonName.kept(typed) else { throw .fieldInvalid("lecturerName") }
        return name
    }

    private func checkedOrganisation() throws(ApiFailure) -> [NamedPart] {
        let parts = organisation ?? []
        guard parts.count <= AccessScope.depthMaximum else { throw .fieldInvalid("organisation") }
        var checked: [NamedPart] = []
        for part in parts { checked += try [Self.part(part, "organisation")].compactMap { $0 } }
        return checked
    }

    private static func part(_ part: NamedPart?, _ field: String) throws(ApiFailure) -> NamedPart? {
        guard let part else { return nil }
        guard SessionID.isValid(part.id),
            let name = PlainText.kept(part.name, charactersMaximum: partCharactersMaximum), !name.isEmpty
        else { throw .fieldInvalid(field) }
        return NamedPart(id: part.id, name: name)
    }

    private func checkedLesson() throws(ApiFailure) -> Lesson? {
        guard let lesson else { return nil }
        guard SessionID.isValid(lesson.id), (1...Self.lessonNumberMaximum).contains(lesson.number),
            let name = PlainText.kept(lesson.name, charactersMaximum: Self.partCharactersMaximum)
        else { throw .fieldInvalid("lesson") }
        return Lesson(id: lesson.id, number: lesson.number, name: name)
    }

    private func attendanceRule() throws(ApiFailure) -> AttendanceRule {
        var rule = AttendanceRule()
        rule.lateAfterMinutes = attendance?.lateAfterMinutes ?? rule.lateAfterMinutes
        rule.earlyLeaveBeforeMinutes = attendance?.earlyLeaveBeforeMinutes ?? rule.earlyLeaveBeforeMinutes
        rule.presentShareMinimumPercent =
            attendance?.presentShareMinimumPercent ?? rule.presentShareMinimumPercent
        let minutes = 0...Self.plannedMinutesMaximum
        guard minutes.contains(rule.lateAfterMinutes), minutes.contains(rule.earlyLeaveBeforeMinutes),
            (0...100).contains(rule.presentShareMinimumPercent)
        else { throw .fieldInvalid("attendance") }
        return rule
    }
}
