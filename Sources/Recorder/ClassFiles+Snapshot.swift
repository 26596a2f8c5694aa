import SessionModel

extension ClassFiles {
    /// Whether the next snapshot is due.
    var isSnapshotDue: Bool { snapshot.isDue(at: place) }

    /// Puts a snapshot of what is durable into the place of the last one. That it cannot be written costs
    /// nothing but time at the next opening, so nobody is told.
    mutating func saveSnapshot(to storage: any Storage) {
        // The two differ where what an event says is gone could not be done away with.
        guard place.n > snapshot.n, fold.session.lastN == place.n else { return }
        snapshot.n = place.n
        snapshot.byteOffset = place.byteOffset
        // The last room on a disk belongs to what people do.
        guard let free = try? storage.freeBytes(), free >= DiskLimits.textsStopBelowBytes else { return }
        let bytes = ClassSnapshot(
            epoch: position.epoch, place: place, texts: StorePlace(texts), people: StorePlace(people),
            fold: fold
        ).fileBytes()
        snapshot.bytesCount = bytes.count
        try? storage.replace(paths.snapshot, with: bytes)
    }
}

extension StorePlace {
    fileprivate init(_ file: ClassFiles.AppendedFile?) {
        self.init(bytesCount: file?.bytesCount ?? 0, linesCount: file?.linesCount ?? 0)
    }
}
