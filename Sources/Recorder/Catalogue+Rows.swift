import Foundation
import GRDB
import SessionModel

extension CatalogueRow {
    /// The values in the order of the columns.
    func arguments() throws -> StatementArguments {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let plan = String(decoding: try encoder.encode(plan), as: UTF8.self)
        let organisation = CatalogueFilter.prefix(self.plan.organisation.map(\.id))
        let values: [(any DatabaseValueConvertible)?] = [
            session.text, epoch, createdAt.milliseconds, self.plan.title, self.plan.kind.rawValue,
            phase.rawValue,
            organisation, self.plan.project?.id, self.plan.cohort?.id, self.plan.lesson?.id,
            self.plan.plannedStart.milliseconds, self.plan.plannedMinutes, plan, openedAt?.milliseconds,
            startedAt?.milliseconds, breakStartedAt?.milliseconds, breakMinutes, endedAt?.milliseconds,
            recordingPause?.rawValue, lecturerName, present, expected,
            rank,
        ]
        return StatementArguments(values)
    }

    /// Reads a row; nil where a newer program wrote what this one does not know.
    init?(_ row: Row) {
        let planText: String = row["plan"]
        let plan = try? JSONDecoder().decode(SessionPlan.self, from: Foundation.Data(planText.utf8))
        let pause: String? = row["recordingPause"]
        guard let session = SessionID(row["id"] as String), let plan,
            let phase = Phase(rawValue: row["phase"])
        else {
            return nil
        }
        func time(_ column: String) -> SessionTime? {
            (row[column] as Int64?).map { SessionTime(milliseconds: $0) }
        }
        self.session = session
        epoch = row["epoch"]
        createdAt = WallTime(milliseconds: row["createdAt"])
        self.plan = plan
        self.phase = phase
        openedAt = time("openedAt")
        startedAt = time("startedAt")
        breakStartedAt = time("breakStartedAt")
        breakMinutes = row["breakMinutes"]
        endedAt = time("endedAt")
        recordingPause = pause.flatMap(RecordingPauseCause.init(rawValue:))
        lecturerName = row["lecturerName"]
        present = row["present"]
        expected = row["expected"]
        rank = row["rank"]
    }
}

extension CatalogueRecording {
    /// Reads a row; nil where a newer program wrote what this one does not know.
    init?(_ row: Row) {
        guard let track = UInt16(exactly: row["track"] as Int64), let seat = SeatID(row["seat"] as String),
            let state = AudioSegmentState(rawValue: row["state"])
        else { return nil }
        file = row["file"]
        self.track = TrackID(track)
        self.seat = seat
        start = SessionTime(milliseconds: row["startedAt"])
        milliseconds = row["milliseconds"]
        self.state = state
    }
}

extension CatalogueFilter {
    /// The condition and its values.
    var sql: (condition: String, arguments: StatementArguments) {
        var conditions = ["1"]
        var values: [any DatabaseValueConvertible] = []
        if let phase {
            conditions.append("phase = ?")
            values.append(phase.rawValue)
        }
        if !scope.isEmpty {
            let prefix = Self.prefix(scope)
            conditions.append("substr(organisation, 1, ?) = ?")
            values += [prefix.unicodeScalars.count, prefix] as [any DatabaseValueConvertible]
        }
        if let title {
            conditions.append("instr(title, ?) > 0")
            values.append(title)
        }
        if let project {
            conditions.append("project = ?")
            values.append(project)
        }
        return (conditions.joined(separator: " AND "), StatementArguments(values))
    }

    /// Identifiers from the root down, each followed by a character that stands in none of them.
    static func prefix(_ identifiers: [String]) -> String {
        identifiers.map { $0 + "\u{1F}" }.joined()
    }
}
