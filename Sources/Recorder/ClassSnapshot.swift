import SessionModel

/// The state of a class at an event, kept beside its log so that opening it needs only what came later.
///
/// It is an index and never the truth: it is only written of what is durable, and one that does not fit the
/// log to the byte is thrown away and the log read from its first line. Names and texts are in it, so
/// whatever erases one of those removes it first.
///
/// The file: eight bytes of mark and form, SHA-256 of the rest, the rest as `ImageWriter` writes it.
struct ClassSnapshot {
    /// The identity of the log.
    let epoch: String
    /// The event it was taken at, and where its line ends.
    let place: LogPlace
    /// How far the store of texts was durable then.
    let texts: StorePlace
    /// How far the store of people was.
    let people: StorePlace
    let fold: ClassFold

    static let fileName = "snapshot.bin"
    /// The name of the file's form; the number of the fold comes after it.
    private static let mark = Array("LRSNAP1\n".utf8)
    /// A hundred thousand seats with sixty-four remembered commands each, three times over.
    static let bytesMaximum = 512 * 1_024 * 1_024
    /// The whole file.
    func fileBytes() -> [UInt8] {
        var image = ImageWriter()
        image.put(Session.foldVersion)
        image.put(epoch)
        image.put(place.n)
        image.put(place.byteOffset)
        image.put(place.digest)
        image.put(place.lineBytesCount)
        for store in [texts, people] {
            image.put(store.bytesCount)
            image.put(store.linesCount)
        }
        image.put(fold.areTextsRemoved)
        image.put(fold.session.image())
        image.put(list: fold.session.liveTexts.sorted().compactMap { fold.texts[$0] }) { image, entry in
            image.put(entry.ref)
            image.put(entry.salt)
            image.put(entry.text)
        }
        image.put(list: fold.people.values.sorted { $0.person < $1.person }) { image, entry in
            image.put(entry.person)
            image.put(entry.name)
            image.put(entry.number) { $0.put($1) }
            image.put(entry.affiliation) { $0.put($1) }
            image.put(word: entry.source)
        }
        return Self.mark + Digest.sha256(image.bytes) + image.bytes
    }

    /// Reads a whole file; nil where it is none of this form and fold.
    init?(fileBytes: [UInt8]) {
        let start = Self.mark.count + Digest.bytesCount
        guard fileBytes.starts(with: Self.mark), fileBytes.count > start,
            Digest.sha256(Array(fileBytes[start...])) == Array(fileBytes[Self.mark.count..<start])
        else { return nil }
        var image = ImageReader(fileBytes, from: start)
        do throws(ImageFailure) {
            guard try image.number() == Session.foldVersion else { return nil }
            try self.init(image: &image)
        } catch {
            return nil
        }
        guard image.isAtEnd else { return nil }
    }

    init(epoch: String, place: LogPlace, texts: StorePlace, people: StorePlace, fold: ClassFold) {
        self.epoch = epoch
        self.place = place
        self.texts = texts
        self.people = people
        self.fold = fold
    }

    private init(image: inout ImageReader) throws(ImageFailure) {
        epoch = try image.text()
        place = LogPlace(
            n: try image.number(), byteOffset: try image.integer(), digest: Array(try image.some()),
            lineBytesCount: try image.integer())
        texts = StorePlace(bytesCount: try image.integer(), linesCount: try image.integer())
        people = StorePlace(bytesCount: try image.integer(), linesCount: try image.integer())
        let areTextsRemoved = try image.flag()
        var state = ImageReader(Array(try image.some()))
        let session = try Session(image: &state)
        let fold = ClassFold(session, areTextsRemoved: areTextsRemoved)
        let texts = try image.list { image throws(ImageFailure) in try TextEntry(image: &image) }
        for entry in texts { fold.take(entry) }
        let people = try image.list { image throws(ImageFailure) in try PersonEntry(image: &image) }
        for entry in people { fold.take(entry) }
        self.fold = fold
        let isPlace =
            place.n >= 1 && place.lineBytesCount > 0 && place.byteOffset > place.lineBytesCount
            && place.byteOffset <= ClassFolder.logBytesMaximum && session.lastN == place.n
        guard isPlace, self.texts.isSound, self.people.isSound else { throw ImageFailure() }
    }
}

/// Where in its log a snapshot was taken, and when the next is due.
struct SnapshotMark: Hashable, Sendable {
    /// The event; 0 where there is none.
    var n: UInt64 = 0
    /// Where its line ends.
    var byteOffset = 0
    /// How long the snapshot is.
    var bytesCount = 0

    /// Read in a tenth of a second; in a lively class a minute between two.
    static let eventsBehindMaximum: UInt64 = 4_096
    /// Ten thousand lines of the common kind, or sixty of the longest.
    static let bytesBehindMaximum = 2 * 1_024 * 1_024
    /// A small class may take one this often.
    static let eventsBehindMinimum: UInt64 = 1_024
    /// What is written for snapshots is at most so many times what is written for the log.
    static let writingShareMaximum = 4

    /// Whether so much came since that the next opening would have to read too much.
    func isDue(at place: LogPlace) -> Bool {
        guard place.n > n else { return false }
        let events = place.n - n
        let bytes = place.byteOffset - byteOffset
        if events >= Self.eventsBehindMaximum || bytes >= Self.bytesBehindMaximum { return true }
        return events >= Self.eventsBehindMinimum && bytes >= bytesCount / Self.writingShareMaximum
    }
}

/// How far a store of lines reaches.
struct StorePlace: Hashable, Sendable {
    var bytesCount = 0
    var linesCount = 0

    /// Whether the numbers could be those of a store.
    var isSound: Bool {
        (0...ClassFolder.storeBytesMaximum).contains(bytesCount) && (0...bytesCount).contains(linesCount)
    }
}

extension TextEntry {
    fileprivate init(image: inout ImageReader) throws(ImageFailure) {
        let entry = TextEntry(
            ref: try image.identifier(), salt: Array(try image.some()), text: try image.text())
        guard let entry else { throw ImageFailure() }
        self = entry
    }
}

extension PersonEntry {
    fileprivate init(image: inout ImageReader) throws(ImageFailure) {
        let entry = PersonEntry(
            person: try image.identifier(), name: try image.text(),
            number: try image.optional { image throws(ImageFailure) in try image.text() },
            affiliation: try image.optional { image throws(ImageFailure) in try image.text() },
            source: try image.word())
        guard let entry else { throw ImageFailure() }
        self = entry
    }
}
