import GRDB
import LiveRelayWire
import Recorder
public import SessionModel

/// Who people are across classes: rosters, join codes, guests. `identity.sqlite` is truth, to be backed up;
/// it holds names and is erasable.
///
/// All calls run on the queues of the store, never on a loop. Who was put out of a class for good stands in
/// the log of that class, not here: one fact, one place.
public struct Identity: Sendable {
    /// As many as the largest class has seats; beyond it somebody makes them by machine.
    public static let guestsPerClassCountMaximum = 20_000
    /// Rows of one page of a roster.
    public static let rosterPageCountMaximum = 1_000
    /// Draws of a code before giving up; with a million classes one draw in 900 is taken.
    private static let codeDrawsCountMaximum = 32
    /// Another program, such as a backup, may hold the store for so long.
    private static let busySeconds = 5.0

    /// What a row of somebody new may need of a full disk: a few pages in the journal.
    private static let rowBytes = 64 * 1_024

    private let store: DatabasePool
    private let makeRoom: @Sendable (_ bytesCount: Int) -> Bool

    /// Opens the store at a path, makes it where there is none and brings an older one up to date. `makeRoom`
    /// gives some of a reserve free where the disk is full; false where there is nothing left.
    public init(
        path: String, makeRoom: @escaping @Sendable (_ bytesCount: Int) -> Bool = { _ in false }
    ) throws(IdentityFailure) {
        self.makeRoom = makeRoom
        store = try Self.storage {
            var configuration = GRDB.Configuration()
            configuration.label = "liverelay.identity"
            configuration.foreignKeysEnabled = true
            configuration.busyMode = .timeout(Self.busySeconds)
            let store = try DatabasePool(path: path, configuration: configuration)
            // The pool chooses NORMAL when it turns the write-ahead log on, after any preparation of
            // ours: then a power cut takes codes that were already given out.
            try store.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            let isNewer = try store.read { try Self.migrator.hasBeenSuperseded($0) }
            guard !isNewer else { throw IdentityFailure.newer }
            try Self.migrator.migrate(store)
            return store
        }
    }

    // MARK: Codes

    /// The code of a class, drawn where it has none yet.
    public func assignCode(
        to session: SessionID, draw: @escaping @Sendable () -> JoinCode = { JoinCode.draw() }
    ) async throws(IdentityFailure) -> JoinCode {
        try await write { database in
            if let code = try Self.code(of: session, database) { return code }
            for _ in 0..<Self.codeDrawsCountMaximum {
                let code = draw()
                try database.execute(
                    sql: "INSERT OR IGNORE INTO joinCode (code, class) VALUES (?, ?)",
                    arguments: [code.digits, session.text])
                if database.changesCount == 1 { return code }
            }
            throw IdentityFailure.codesExhausted
        }
    }

    /// The class with this code.
    public func session(with code: JoinCode) async throws(IdentityFailure) -> SessionID? {
        try await read { database in
            try String.fetchOne(
                database, sql: "SELECT class FROM joinCode WHERE code = ?", arguments: [code.digits]
            ).flatMap { SessionID($0) }
        }
    }

    /// The codes of classes; a class without one is missing.
    public func codes(of sessions: [SessionID]) async throws(IdentityFailure) -> [SessionID: JoinCode] {
        try await read { database in
            var codes: [SessionID: JoinCode] = [:]
            for session in sessions { codes[session] = try Self.code(of: session, database) }
            return codes
        }
    }

    private static func code(of session: SessionID, _ database: Database) throws -> JoinCode? {
        try String.fetchOne(
            database, sql: "SELECT code FROM joinCode WHERE class = ?", arguments: [session.text]
        ).flatMap { JoinCode($0) }
    }

    // MARK: Rosters

    /// Adds people to the roster of a class, or brings them up to date; nobody is taken off it, since being
    /// expected stands in the log. Answers with their rows in the order given.
    public func importRoster(
        _ people: [RosterPerson], into session: SessionID
    ) async throws(IdentityFailure) -> [RosterRow] {
        try await write { database in
            var position =
                try Int.fetchOne(
                    database, sql: "SELECT max(position) FROM roster WHERE class = ?",
                    arguments: [session.text]) ?? 0
            var rows: [RosterRow] = []
            rows.reserveCapacity(people.count)
            for person in people {
                position += 1
                rows.append(try Self.enter(person, into: session, position: position, database))
            }
            let count = try Self.count(of: session, database)
            guard count <= SessionLimits.expectedCountMaximum else { throw IdentityFailure.tooManyPeople }
            return rows
        }
    }

