import Foundation
import SessionModel

/// The open files of one class and what is known of their ends; a value that wanders to the file thread and
/// back.
///
/// Only whoever carries out a commit holds it, so there is never a second writer.
public struct ClassFiles: Sendable {
    let paths: ClassPaths
    var log: AppendedFile
    var texts: AppendedFile?
    var people: AppendedFile?
    var boxes: [PollID: BallotBox] = [:]
    /// The end of the last durable line.
    var place: LogPlace
    private let epoch: String
    /// What follows from all that is durable.
    let fold: ClassFold
    /// Where a snapshot was last taken, or could not be taken.
    var snapshot = SnapshotMark()

    /// The place of the last durable event.
    public var position: LogPosition { LogPosition(epoch: epoch, n: place.n) }

    init(paths: ClassPaths, log: AppendedFile, place: LogPlace, epoch: String, fold: ClassFold) {
        self.paths = paths
        self.log = log
        self.place = place
        self.epoch = epoch
        self.fold = fold
    }

    /// A file that is appended to, and how much of it counts.
    struct AppendedFile: Sendable {
        let file: StorageFile
        var bytesCount: Int
        var linesCount = 0
    }
}

/// Why a commit was not carried out, and whether anything of it may have been.
struct CommitFailure: Error {
    let cause: StorageFailure
    /// False: the disk is as it was before. True: nobody knows, and the class has to be read back.
    let isOutcomeUnknown: Bool

    /// What the log tells its caller.
    var logFailure: EventLogFailure {
        isOutcomeUnknown ? .unknownOutcome(cause) : .unavailable(.storage(cause))
    }
}

extension ClassFiles {
    /// Carries out several commits as one write to each file and one sync of it. When it returns, all are
    /// durable.
    mutating func commit(_ commits: [ClassCommit], to storage: any Storage) throws(CommitFailure) {
        // What stands in a store counts, whatever becomes of the rest: whoever is known is not written again,
        // and a snapshot must not forget them.
        let people = commits.flatMap(\.people)
        if !people.isEmpty {
            try append(Self.lines(people), to: \.people, at: paths.people, storage)
            for entry in people { fold.take(entry) }
        }
        let texts = commits.flatMap(\.texts)
        if !texts.isEmpty {
            try append(Self.lines(texts), to: \.texts, at: paths.texts, storage)
            for entry in texts { fold.take(entry) }
        }
        let haveBoxesChanged = try cast(commits.flatMap(\.ballots), storage)
        do {
            try appendEvents(commits.map(\.events), storage)
        } catch {
            throw CommitFailure(
                cause: error.cause, isOutcomeUnknown: error.isOutcomeUnknown || haveBoxesChanged)
        }
        // What follows is said in events that are durable now: after a crash it is done again from the log.
        do {
            try forget(commits, storage)
        } catch {
            throw CommitFailure(cause: error, isOutcomeUnknown: true)
        }
        fold.apply(commits)
    }

    /// Forgets open files.
    func close(_ storage: any Storage) {
        storage.close(log.file)
        if let texts { storage.close(texts.file) }
        if let people { storage.close(people.file) }
    }

    private static func lines<Entry: JSONLine>(_ entries: [Entry]) throws(CommitFailure) -> [UInt8] {
        guard !entries.isEmpty else { return [] }
        do {
            return try JSONLines.bytes(of: entries)
        } catch {
            throw CommitFailure(cause: .io(errno: StorageErrno.inputOutput), isOutcomeUnknown: false)
        }
    }

    private mutating func append(
        _ bytes: [UInt8], to store: WritableKeyPath<ClassFiles, AppendedFile?>, at path: String,
        _ storage: any Storage
    ) throws(CommitFailure) {
        var open: AppendedFile
        if let known = self[keyPath: store] {
            open = known
        } else {
            do {
                let file = try ReserveFile.withRoom(in: storage) { () throws(StorageFailure) in
                    try storage.open(path, .append)
                }
                open = AppendedFile(file: file, bytesCount: try storage.size(path))
                try storage.syncFolder(paths.folder)
            } catch {
                throw CommitFailure(cause: error, isOutcomeUnknown: false)
            }
        }
        self[keyPath: store] = open
        try Self.appendAndSync(bytes, to: &open, storage)
        self[keyPath: store] = open
    }

    /// Appends and syncs; a failed append is cut back, so that the outcome is known unless that fails too.
    /// Where there is no room the reserve gives way: what was decided goes in, whatever it is, and what may
    /// wait is refused before it is decided.
    private static func appendAndSync(
        _ bytes: [UInt8], to open: inout AppendedFile, _ storage: any Storage
    ) throws(CommitFailure) {
        while let cause = append(bytes, to: open.file, storage) {
            do {
                try storage.truncate(open.file, to: open.bytesCount)
            } catch {
                throw CommitFailure(cause: cause, isOutcomeUnknown: true)
            }
            // A disk that fails otherwise is trusted again only after the log was written anew.
            guard cause == .noSpace else { throw CommitFailure(cause: cause, isOutcomeUnknown: true) }
            guard ReserveFile.givePiece(of: bytes.count, in: storage) else {
                throw CommitFailure(cause: cause, isOutcomeUnknown: false)
            }
            // At once, before another program takes what was given.
            storage.preallocate(open.file, bytes: max(bytes.count, DiskLimits.reservePieceBytes))
        }
        do {
            try storage.sync(open.file)
        } catch {
            // After a failed sync the kernel may drop what it could not write and say nothing at the next
            // one.
            throw CommitFailure(cause: error, isOutcomeUnknown: true)
        }
        open.bytesCount += bytes.count
        open.linesCount += bytes.count { $0 == LineFeed.byte }
    }

