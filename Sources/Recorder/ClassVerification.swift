public import SessionModel

/// One thing that is not as it should be, or that is worth knowing, and where.
public struct VerificationFinding: Hashable, Sendable {
    /// How much it matters.
    public enum Weight: String, Hashable, Sendable, Codable {
        /// Something was lost, altered or cut off.
        case broken
        /// As it may be: erased on purpose, or left by a crash and acknowledged to nobody.
        case note
    }

    /// What was found. Raw values are stable codes.
    public enum Code: String, CaseIterable, Hashable, Sendable, Codable {
        /// The log is broken at this line; see the detail.
        case logCorrupt
        /// A write at the end of the log was torn by a crash; recovery cuts it off.
        case logTorn
        /// Session time goes backwards.
        case timeBackwards
        /// A line of this store cannot be read.
        case lineDamaged
        /// The text is not the one that was typed.
        case textAltered
        /// The text that an event refers to was erased.
        case textErased
        /// No event refers to this text.
        case textUnreferenced
        /// The file is no ballot box.
        case ballotBoxDamaged
        /// The poll is closed, and the box still holds the answers.
        case ballotBoxNotSealed
        /// As many voted as the box says, or as the log says, but not both.
        case ballotCountDiffers
        /// The list of segments cannot be read.
        case manifestInvalid
        /// The file of a segment is missing.
        case soundMissing
        /// The file of a segment is not what was recorded.
        case soundAltered
        /// The segment is still being written.
        case soundOpen
        /// The segment was erased.
        case soundErased
        /// The segment was erased, and its file is still there.
        case soundNotErased
        /// A file of sound that is in no list.
        case soundUnlisted
        /// The signed head is not of the line it speaks of.
        case headDiffers
        /// The signed head lies beyond the end of the log: events are missing.
        case logCutOff
        /// The signature is wrong.
        case signatureWrong
        /// The public key of the head is not at hand.
        case keyUnknown
        /// The class has ended, and no head covers its last event.
        case unsigned
    }

    /// How much it matters.
    public let weight: Weight
    /// What was found.
    public let code: Code
    /// The file, relative to the data folder.
    public let file: String
    /// The line in it, from 1.
    public let line: Int?
    /// What a program would add: an identifier, a reason.
    public let detail: String?

    init(_ weight: Weight, _ code: Code, _ file: String, line: Int? = nil, _ detail: String? = nil) {
        self.weight = weight
        self.code = code
        self.file = file
        self.line = line
        self.detail = detail
    }
}

/// Checks a class folder against itself and against what was signed; changes nothing. Blocks.
public struct ClassVerification: Sendable {
    /// What was found, in the order of the stores.
    public private(set) var findings: [VerificationFinding] = []
    /// How many events are in the log.
    public private(set) var eventsCount = 0
    /// The end of the log; nil where it cannot be read.
    public private(set) var end: LogEnd?
    /// The signed heads that are right.
    public private(set) var signedHeads: [SignedHead] = []

    /// Whether nothing is broken.
    public var isSound: Bool { !findings.contains { $0.weight == .broken } }

    private let session: SessionID
    private let paths: ClassPaths
    private let storage: any Storage
    private var events: [RecordedEvent] = []
    private var lineDigests: [UInt64: [UInt8]] = [:]

    /// The first that is broken: what somebody looks at first.
    public var firstBroken: VerificationFinding? { findings.first { $0.weight == .broken } }

    /// Checks one class. `publicKeys` are those of `HeadSigner.publicKeys`; `knownHeads` were kept elsewhere
    /// and are believed before anything in the folder.
    public init(
        _ session: SessionID, in storage: any Storage, publicKeys: [String: [UInt8]],
        knownHeads: [KnownHead] = []
    ) throws(StorageFailure) {
        self.session = session
        self.storage = storage
        paths = ClassPaths(session)
        let heads = try lines(of: paths.heads, as: SignedHead.self)
        try checkLog(wanted: Set(heads.entries.map(\.n) + knownHeads.map(\.n)))
        check(knownHeads)
        try checkTexts()
        try checkPeople()
        try checkBallots()
        try checkSound()
        checkHeads(heads, publicKeys)
    }

