import GRDB

extension Identity {
    /// Each step stands for ever; a change is a further step. A store of a newer LiveRelay is refused.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 rosters, codes, guests") { database in
            try database.execute(sql: rostersCodesGuests)
        }
        return migrator
    }

    /// Columns that end in `Key` hold what is compared (`PersonName.comparable`), the others what was
    /// written.
    private static let rostersCodesGuests = """
        CREATE TABLE person (
            id TEXT PRIMARY KEY NOT NULL,
            nameKey TEXT NOT NULL,
            numberKey TEXT NOT NULL,
            affiliationKey TEXT NOT NULL,
            phoneEnding TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX personByNumber ON person (numberKey, nameKey, affiliationKey);

        CREATE TABLE roster (
            class TEXT NOT NULL,
            person TEXT NOT NULL REFERENCES person (id),
            position INTEGER NOT NULL,
            name TEXT NOT NULL,
            number TEXT NOT NULL,
            affiliation TEXT NOT NULL,
            nameKey TEXT NOT NULL,
            numberKey TEXT NOT NULL,
            affiliationKey TEXT NOT NULL,
            PRIMARY KEY (class, person)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX rosterByName ON roster (class, nameKey, numberKey);
        CREATE INDEX rosterByPosition ON roster (class, position);

        CREATE TABLE joinCode (
            code TEXT PRIMARY KEY NOT NULL,
            class TEXT NOT NULL UNIQUE
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE guest (
            class TEXT NOT NULL,
            deviceHash TEXT NOT NULL,
            nameKey TEXT NOT NULL,
            numberKey TEXT NOT NULL,
            person TEXT NOT NULL,
            PRIMARY KEY (class, deviceHash, nameKey, numberKey)
        ) STRICT, WITHOUT ROWID;
        """
}
