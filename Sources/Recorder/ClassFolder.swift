public import SessionModel

/// The folder of one class: made, opened with recovery, listed.
///
///     classes/<session>/events.jsonl      the log: truth, never rewritten
///                       texts.jsonl       what people typed: truth, erasable
///                       people.jsonl      who they are: truth, erasable
///                       ballots/p1.json   anonymous answers: truth
///                       audio/*.opus      sound by track and run: truth, erasable by segment
///                       manifest.json     list of segments: truth
///                       heads.jsonl       signed heads of the log: truth
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
            texts: nil, people: nil, boxes: [:], position: LogPosition(epoch: header.epoch, n: 0),
            tailDigest: Digest.sha256(line))
    }

    /// Opens a class and puts right what a crash left: torn ends are cut, what the log says is gone is done
    /// away with, and everything that was read is synced, so that nothing is told to anybody that a power cut
    /// could take.
    ///
    /// After an unknown outcome `isRewriting` writes the log anew beside the old one: the kernel may hold
    /// pages of the old file that it has given up writing.
    public static func open(
        _ session: SessionID, in storage: any Storage, isRewriting: Bool = false
    ) throws(ClassFolderFailure) -> RecoveredClass {
        let paths = ClassPaths(session)
        let contents = try read(session, in: storage)
        do throws(StorageFailure) {
            var files = try recover(contents, paths, storage, isRewriting: isRewriting)
            do throws(StorageFailure) {
                for recorded in contents.events { try files.forget(after: recorded.event, storage) }
            } catch {
                files.close(storage)
                throw error
            }
            return RecoveredClass(contents, files)
        } catch {
            throw .storage(error)
        }
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
        try scanLog(ClassPaths(session).events, in: storage) { _ in }
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

    private static func scanLog(
        _ path: String, in storage: any Storage, take: ([RecordedEvent]) -> Void
    ) throws(ClassFolderFailure) -> LogEnd {
        var reader = EventLogReader()
        var offset = 0
        while true {
            let piece: [UInt8]
            do throws(StorageFailure) {
                guard try storage.size(path) <= logBytesMaximum else {
                    throw .io(errno: StorageErrno.fileTooLarge)
                }
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

    private static func recover(
        _ contents: ClassContents, _ paths: ClassPaths, _ storage: any Storage, isRewriting: Bool
    ) throws(StorageFailure) -> ClassFiles {
        for folder in [paths.folder, paths.ballots, paths.audio] {
            try storage.makeFolder(folder)
            for name in try storage.list(folder) where name.hasSuffix(StorageNames.besideSuffix) {
                try storage.remove(folder + "/" + name)
            }
        }
        var files = ClassFiles(
            paths: paths, log: try reopen(paths.events, contents.end.validBytes, storage, isRewriting),
            texts: nil, people: nil,
            boxes: Dictionary(contents.boxes.map { ($0.poll, $0) }, uniquingKeysWith: { first, _ in first }),
            position: contents.end.position, tailDigest: contents.end.tailDigest)
        do throws(StorageFailure) {
            files.texts = try reopenIfPresent(paths.texts, contents.texts.validBytes, storage, isRewriting)
            files.people = try reopenIfPresent(paths.people, contents.people.validBytes, storage, isRewriting)
            for folder in [paths.ballots, paths.audio, paths.folder] { try storage.syncFolder(folder) }
        } catch {
            files.close(storage)
            throw error
        }
        return files
    }

    private static func reopenIfPresent(
        _ path: String, _ validBytes: Int, _ storage: any Storage, _ isRewriting: Bool
    ) throws(StorageFailure) -> ClassFiles.AppendedFile? {
        guard try storage.exists(path) else { return nil }
        return try reopen(path, validBytes, storage, isRewriting)
    }

    private static func reopen(
        _ path: String, _ validBytes: Int, _ storage: any Storage, _ isRewriting: Bool
    ) throws(StorageFailure) -> ClassFiles.AppendedFile {
        if isRewriting {
            try storage.replace(path, with: try storage.read(path, from: 0, count: validBytes))
        }
        let file = try storage.open(path, .appendExisting)
        do throws(StorageFailure) {
            if try storage.size(path) > validBytes { try storage.truncate(file, to: validBytes) }
            try storage.sync(file)
        } catch {
            storage.close(file)
            throw error
        }
        return ClassFiles.AppendedFile(file: file, bytesCount: validBytes)
    }

    private static func names(in folder: String, _ storage: any Storage) throws(StorageFailure) -> [String] {
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