    private mutating func note(
        _ code: VerificationFinding.Code, _ file: String, line: Int? = nil, _ detail: String? = nil
    ) {
        findings.append(VerificationFinding(.note, code, file, line: line, detail))
    }

    private mutating func broken(
        _ code: VerificationFinding.Code, _ file: String, line: Int? = nil, _ detail: String? = nil
    ) {
        findings.append(VerificationFinding(.broken, code, file, line: line, detail))
    }

    private func lines<Entry: JSONLine>(
        of path: String, as: Entry.Type
    ) throws(StorageFailure) -> JSONLines<Entry> {
        guard try storage.exists(path) else { return JSONLines([]) }
        return JSONLines(try storage.readWhole(path, bytesMaximum: ClassFolder.storeBytesMaximum))
    }

    private mutating func checkLog(wanted: Set<UInt64>) throws(StorageFailure) {
        var reader = EventLogReader()
        reader.wantedNumbers = wanted
        let size = try storage.size(paths.events)
        var offset = 0
        do throws(LogCorruption) {
            while offset < size {
                let piece: [UInt8]
                do throws(StorageFailure) {
                    piece = try storage.read(paths.events, from: offset, count: ClassFolder.pieceBytes)
                } catch {
                    broken(.logCorrupt, paths.events, error.description)
                    return
                }
                guard !piece.isEmpty else { break }
                offset += piece.count
                events += try reader.feed(piece)
            }
            end = try reader.finish()
        } catch {
            broken(.logCorrupt, paths.events, line: alteredLine(error), error.reason.rawValue)
        }
        eventsCount = events.count
        lineDigests = reader.wantedDigests
        if let end, end.tornBytes > 0 { note(.logTorn, paths.events, line: events.count + 2) }
        for (earlier, later) in zip(events, events.dropFirst()) where later.t < earlier.t {
            broken(.timeBackwards, paths.events, line: Int(clamping: later.n) + 1)
        }
    }

    /// The line that was altered. A chain breaks behind the line it breaks at: where the next line still fits
    /// this one, it is the one before that is another.
    private func alteredLine(_ corruption: LogCorruption) -> Int {
        guard corruption.reason == .chainBroken, corruption.line > 1,
            let bytes = try? storage.read(
                paths.events, from: corruption.byteOffset, count: 2 * EventLogReader.lineBytesMaximum)
        else { return corruption.line }
        let lines = bytes.split(separator: LineFeed.byte, maxSplits: 2, omittingEmptySubsequences: false)
        guard lines.count > 2, let next = try? EventLineDecoder().decode(Array(lines[1])),
            next.previous == Digest.hex(Digest.sha256(Array(lines[0])))
        else { return corruption.line }
        return corruption.line - 1
    }

    private mutating func check(_ heads: [KnownHead]) {
        for head in heads {
            let name = "\(head.n)"
            guard let end else { continue }
            if head.n > end.position.n {
                broken(.logCutOff, paths.events, name)
            } else if lineDigests[head.n].map(Digest.hex) != head.digest {
                broken(.headDiffers, paths.events, line: Int(clamping: head.n) + 1, name)
            }
        }
    }

    private mutating func checkTexts() throws(StorageFailure) {
        let texts = try lines(of: paths.texts, as: TextEntry.self)
        for line in texts.damagedLines { broken(.lineDamaged, paths.texts, line: line) }
        var references: [TextID: (reference: TextReference, line: Int)] = [:]
        for recorded in events {
            for reference in recorded.event.textReferences {
                references[reference.ref] = (reference, Int(clamping: recorded.n) + 1)
            }
        }
        var found: Set<TextID> = []
        for entry in texts.entries {
            found.insert(entry.ref)
            guard let reference = references[entry.ref]?.reference else {
                // A log that cannot be read to its end may speak of it further on.
                guard end != nil else { continue }
                note(.textUnreferenced, paths.texts, entry.ref.text)
                continue
            }
            if entry.commitment != reference.commitment { broken(.textAltered, paths.texts, entry.ref.text) }
        }
        for (ref, place) in references.sorted(by: { $0.value.line < $1.value.line })
        where !found.contains(ref) {
            note(.textErased, paths.events, line: place.line, ref.text)
        }
    }

