/// What a file of sound holds that was not closed, and what it lacks.
struct OggOpusRepair {
    /// How far complete pages reach.
    let validBytes: Int
    /// The granule position of the last page: samples at 48 kHz, those to skip among them.
    let samplesCount: Int
    /// The page that ends the stream; empty where there is one already.
    let endPage: [UInt8]
    /// Whether at least the headers and one page of sound are there.
    let hasSound: Bool

    /// Walks over the pages of a file and stops at the first that is not whole.
    init(_ path: String, in storage: any Storage) throws(StorageFailure) {
        let size = try storage.size(path)
        let pages = OggPageReader()
        var last: OggPage?
        var soundPages = 0
        var samples = 0
        var offset = 0
        scan: while offset < size {
            let piece = try storage.read(path, from: offset, count: Self.pieceBytes)
            guard !piece.isEmpty else { break }
            offset += piece.count
            pages.feed(piece)
            while true {
                guard let found = try? pages.next() else { break }
                last = found
                if found.granule > 0 {
                    soundPages += 1
                    samples = Int(found.granule)
                }
                if found.isLast { break scan }
            }
        }
        validBytes = pages.validBytes
        samplesCount = samples
        hasSound = soundPages > 0
        if let last, !last.isLast {
            endPage = OggPage.end(serial: last.serial, sequence: last.sequence + 1)
        } else {
            endPage = []
        }
    }

    private static let pieceBytes = 262_144

    /// Cuts off a torn page, ends the stream, and returns the digest of the file as it stands on the disk
    /// then; nil where there is no sound in it, after which the file is gone.
    static func close(_ path: String, in storage: any Storage) throws(StorageFailure) -> (
        samples: Int, sha256: [UInt8]
    )? {
        guard try storage.exists(path) else { return nil }
        let repair = try OggOpusRepair(path, in: storage)
        guard repair.hasSound else {
            try storage.removeIfPresent(path)
            return nil
        }
        let file = try storage.open(path, .appendExisting)
        defer { storage.close(file) }
        if try storage.size(path) > repair.validBytes { try storage.truncate(file, to: repair.validBytes) }
        try storage.append(repair.endPage, to: file)
        try storage.sync(file)
        return (repair.samplesCount, try digest(of: path, in: storage))
    }

    /// SHA-256 of a file, read in pieces.
    static func digest(of path: String, in storage: any Storage) throws(StorageFailure) -> [UInt8] {
        let size = try storage.size(path)
        let digest = RunningDigest()
        var offset = 0
        while offset < size {
            let piece = try storage.read(path, from: offset, count: min(pieceBytes, size - offset))
            guard !piece.isEmpty else { break }
            digest.update(piece)
            offset += piece.count
        }
        return digest.finish()
    }
}
