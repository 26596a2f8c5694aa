import GRDB
import Glibc

extension Catalogue {
    /// Opens and migrates; fails where the file is no database or has a schema this program does not know.
    static func open(_ path: String) throws -> any DatabaseWriter {
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        let pool = try DatabasePool(path: path, configuration: configuration)
        let migrator = migrator
        guard try pool.read({ try !migrator.hasBeenSuperseded($0) }) else {
            throw DatabaseError(resultCode: .SQLITE_SCHEMA)
        }
        try migrator.migrate(pool)
        return pool
    }

    /// Whether a database can be read through.
    static func isHealthy(_ database: any DatabaseWriter) -> Bool {
        let answer = try? database.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
        return answer == "ok"
    }

    /// Throws a damaged index away; nothing in it is not elsewhere.
    static func discard(_ path: String) { unlink(path) }

    /// The schema, step by step; a step that was published is never changed.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 sessions and recordings") { database in
            try database.execute(sql: schema1)
        }
        return migrator
    }

    /// `organisation` holds the identifiers from the root down, each followed by U+001F, so that a subtree is
    /// a prefix.
    private static let schema1 = """
        CREATE TABLE state (rebuilt INTEGER NOT NULL);
        INSERT INTO state VALUES (0);
        CREATE TABLE session (
            id TEXT PRIMARY KEY NOT NULL,
            epoch TEXT NOT NULL,
            createdAt INTEGER NOT NULL,
            title TEXT NOT NULL,
            kind TEXT NOT NULL,
            phase TEXT NOT NULL,
            organisation TEXT NOT NULL,
            project TEXT,
            cohort TEXT,
            lesson TEXT,
            plannedStart INTEGER NOT NULL,
            plannedMinutes INTEGER NOT NULL,
            plan TEXT NOT NULL,
            openedAt INTEGER,
            startedAt INTEGER,
            breakStartedAt INTEGER,
            breakMinutes INTEGER,
            endedAt INTEGER,
            recordingPause TEXT,
            lecturerName TEXT,
            present INTEGER NOT NULL,
            expected INTEGER NOT NULL,
            rank INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX session_start ON session (plannedStart DESC, id);
        CREATE INDEX session_phase ON session (phase);
        CREATE TABLE recording (
            session TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
            file TEXT NOT NULL,
            track INTEGER NOT NULL,
            seat TEXT NOT NULL,
            startedAt INTEGER NOT NULL,
            milliseconds INTEGER NOT NULL,
            state TEXT NOT NULL,
            PRIMARY KEY (session, file)
        ) STRICT;
        """
}