    private mutating func checkPeople() throws(StorageFailure) {
        let people = try lines(of: paths.people, as: PersonEntry.self)
        for line in people.damagedLines { broken(.lineDamaged, paths.people, line: line) }
    }

    private mutating func checkBallots() throws(StorageFailure) {
        var counts: [PollID: Int] = [:]
        for recorded in events {
            if case .pollClosed(let poll, let count, _) = recorded.event { counts[poll] = count }
        }
        for name in try names(in: paths.ballots) where !name.hasSuffix(StorageNames.besideSuffix) {
            let path = paths.ballots + "/" + name
            let bytes = try storage.readWhole(path, bytesMaximum: ClassFolder.storeBytesMaximum)
            guard let box = BallotBox(fileBytes: bytes), box.fileName == name else {
                broken(.ballotBoxDamaged, path)
                continue
            }
            guard let count = counts[box.poll] else { continue }
            if !box.isSealed { broken(.ballotBoxNotSealed, path) }
            if count != box.seats.count { broken(.ballotCountDiffers, path, "\(count)/\(box.seats.count)") }
        }
    }

    private mutating func checkSound() throws(StorageFailure) {
        let manifest: Manifest
        do {
            manifest = try AudioRecovery.read(session, in: storage)
        } catch {
            broken(.manifestInvalid, paths.manifest)
            return
        }
        let isEnded = events.contains { if case .ended = $0.event { true } else { false } }
        for segment in manifest.segments {
            let path = paths.audioFile(segment.file)
            let isThere = try storage.exists(path)
            switch segment.state {
            case .open: isEnded ? broken(.soundOpen, path) : note(.soundOpen, path)
            case .erased: isThere ? broken(.soundNotErased, path) : note(.soundErased, path)
            case .closed:
                if !isThere {
                    broken(.soundMissing, path)
                } else if try Digest.hex(OggOpusRepair.digest(of: path, in: storage)) != segment.sha256 {
                    broken(.soundAltered, path)
                }
            }
        }
        let listed = Set(manifest.segments.map(\.file))
        for name in try names(in: paths.audio) where !listed.contains(name) {
            broken(.soundUnlisted, paths.audioFile(name))
        }
    }

    private mutating func checkHeads(_ heads: JSONLines<SignedHead>, _ publicKeys: [String: [UInt8]]) {
        for line in heads.damagedLines { broken(.lineDamaged, paths.heads, line: line) }
        for head in heads.entries {
            let name = "\(head.n)"
            guard let key = publicKeys[head.keyID] else {
                note(.keyUnknown, paths.heads, head.keyID)
                continue
            }
            guard head.session == session, head.isSigned(by: key) else {
                broken(.signatureWrong, paths.heads, name)
                continue
            }
            guard let end else { continue }
            if head.epoch != end.position.epoch || head.n <= end.position.n {
                let digest = lineDigests[head.n].map(Digest.hex)
                guard head.epoch == end.position.epoch, digest == head.digest else {
                    broken(.headDiffers, paths.heads, name)
                    continue
                }
                signedHeads.append(head)
            } else {
                broken(.logCutOff, paths.events, name)
            }
        }
        let isEnded = events.contains { if case .ended = $0.event { true } else { false } }
        if isEnded, let end, !signedHeads.contains(where: { $0.n == end.position.n }) {
            note(.unsigned, paths.events)
        }
    }

    private func names(in folder: String) throws(StorageFailure) -> [String] {
        do {
            return try storage.list(folder)
        } catch .missing {
            return []
        } catch {
            throw error
        }
    }
}

extension Event {
    /// The texts that an event refers to.
    var textReferences: [TextReference] {
        switch self {
        case .chatPosted(_, _, let text): [text]
        case .pollOpened(_, let question): [question.question] + question.options
        case .scheduled, .peopleExpected, .relayStarted, .opened, .started, .breakStarted, .breakEnded,
            .ended,
            .joined, .interrupted, .resumed, .left, .removed, .playbackChanged, .chatHidden, .handRaised,
            .handLowered, .calledToSpeak, .turnEnded, .muted, .unmuted, .voteCast, .pollClosed, .trackOpened,
            .trackClosed, .recordingPaused, .recordingResumed, .textsRemoved:
            []
        }
    }
}