    private static func enter(
        _ person: RosterPerson, into session: SessionID, position: Int, _ database: Database
    ) throws -> RosterRow {
        let keys = PersonKeys(person)
        let id = try identity(of: keys, in: session, database) ?? PersonID(unchecked: Secret.text(bytes: 12))
        try database.cachedStatement(
            sql: """
                INSERT INTO person (id, nameKey, numberKey, affiliationKey, phoneEnding)
                VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET affiliationKey = excluded.affiliationKey,
                    phoneEnding = coalesce(excluded.phoneEnding, phoneEnding)
                """
        ).execute(arguments: [id.text, keys.name, keys.number, keys.affiliation, person.phoneEnding])
        try database.cachedStatement(
            sql: """
                INSERT INTO roster
                    (class, person, position, name, number, affiliation, nameKey, numberKey, affiliationKey)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (class, person) DO UPDATE SET name = excluded.name, number = excluded.number,
                    affiliation = excluded.affiliation, affiliationKey = excluded.affiliationKey
                """
        ).execute(arguments: [
            session.text, id.text, position, person.name, person.number, person.affiliation, keys.name,
            keys.number, keys.affiliation,
        ])
        return RosterRow(
            person: id, name: person.name, number: person.number, affiliation: person.affiliation)
    }

    /// The identity under which somebody is known already (`INDEXED BY`, since without statistics SQLite
    /// would walk through the whole class): in this class by name and 工号 (without 工号 by name and 单位), in
    /// other classes only where all three agree, since two schools may both have a 王伟 with 0012.
    private static func identity(
        of keys: PersonKeys, in session: SessionID, _ database: Database
    ) throws -> PersonID? {
        let here = try String.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT person FROM roster INDEXED BY rosterByName
                    WHERE class = ? AND nameKey = ? AND numberKey = ?
                    AND (numberKey <> '' OR affiliationKey = ?) ORDER BY position LIMIT 1
                    """),
            arguments: [session.text, keys.name, keys.number, keys.affiliation])
        if let here { return PersonID(here) }
        guard !keys.number.isEmpty else { return nil }
        return try String.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT id FROM person WHERE numberKey = ? AND nameKey = ? AND affiliationKey = ?
                    ORDER BY id LIMIT 1
                    """),
            arguments: [keys.number, keys.name, keys.affiliation]
        ).flatMap { PersonID($0) }
    }

    /// A page of the roster of a class, in the order of import, and how many rows there are.
    public func roster(
        of session: SessionID, offset: Int = 0, limit: Int = Identity.rosterPageCountMaximum
    ) async throws(IdentityFailure) -> (total: Int, rows: [RosterRow]) {
        try await read { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT * FROM roster WHERE class = ? ORDER BY position LIMIT ? OFFSET ?",
                arguments: [session.text, limit, offset])
            return (try Self.count(of: session, database), rows.compactMap(Self.row))
        }
    }

    /// The row of one person.
    public func rosterRow(
        of person: PersonID, in session: SessionID
    ) async throws(IdentityFailure) -> RosterRow? {
        try await read { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM roster WHERE class = ? AND person = ?",
                arguments: [session.text, person.text]
            ).flatMap(Self.row)
        }
    }

    private static func count(of session: SessionID, _ database: Database) throws -> Int {
        try Int.fetchOne(
            database, sql: "SELECT count(*) FROM roster WHERE class = ?", arguments: [session.text]) ?? 0
    }

    private static func row(_ row: Row) -> RosterRow? {
        PersonID(row["person"] as String).map {
            RosterRow(person: $0, name: row["name"], number: row["number"], affiliation: row["affiliation"])
        }
    }

    // MARK: The door

    /// Who somebody with this name and 工号 is in a class: a person of the roster, or a guest, who is the same
    /// person again with the same device, name and 工号.
    ///
    /// On the roster is whoever gives name and 工号 as they stand there; without a 工号 there, the name is enough
    /// where only one person has it.
    public func recognise(
        name: String, number: String, device: String, in session: SessionID
    ) async throws(IdentityFailure) -> Recognition {
        let keys = PersonKeys(name: name, number: number, affiliation: "")
        let deviceHash = Digest.hex(Digest.sha256(Array(device.utf8)))
        if let row = try await listed(keys, in: session) { return .listed(row) }
        let known: @Sendable (Database) throws -> PersonID? = { database in
            try String.fetchOne(
                database,
                sql: """
                    SELECT person FROM guest
                    WHERE class = ? AND deviceHash = ? AND nameKey = ? AND numberKey = ?
                    """,
                arguments: [session.text, deviceHash, keys.name, keys.number]
            ).flatMap { PersonID($0) }
        }
        // Who was here before needs no room on the disk, and comes back to a read-only one too.
        if let person = try await read(known) { return .guest(person) }
        return try await writeWithReserve { database in
            if let person = try known(database) { return .guest(person) }
            let count = try Int.fetchOne(
                database, sql: "SELECT count(*) FROM guest WHERE class = ?", arguments: [session.text])
            guard count ?? 0 < Self.guestsPerClassCountMaximum else { throw IdentityFailure.tooManyPeople }
            let person = PersonID(unchecked: Secret.text(bytes: 12))
            try database.execute(
                sql: """
                    INSERT INTO guest (class, deviceHash, nameKey, numberKey, person) VALUES (?, ?, ?, ?, ?)
                    """,
                arguments: [session.text, deviceHash, keys.name, keys.number, person.text])
            return .guest(person)
        }
    }

    /// The person of the roster who has this name and 工号; nil where nobody has, or nobody can tell who is
    /// meant.
    public func listed(
        name: String, number: String, in session: SessionID
    ) async throws(IdentityFailure) -> RosterRow? {
        try await listed(PersonKeys(name: name, number: number, affiliation: ""), in: session)
    }

    private func listed(
        _ keys: PersonKeys, in session: SessionID
    ) async throws(IdentityFailure) -> RosterRow? {
        try await read { database in
            let namesakes = try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM roster INDEXED BY rosterByName WHERE class = ? AND nameKey = ? LIMIT 100
                    """,
                arguments: [session.text, keys.name])
            if !keys.number.isEmpty {
                let same = namesakes.filter { $0["numberKey"] as String == keys.number }
                if let only = same.first, same.count == 1 { return Self.row(only) }
            }
            guard let only = namesakes.first, namesakes.count == 1, (only["numberKey"] as String).isEmpty
            else {
                return nil
            }
            return Self.row(only)
        }
    }

    // MARK: The store

    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(IdentityFailure) -> Value {
        do {
            return try await store.read(body)
        } catch {
            throw IdentityFailure(error)
        }
    }

    private func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(IdentityFailure) -> Value {
        do {
            return try await store.write(body)
        } catch {
            throw IdentityFailure(error)
        }
    }

    /// As `write`, for what presence in a class needs: it goes on when the disk is full.
    private func writeWithReserve<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(IdentityFailure) -> Value {
        while true {
            do throws(IdentityFailure) {
                return try await write(body)
            } catch .noSpace {
                guard makeRoom(Self.rowBytes) else { throw .noSpace }
            } catch {
                throw error
            }
        }
    }

    private static func storage<Value>(_ body: () throws -> Value) throws(IdentityFailure) -> Value {
        do {
            return try body()
        } catch {
            throw IdentityFailure(error)
        }
    }
}

/// What is compared when two people may be the same.
struct PersonKeys: Hashable, Sendable {
    let name: String
    let number: String
    let affiliation: String

    init(name: String, number: String, affiliation: String) {
        self.name = PersonName.comparable(name)
        self.number = StaffNumber.comparable(number)
        self.affiliation = PersonName.comparable(affiliation)
    }

    init(_ person: RosterPerson) {
        self.init(name: person.name, number: person.number, affiliation: person.affiliation)
    }
}

/// Who somebody at the door is.
public enum Recognition: Hashable, Sendable {
    /// Somebody of the roster.
    case listed(RosterRow)
    /// Somebody whom no roster knows: 待核对.
    case guest(PersonID)
}

/// Why the store of identities did not do what it was asked for.
public enum IdentityFailure: Error, Hashable, Sendable {
    /// The disk is full.
    case noSpace
    /// The store was written by a newer LiveRelay.
    case newer
    /// The store cannot be read or written; `reason` is for those who run the machine.
    case unavailable(reason: String)
    /// More people than one class may have.
    case tooManyPeople
    /// No free code was found.
    case codesExhausted

    init(_ error: any Error) {
        switch error {
        case let failure as IdentityFailure: self = failure
        case let failure as DatabaseError where failure.resultCode == .SQLITE_FULL: self = .noSpace
        case let other: self = .unavailable(reason: String(describing: other))
        }
    }
}