    private static func append(
        _ bytes: [UInt8], to file: StorageFile, _ storage: any Storage
    ) -> StorageFailure? {
        do {
            try storage.append(bytes, to: file)
            return nil
        } catch {
            return error
        }
    }

    private mutating func cast(_ ballots: [Ballot], _ storage: any Storage) throws(CommitFailure) -> Bool {
        guard !ballots.isEmpty else { return false }
        var changed: Set<PollID> = []
        for ballot in ballots {
            boxes[ballot.poll, default: BallotBox(poll: ballot.poll)].cast(ballot)
            changed.insert(ballot.poll)
        }
        for poll in changed.sorted() { try write(poll, storage) }
        return true
    }

    private func write(_ poll: PollID, _ storage: any Storage) throws(CommitFailure) {
        do {
            try putBox(poll, storage)
        } catch {
            // The new box may or may not have taken the place of the old one.
            throw CommitFailure(cause: error, isOutcomeUnknown: true)
        }
    }

    private func putBox(_ poll: PollID, _ storage: any Storage) throws(StorageFailure) {
        guard let bytes = boxes[poll]?.fileBytes() else { return }
        try ReserveFile.withRoom(of: bytes.count, in: storage) { () throws(StorageFailure) in
            try storage.replace(paths.ballotBox(poll), with: bytes)
        }
    }

    private mutating func appendEvents(
        _ batches: [[RecordedEvent]], _ storage: any Storage
    ) throws(CommitFailure) {
        let encoder = EventLineEncoder()
        var bytes: [UInt8] = []
        var digest = place.digest
        var last = place.n
        var lineBytesCount = place.lineBytesCount
        for batch in batches {
            for (index, recorded) in batch.enumerated() {
                let line = EventLine(
                    recorded: recorded, isContinued: index + 1 < batch.count, isTogether: !bytes.isEmpty,
                    previous: Digest.hex(digest))
                guard let coded = try? encoder.encode(line) else {
                    throw CommitFailure(cause: .io(errno: StorageErrno.inputOutput), isOutcomeUnknown: false)
                }
                digest = Digest.sha256(coded)
                lineBytesCount = coded.count
                bytes += coded
                bytes.append(LineFeed.byte)
                last = recorded.n
            }
        }
        guard !bytes.isEmpty else { return }
        try Self.appendAndSync(bytes, to: &log, storage)
        place = LogPlace(
            n: last, byteOffset: log.bytesCount, digest: digest, lineBytesCount: lineBytesCount)
    }

    /// Does away with what the durable events, or the callers, say is gone.
    private mutating func forget(_ commits: [ClassCommit], _ storage: any Storage) throws(StorageFailure) {
        for commit in commits {
            for recorded in commit.events { try forget(after: recorded.event, storage) }
            let texts = Set(commit.erasedTexts)
            let people = Set(commit.erasedPeople)
            if !texts.isEmpty || !people.isEmpty { try forgetSnapshot(storage) }
            if !texts.isEmpty {
                try rewrite(\.texts, at: paths.texts, storage) { (entry: TextEntry) in
                    !texts.contains(entry.ref)
                }
            }
            if !people.isEmpty {
                try rewrite(\.people, at: paths.people, storage) { (entry: PersonEntry) in
                    !people.contains(entry.person)
                }
            }
        }
    }

    /// What one durable event does away with: the answers of a closed poll, or all texts.
    private mutating func forget(after event: Event, _ storage: any Storage) throws(StorageFailure) {
        if case .pollClosed(let poll, _, _) = event { try seal(poll, storage) }
        if case .textsRemoved = event {
            try forgetSnapshot(storage)
            try removeTexts(storage)
        }
    }

    /// After a crash: whatever the log says is gone is done away with again.
    mutating func forgetAgain(
        closedPolls: Set<PollID>, _ storage: any Storage
    ) throws(StorageFailure) {
        for poll in closedPolls.sorted() { try seal(poll, storage) }
        if fold.areTextsRemoved { try removeTexts(storage) }
    }

    private mutating func seal(_ poll: PollID, _ storage: any Storage) throws(StorageFailure) {
        guard boxes[poll]?.isSealed == false else { return }
        boxes[poll]?.seal()
        try putBox(poll, storage)
    }

    private mutating func removeTexts(_ storage: any Storage) throws(StorageFailure) {
        if let texts { storage.close(texts.file) }
        texts = nil
        try storage.removeIfPresent(paths.texts)
    }

    /// Names and texts are in the snapshot too: it goes before they do.
    private mutating func forgetSnapshot(_ storage: any Storage) throws(StorageFailure) {
        try storage.removeIfPresent(paths.snapshot)
        snapshot = SnapshotMark()
    }

    /// Writes a store anew with only what is kept, and opens the new file.
    private mutating func rewrite<Entry: JSONLine>(
        _ store: WritableKeyPath<ClassFiles, AppendedFile?>, at path: String, _ storage: any Storage,
        keep: (Entry) -> Bool
    ) throws(StorageFailure) {
        guard try storage.exists(path) else { return }
        let old = JSONLines<Entry>(try storage.readWhole(path, bytesMaximum: ClassFolder.storeBytesMaximum))
        guard let bytes = try? JSONLines.bytes(of: old.entries.filter(keep)) else {
            throw .io(errno: StorageErrno.inputOutput)
        }
        if let open = self[keyPath: store] { storage.close(open.file) }
        self[keyPath: store] = nil
        try storage.replace(path, with: bytes)
        self[keyPath: store] = AppendedFile(
            file: try storage.open(path, .appendExisting), bytesCount: bytes.count,
            linesCount: bytes.count { $0 == LineFeed.byte })
    }
}
