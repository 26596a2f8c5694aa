import GRDB
public import SessionModel

/// `index.sqlite`: a list of the classes that can be searched and paged. An index, not truth: `rebuild` makes
/// it anew from the class folders, and a file that is damaged or of another version is thrown away.
public final class Catalogue: Sendable {
    private let database: any DatabaseWriter
    /// Whether the index was made new on opening and wants a `rebuild`.
    public let isNew: Bool

    /// Opens the index, or makes it. Blocks.
    public init(path: String) throws {
        if let pool = try? Self.open(path), Self.isHealthy(pool) {
            isNew = try pool.read { try Int.fetchOne($0, sql: "SELECT rebuilt FROM state") ?? 0 } == 0
            database = pool
        } else {
            for suffix in ["", "-wal", "-shm"] { Self.discard(path + suffix) }
            database = try Self.open(path)
            isNew = true
        }
    }

    /// An index in memory, for tests and for looking at a folder without writing to it.
    public init() throws {
        let queue = try DatabaseQueue()
        try Self.migrator.migrate(queue)
        database = queue
        isNew = true
    }

    /// Puts a class in, in the place of what was known of it, unless that was newer.
    public func put(_ row: CatalogueRow) async throws {
        try await database.write { try Self.put(row, $0) }
    }

    /// Puts the segments of a class in, in the place of what was known of them.
    public func put(_ manifest: Manifest) async throws {
        try await database.write { try Self.put(manifest, $0) }
    }

    /// Takes a class out.
    public func remove(_ session: SessionID) async throws {
        try await database.write { database in
            try database.execute(sql: "DELETE FROM session WHERE id = ?", arguments: [session.text])
        }
    }

    /// One class; nil where the index knows none.
    public func row(_ session: SessionID) async throws -> CatalogueRow? {
        try await database.read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM session WHERE id = ?", arguments: [session.text])
                .flatMap(CatalogueRow.init)
        }
    }

    /// The classes that pass a filter, latest planned start first, from a place on.
    public func page(_ filter: CatalogueFilter, offset: Int, limit: Int) async throws -> CataloguePage {
        let (condition, arguments) = filter.sql
        return try await database.read { database in
            let total = try Int.fetchOne(
                database, sql: "SELECT COUNT(*) FROM session WHERE \(condition)", arguments: arguments)
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM session WHERE \(condition) ORDER BY plannedStart DESC, id LIMIT ? OFFSET ?
                    """, arguments: arguments + [max(0, limit), max(0, offset)])
            return CataloguePage(total: total ?? 0, rows: rows.compactMap(CatalogueRow.init))
        }
    }

    /// The classes that are over: those on disk and not among them are to be opened at start.
    public func endedSessions() async throws -> Set<SessionID> {
        try await database.read { database in
            let ids = try String.fetchAll(
                database, sql: "SELECT id FROM session WHERE phase = ?", arguments: [Phase.ended.rawValue])
            return Set(ids.compactMap { SessionID($0) })
        }
    }

    /// The segments of sound of a class, by the time they begin.
    public func recordings(of session: SessionID) async throws -> [CatalogueRecording] {
        try await database.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM recording WHERE session = ? ORDER BY startedAt, track, file",
                arguments: [session.text]
            ).compactMap(CatalogueRecording.init)
        }
    }

    /// Makes the index anew from the class folders. A class that cannot be read is left out and told of.
    /// Blocks the calling thread while it reads; the old index stays in place until the new one is whole.
    public func rebuild(from storage: any Storage) throws -> [SessionID: ClassFolderFailure] {
        var failures: [SessionID: ClassFolderFailure] = [:]
        var rows: [CatalogueRow] = []
        var manifests: [Manifest] = []
        for session in try ClassFolder.list(in: storage) {
            do throws(ClassFolderFailure) {
                guard let row = CatalogueRow(try ClassFolder.read(session, in: storage)) else { continue }
                rows.append(row)
            } catch {
                failures[session] = error
                continue
            }
            if let manifest = try? AudioRecovery.read(session, in: storage) { manifests.append(manifest) }
        }
        try database.write { [rows, manifests] database in
            try database.execute(sql: "DELETE FROM session")
            for row in rows { try Self.put(row, database) }
            for manifest in manifests { try Self.put(manifest, database) }
            try database.execute(sql: "UPDATE state SET rebuilt = 1")
        }
        return failures
    }

    private static func put(_ row: CatalogueRow, _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO session (id, epoch, createdAt, title, kind, phase, organisation, project, cohort, lesson,
                    plannedStart, plannedMinutes, plan, openedAt, startedAt, breakStartedAt, breakMinutes, endedAt,
                    recordingPause, lecturerName, present, expected, rank)
                VALUES (\(Array(repeating: "?", count: 23).joined(separator: ", ")))
                ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, createdAt = excluded.createdAt,
                    title = excluded.title, kind = excluded.kind, phase = excluded.phase,
                    organisation = excluded.organisation, project = excluded.project, cohort = excluded.cohort,
                    lesson = excluded.lesson, plannedStart = excluded.plannedStart,
                    plannedMinutes = excluded.plannedMinutes, plan = excluded.plan, openedAt = excluded.openedAt,
                    startedAt = excluded.startedAt, breakStartedAt = excluded.breakStartedAt,
                    breakMinutes = excluded.breakMinutes, endedAt = excluded.endedAt,
                    recordingPause = excluded.recordingPause, lecturerName = excluded.lecturerName,
                    present = excluded.present, expected = excluded.expected, rank = excluded.rank
                WHERE excluded.epoch <> session.epoch OR excluded.rank >= session.rank
                """, arguments: try row.arguments())
    }

    private static func put(_ manifest: Manifest, _ database: Database) throws {
        let session = manifest.session.text
        try database.execute(sql: "DELETE FROM recording WHERE session = ?", arguments: [session])
        for segment in manifest.segments {
            try database.execute(
                sql: """
                    INSERT INTO recording (session, file, track, seat, startedAt, milliseconds, state)
                    SELECT id, ?, ?, ?, ?, ?, ? FROM session WHERE id = ?
                    """,
                arguments: [
                    segment.file, Int(segment.track.number), segment.seat.text, segment.start.milliseconds,
                    segment.durationMilliseconds, segment.state.rawValue, session,
                ])
        }
    }
}
