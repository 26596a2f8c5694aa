import Foundation
import SessionModel

/// A class as it was read for going on with it: from its snapshot where there is one that fits, and from
/// what came later. Nothing on the disk is changed.
struct LoadedClass {
    var header: LogHeader
    /// The state before the first of `events`.
    var base: Session
    /// The events that were asked for.
    var events: [RecordedEvent] = []
    let fold: ClassFold
    /// The polls that were closed after the snapshot: their boxes may not know it yet.
    var closedPolls: Set<PollID> = []
    /// What events after the snapshot speak of: it was durable before they were written.
    var mentioned = Mentioned()
    /// What is in front of these places was durable when the snapshot was taken.
    var durable = DurablePlaces()
    /// Whether the snapshot holds texts that were removed after it was taken.
    var holdsRemovedTexts = false
    var end: LogEnd
    var texts = StoreEnd()
    var people = StoreEnd()
    var boxes: [BallotBox] = []
    var damagedBoxes: [String] = []

    /// Entries of the stores that events refer to.
    struct Mentioned {
        /// Of the last event that has any: texts stand in the order of their events.
        var lastTexts: [TextID] = []
        var people: Set<PersonID> = []

        mutating func take(_ event: Event) {
            let texts = event.textReferences.map(\.ref)
            if !texts.isEmpty { lastTexts = texts }
            if case .joined(_, let person, _, let members) = event {
                people.insert(person)
                people.formUnion(members)
            }
            if case .peopleExpected(let expected) = event { people.formUnion(expected) }
        }
    }

    /// How far each file is known to be durable.
    struct DurablePlaces {
        var snapshot = SnapshotMark()
        var texts = StorePlace()
        var people = StorePlace()
    }

    /// How a store of lines ends.
    struct StoreEnd {
        var place = StorePlace()
        var isTorn = false
        var damagedLines: [Int] = []
        /// Where a line with zeros begins: a disk took a later part of a write and not this one.
        var hole: StorePlace?
        /// Whether something behind the hole was durable, so that the hole is damage.
        var isHoleDamage = false

        /// A hole in what no event refers to is the end of the store.
        mutating func cutAtHole() {
            guard let hole, !isHoleDamage else { return }
            place = hole
            isTorn = true
            damagedLines.removeAll { $0 > hole.linesCount }
        }
    }
}

/// What there is in the way of a snapshot.
struct FoundSnapshot {
    /// The first line of the log, where `taken` fits it.
    var header: LogHeader?
    var taken: ClassSnapshot?
    /// How long the file is.
    var bytesCount = 0
    /// Whether there is a file that does not fit: to be thrown away.
    var isUseless = false
}

extension ClassFolder {
    /// Reads a class for going on with it, from its snapshot where that fits, and of its events those after
    /// `n`.
    static func load(
        _ session: SessionID, in storage: any Storage, from snapshot: FoundSnapshot, eventsAfter n: UInt64
    ) throws(ClassFolderFailure) -> LoadedClass {
        let paths = ClassPaths(session)
        var loaded = try loadLog(session, paths, storage, snapshot, eventsAfter: n)
        do throws(StorageFailure) {
            try loadTexts(paths, storage, into: &loaded)
            try loadPeople(paths, storage, into: &loaded)
            for name in try names(in: paths.ballots, storage) where name.hasSuffix(".json") {
                let bytes = try storage.readWhole(paths.ballots + "/" + name, bytesMaximum: storeBytesMaximum)
                if let box = BallotBox(fileBytes: bytes), box.fileName == name {
                    loaded.boxes.append(box)
                } else {
                    loaded.damagedBoxes.append(name)
                }
            }
        } catch {
            throw .storage(error)
        }
        return loaded
    }

    private static func loadLog(
        _ session: SessionID, _ paths: ClassPaths, _ storage: any Storage, _ snapshot: FoundSnapshot,
        eventsAfter n: UInt64
    ) throws(ClassFolderFailure) -> LoadedClass {
        let taken = snapshot.taken
        let fold = taken?.fold ?? ClassFold(Session(id: session))
        let hadTexts = !fold.areTextsRemoved
        var base: Session?
        var events: [RecordedEvent] = []
        var closedPolls: Set<PollID> = []
        var mentioned = LoadedClass.Mentioned()
        let start = taken?.place.byteOffset ?? 0
        let reader = taken.flatMap { taken in
            snapshot.header.map { EventLogReader($0, after: taken.place) }
        }
        let end = try scanLog(paths.events, in: storage, from: start, reader ?? EventLogReader()) { batch in
            for recorded in batch {
                if recorded.n > n {
                    if base == nil { base = fold.session }
                    events.append(recorded)
                }
                if case .pollClosed(let poll, _, _) = recorded.event { closedPolls.insert(poll) }
                mentioned.take(recorded.event)
                fold.apply(recorded)
            }
        }
        var loaded = LoadedClass(
            header: end.header, base: base ?? fold.session, events: events, fold: fold, end: end)
        loaded.closedPolls = closedPolls
        loaded.mentioned = mentioned
        loaded.holdsRemovedTexts = taken != nil && hadTexts && fold.areTextsRemoved
        if let taken {
            loaded.durable = LoadedClass.DurablePlaces(
                snapshot: SnapshotMark(
                    n: taken.place.n, byteOffset: start, bytesCount: snapshot.bytesCount),
                texts: taken.texts, people: taken.people)
        }
        return loaded
    }

