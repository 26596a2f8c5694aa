public import SessionModel

/// Opening a class with what a crash left of it.
extension ClassFolder {
    /// Opens a class and puts right what a crash left: torn ends are cut, what the log says is gone is done
    /// away with, and everything that is read is on the disk before it is read, so that nothing is told to
    /// anybody that a power cut could take.
    ///
    /// Of the events those after `n` are given back. The snapshot is gone on from where it is not newer than
    /// that.
    public static func open(
        _ session: SessionID, in storage: any Storage, eventsAfter n: UInt64 = 0
    ) throws(ClassFolderFailure) -> RecoveredClass {
        let paths = ClassPaths(session)
        let found: FoundSnapshot
        do throws(StorageFailure) {
            found = try findSnapshot(of: session, in: storage, notAfter: n)
            try secure(paths, found.taken, storage)
        } catch {
            throw .storage(error)
        }
        let loaded = try load(session, in: storage, from: found, eventsAfter: n)
        do throws(StorageFailure) {
            if found.isUseless || loaded.holdsRemovedTexts { try storage.removeIfPresent(paths.snapshot) }
            var files = try repair(loaded, paths, storage)
            do throws(StorageFailure) {
                try files.forgetAgain(closedPolls: loaded.closedPolls, storage)
            } catch {
                files.close(storage)
                throw error
            }
            return RecoveredClass(ClassState(loaded, boxes: files.boxes), files)
        } catch {
            throw .storage(error)
        }
    }

    /// The state of a class as its files stand, from its snapshot where that fits. Touches nothing; also for
    /// a class that runs.
    public static func state(
        of session: SessionID, in storage: any Storage, eventsAfter n: UInt64 = .max
    ) throws(ClassFolderFailure) -> ClassState {
        let found: FoundSnapshot
        do throws(StorageFailure) {
            found = try findSnapshot(of: session, in: storage, notAfter: n)
        } catch {
            throw .storage(error)
        }
        let loaded = try load(session, in: storage, from: found, eventsAfter: n)
        let boxes = Dictionary(loaded.boxes.map { ($0.poll, $0) }, uniquingKeysWith: { first, _ in first })
        return ClassState(loaded, boxes: boxes)
    }

    /// Writes everything that came after the snapshot over itself and syncs it.
    ///
    /// After a sync that failed a kernel may hold bytes that can be read, that it takes for written, and that
    /// never reach the disk. Written again they do. What was durable already is the same before and after,
    /// wherever the power may go; and the log needs no room for it, nor the time to be copied whole.
    private static func secure(
        _ paths: ClassPaths, _ taken: ClassSnapshot?, _ storage: any Storage
    ) throws(StorageFailure) {
        try secure(paths.events, from: taken?.place.byteOffset ?? 0, storage)
        if try storage.exists(paths.texts) {
            try secure(paths.texts, from: taken?.texts.bytesCount ?? 0, storage)
        }
        if try storage.exists(paths.people) {
            try secure(paths.people, from: taken?.people.bytesCount ?? 0, storage)
        }
    }

    private static func secure(
        _ path: String, from start: Int, _ storage: any Storage
    ) throws(StorageFailure) {
        let size = try storage.size(path)
        guard start < size, size <= logBytesMaximum else { return }
        let file = try storage.open(path, .overwriteExisting)
        defer { storage.close(file) }
        do throws(StorageFailure) {
            var offset = start
            while offset < size {
                let piece = try storage.read(path, from: offset, count: min(pieceBytes, size - offset))
                guard !piece.isEmpty else { break }
                try storage.overwrite(piece, at: offset, in: file)
                offset += piece.count
            }
        } catch .noSpace {
            // A file system that never writes in place may have no room even for this: a plain sync has to
            // do.
        } catch {
            throw error
        }
        try storage.sync(file)
    }

    private static func repair(
        _ loaded: LoadedClass, _ paths: ClassPaths, _ storage: any Storage
    ) throws(StorageFailure) -> ClassFiles {
        for folder in [paths.folder, paths.ballots, paths.audio] {
            try storage.makeFolder(folder)
            for name in try storage.list(folder) where name.hasSuffix(StorageNames.besideSuffix) {
                try storage.remove(folder + "/" + name)
            }
        }
        var files = ClassFiles(
            paths: paths, log: try reopen(paths.events, loaded.end.validBytes, 0, storage),
            place: loaded.end.place, epoch: loaded.header.epoch, fold: loaded.fold)
        files.boxes = Dictionary(
            loaded.boxes.map { ($0.poll, $0) }, uniquingKeysWith: { first, _ in first })
        files.snapshot = loaded.durable.snapshot
        do throws(StorageFailure) {
            files.texts = try reopenIfPresent(paths.texts, loaded.texts.place, storage)
            files.people = try reopenIfPresent(paths.people, loaded.people.place, storage)
            for folder in [paths.ballots, paths.audio, paths.folder] { try storage.syncFolder(folder) }
        } catch {
            files.close(storage)
            throw error
        }
        return files
    }

    private static func reopenIfPresent(
        _ path: String, _ place: StorePlace, _ storage: any Storage
    ) throws(StorageFailure) -> ClassFiles.AppendedFile? {
        guard try storage.exists(path) else { return nil }
        return try reopen(path, place.bytesCount, place.linesCount, storage)
    }

    private static func reopen(
        _ path: String, _ validBytes: Int, _ linesCount: Int, _ storage: any Storage
    ) throws(StorageFailure) -> ClassFiles.AppendedFile {
        let file = try storage.open(path, .appendExisting)
        do throws(StorageFailure) {
            if try storage.size(path) > validBytes { try storage.truncate(file, to: validBytes) }
            try storage.sync(file)
        } catch {
            storage.close(file)
            throw error
        }
        return ClassFiles.AppendedFile(file: file, bytesCount: validBytes, linesCount: linesCount)
    }
}
