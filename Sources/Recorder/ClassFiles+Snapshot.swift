import SessionModel

extension ClassFiles {
    /// Whether so much came since the last snapshot that the next opening would have to read too much.
    var isSnapshotDue: Bool { place.n >= snapshotN + ClassSnapshot.eventsBehindMaximum }

    /// Puts a snapshot of what is durable into the place of the last one. That it cannot be written costs
    /// nothing but time at the next opening, so nobody is told.
    mutating func saveSnapshot(to storage: any Storage) {
        // The two differ where what an event says is gone could not be done away with.
        guard place.n > snapshotN, fold.session.lastN == place.n else { return }
        snapshotN = place.n
        // The last room on a disk belongs to what people do.
        guard let free = try? storage.freeBytes(), free >= DiskLimits.textsStopBelowBytes else { return }
        let snapshot = ClassSnapshot(
            epoch: position.epoch, place: place, texts: StorePlace(texts), people: StorePlace(people),
            fold: fold)
        try? storage.replace(paths.snapshot, with: snapshot.fileBytes())
    }
}

extension StorePlace {
    fileprivate init(_ file: ClassFiles.AppendedFile?) {
        self.init(bytesCount: file?.bytesCount ?? 0, linesCount: file?.linesCount ?? 0)
    }
}