    /// The snapshot, where it fits the log and the stores to the byte and is not newer than event `n`: what
    /// came between could not be told.
    static func findSnapshot(
        of session: SessionID, in storage: any Storage, notAfter n: UInt64
    ) throws(StorageFailure) -> FoundSnapshot {
        let paths = ClassPaths(session)
        guard try storage.exists(paths.snapshot) else { return FoundSnapshot() }
        let useless = FoundSnapshot(isUseless: true)
        let bytesCount = try storage.size(paths.snapshot)
        guard bytesCount <= ClassSnapshot.bytesMaximum,
            let taken = ClassSnapshot(
                fileBytes: try storage.readWhole(paths.snapshot, bytesMaximum: ClassSnapshot.bytesMaximum)),
            taken.fold.session.id == session
        else { return useless }
        let place = taken.place
        let first = try storage.read(paths.events, from: 0, count: headerBytesMaximum)
        guard let headerEnd = first.firstIndex(of: LineFeed.byte),
            let header = LogHeader(line: Array(first[..<headerEnd])), header.epoch == taken.epoch,
            header.session == session
        else { return useless }
        let line = try storage.read(
            paths.events, from: place.byteOffset - place.lineBytesCount - 1, count: place.lineBytesCount + 1)
        guard line.last == LineFeed.byte, line.count == place.lineBytesCount + 1,
            Digest.sha256(line.dropLast()) == place.digest
        else { return useless }
        for (path, store) in [(paths.texts, taken.texts), (paths.people, taken.people)]
        where store.bytesCount > 0 {
            guard try storage.exists(path),
                try storage.read(path, from: store.bytesCount - 1, count: 1) == [LineFeed.byte]
            else { return useless }
        }
        guard place.n <= n else { return FoundSnapshot() }
        return FoundSnapshot(header: header, taken: taken, bytesCount: bytesCount)
    }

    /// Far above the longest header: two identifiers and a time.
    static let headerBytesMaximum = 1_024

    private static func loadTexts(
        _ paths: ClassPaths, _ storage: any Storage, into loaded: inout LoadedClass
    ) throws(StorageFailure) {
        guard !loaded.fold.areTextsRemoved, try storage.exists(paths.texts) else { return }
        var wanted = loaded.fold.session.liveTexts
        for recorded in loaded.events { wanted.formUnion(recorded.event.textReferences.map(\.ref)) }
        let fold = loaded.fold
        fold.forgetTexts(except: wanted)
        let decoder = JSONDecoder()
        let mentioned = loaded.mentioned.lastTexts
        loaded.texts = try scanLines(paths.texts, storage, from: loaded.durable.texts) { line, end in
            // Most texts of a long class nobody will ask for: those are not even parsed.
            if let ref = TextStore.ref(ofLine: line), !wanted.contains(ref), end.hole == nil { return true }
            guard let entry = TextEntry(line: Array(line), decoder: decoder) else { return false }
            if end.hole != nil, mentioned.contains(entry.ref) { end.isHoleDamage = true }
            if wanted.contains(entry.ref) { fold.take(entry) }
            return true
        }
        loaded.texts.cutAtHole()
    }

    private static func loadPeople(
        _ paths: ClassPaths, _ storage: any Storage, into loaded: inout LoadedClass
    ) throws(StorageFailure) {
        guard try storage.exists(paths.people) else { return }
        let fold = loaded.fold
        let decoder = JSONDecoder()
        let mentioned = loaded.mentioned.people
        var behindHole: [PersonEntry] = []
        loaded.people = try scanLines(paths.people, storage, from: loaded.durable.people) { line, end in
            guard let entry = PersonEntry(line: Array(line), decoder: decoder) else { return false }
            if end.hole == nil {
                fold.take(entry)
            } else {
                behindHole.append(entry)
                if mentioned.contains(entry.person) { end.isHoleDamage = true }
            }
            return true
        }
        loaded.people.cutAtHole()
        // Whoever is known is not written again: of what is cut off nobody is known.
        if loaded.people.isHoleDamage { for entry in behindHole { fold.take(entry) } }
    }

    /// Goes through the lines of a store in pieces; `take` says whether it could read a line.
    private static func scanLines(
        _ path: String, _ storage: any Storage, from place: StorePlace,
        _ take: (ArraySlice<UInt8>, inout LoadedClass.StoreEnd) -> Bool
    ) throws(StorageFailure) -> LoadedClass.StoreEnd {
        var end = LoadedClass.StoreEnd(place: place)
        var rest: [UInt8] = []
        var offset = place.bytesCount
        while true {
            guard offset <= storeBytesMaximum else { throw .io(errno: StorageErrno.fileTooLarge) }
            let piece = try storage.read(path, from: offset, count: pieceBytes)
            if piece.isEmpty { break }
            offset += piece.count
            // Only the new bytes are searched, so that a line without an end costs no more than its length.
            var searched = rest.count
            rest += piece
            var start = 0
            let before = end.place.bytesCount
            while let lineEnd = rest[searched...].firstIndex(of: LineFeed.byte) {
                let line = rest[start..<lineEnd]
                if end.hole == nil, line.contains(0) { end.hole = end.place }
                end.place.linesCount += 1
                if !take(line, &end) { end.damagedLines.append(end.place.linesCount) }
                start = lineEnd + 1
                searched = start
                end.place.bytesCount = before + start
            }
            rest.removeFirst(start)
        }
        end.isTorn = !rest.isEmpty
        return end
    }
}

extension TextStore {
    private static let linePrefix = Array("{\"ref\":\"".utf8)

    /// The reference of a line in the form this program writes, without reading the rest of it; nil where it
    /// begins otherwise.
    static func ref(ofLine line: ArraySlice<UInt8>) -> TextID? {
        guard line.starts(with: linePrefix) else { return nil }
        let rest = line.dropFirst(linePrefix.count)
        guard let end = rest.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        return TextID(String(decoding: rest[..<end], as: UTF8.self))
    }
}
