public import SessionModel

/// The folder of one class: made, opened with recovery, listed.
///
///     classes/<session>/events.jsonl      the log: truth, never rewritten
///                       snapshot.bin      the state some way along the log: index
///                       texts.jsonl       what people typed: truth, erasable
///                       people.jsonl      who they are: truth, erasable
///                       ballots/p1.json   anonymous answers: truth
///                       audio/*.opus      sound by track and run: truth, erasable by segment
///                       manifest.json     list of segments: truth
///                       heads.jsonl       signed heads of the log: truth
///                       traffic.json      bytes sent, as counted: a bill
public enum ClassFolder {
    /// A gibibyte is a class of several weeks; what is larger than a few was not written by us.
    static let logBytesMaximum = 4 * 1_024 * 1_024 * 1_024
    /// 500 characters in each of half a million chat entries.
    static let storeBytesMaximum = 1_024 * 1_024 * 1_024
    /// The log is read in pieces, so that a long one does not stand in memory twice.
    static let pieceBytes = 1_024 * 1_024

    /// Makes the folder of a new class, durable when it returns; `exists` where it has a log already.
    public static func create(_ header: LogHeader, in storage: any Storage) throws(StorageFailure)
        -> ClassFiles
    {
        let paths = ClassPaths(header.session)
        guard try !storage.exists(paths.events) else { throw .exists }
        for folder in [paths.folder, paths.ballots, paths.audio] { try storage.makeFolder(folder) }
        for folder in [paths.folder, ClassPaths.classes, ""] { try storage.syncFolder(folder) }
        let line = header.line()
        try storage.replace(paths.events, with: line + [LineFeed.byte])
        return ClassFiles(
            paths: paths,
            log: .init(file: try storage.open(paths.events, .appendExisting), bytesCount: line.count + 1),
            place: LogPlace(
                n: 0, byteOffset: line.count + 1, digest: Digest.sha256(line), lineBytesCount: line.count),
            epoch: header.epoch, fold: ClassFold(Session(id: header.session)))
    }

    /// Reads a class without touching it: for reports, replay and checks, also while it runs.
    public static func read(
        _ session: SessionID, in storage: any Storage
    ) throws(ClassFolderFailure) -> ClassContents {
        let paths = ClassPaths(session)
        let (events, end) = try readLog(paths.events, in: storage)
        do throws(StorageFailure) {
            var boxes: [BallotBox] = []
            var damagedBoxes: [String] = []
            for name in try names(in: paths.ballots, storage) where name.hasSuffix(".json") {
                let bytes = try storage.readWhole(paths.ballots + "/" + name, bytesMaximum: storeBytesMaximum)
                if let box = BallotBox(fileBytes: bytes), box.fileName == name {
                    boxes.append(box)
                } else {
                    damagedBoxes.append(name)
                }
            }
            return ClassContents(
                events: events, end: end, texts: JSONLines(try bytes(of: paths.texts, storage)),
                people: JSONLines(try bytes(of: paths.people, storage)), boxes: boxes,
                damagedBoxes: damagedBoxes)
        } catch {
            throw .storage(error)
        }
    }

    /// How the log of a class ends, without keeping its events.
    public static func end(_ session: SessionID, in storage: any Storage) throws(ClassFolderFailure) -> LogEnd
    {
        let found: FoundSnapshot
        do throws(StorageFailure) {
            found = try findSnapshot(of: session, in: storage, notAfter: .max)
        } catch {
            throw .storage(error)
        }
        let path = ClassPaths(session).events
        guard let header = found.header, let place = found.taken?.place else {
            return try scanLog(path, in: storage) { _ in }
        }
        return try scanLog(path, in: storage, from: place.byteOffset, EventLogReader(header, after: place)) {
            _ in
        }
    }

    /// The classes in a storage, sorted; a folder whose log was never put in place is none.
    public static func list(in storage: any Storage) throws(StorageFailure) -> [SessionID] {
        var sessions: [SessionID] = []
        for name in try names(in: ClassPaths.classes, storage) {
            guard let session = SessionID(name) else { continue }
            if try storage.exists(ClassPaths(session).events) { sessions.append(session) }
        }
        return sessions
    }

    static func readLog(
        _ path: String, in storage: any Storage
    ) throws(ClassFolderFailure) -> (events: [RecordedEvent], end: LogEnd) {
        var events: [RecordedEvent] = []
        let end = try scanLog(path, in: storage) { events += $0 }
        return (events, end)
    }

    static func scanLog(
        _ path: String, in storage: any Storage, from start: Int = 0,
        _ reader: EventLogReader = EventLogReader(), take: ([RecordedEvent]) -> Void
    ) throws(ClassFolderFailure) -> LogEnd {
        var reader = reader
        var offset = start
        while true {
            let piece: [UInt8]
            do throws(StorageFailure) {
                guard offset <= logBytesMaximum else { throw .io(errno: StorageErrno.fileTooLarge) }
                piece = try storage.read(path, from: offset, count: pieceBytes)
            } catch {
                throw .storage(error)
            }
            do throws(LogCorruption) {
                guard !piece.isEmpty else { return try reader.finish() }
                take(try reader.feed(piece))
            } catch {
                throw .corrupt(error)
            }
            offset += piece.count
        }
    }

    static func names(in folder: String, _ storage: any Storage) throws(StorageFailure) -> [String] {
        do {
            return try storage.list(folder)
        } catch .missing {
            return []
        } catch {
            throw error
        }
    }

    private static func bytes(of path: String, _ storage: any Storage) throws(StorageFailure) -> [UInt8] {
        guard try storage.exists(path) else { return [] }
        return try storage.readWhole(path, bytesMaximum: storeBytesMaximum)
    }
}
