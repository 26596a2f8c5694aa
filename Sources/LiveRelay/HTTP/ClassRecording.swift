public import Recorder
public import SessionModel

/// Everything durable of a class at one moment: what its report and its replay are made from.
public struct ClassRecording: Sendable {
    /// Whose log it is, and when it was created.
    public let header: LogHeader
    /// The events in order.
    public let events: [RecordedEvent]
    /// Who the people are; of two entries for one person the later counts.
    public let people: [PersonEntry]
    /// What people typed.
    public let texts: [TextEntry]
    /// The recorded sound, by the time it begins.
    public let segments: [AudioSegment]
    /// The end of the log, to be quoted where somebody may want to prove what was reported; nil where
    /// unknown.
    public let head: LogHead?
    /// How far session time has come; no less than the last event.
    public let now: SessionTime
    /// What members were sent.
    public let traffic: ClassTraffic
    /// What the class takes on the disk.
    public let disk: ClassDiskUse

    /// A class as it was read. `now` only counts where it lies after the last event.
    public init(
        header: LogHeader, events: [RecordedEvent], people: [PersonEntry], texts: [TextEntry],
        segments: [AudioSegment] = [], head: LogHead? = nil, now: SessionTime,
        traffic: ClassTraffic = ClassTraffic(),
        disk: ClassDiskUse = ClassDiskUse(log: 0, texts: 0, recording: 0)
    ) {
        self.header = header
        self.events = events
        self.people = people
        self.texts = texts
        self.segments = segments
        self.head = head
        self.now = max(now, events.last?.t ?? .zero)
        self.traffic = traffic
        self.disk = disk
    }

    /// What the log says; of an ended class up to its last moment, of a running one up to now.
    var report: SessionReport {
        let isOver = events.contains { if case .ended = $0.event { true } else { false } }
        return SessionReport(events: events, at: isOver ? nil : now)
    }

    /// Reads a class from disk; blocks, so it belongs on a file thread. Works while the class runs: then
    /// `traffic` is what was sent up to now.
    public static func read(
        _ session: SessionID, in storage: any Storage, wall: WallTime, traffic: ClassTraffic? = nil
    ) throws -> ClassRecording {
        let contents = try ClassFolder.read(session, in: storage)
        let created = contents.end.header.createdAt.milliseconds
        let (elapsed, overflow) = wall.milliseconds.subtractingReportingOverflow(created)
        // A class whose list of sound is damaged still has its report.
        let manifest = try? AudioRecovery.read(session, in: storage)
        return ClassRecording(
            header: contents.end.header, events: contents.events, people: contents.personEntries,
            texts: contents.textEntries, segments: manifest?.segments ?? [],
            head: LogHead(contents.end), now: SessionTime(milliseconds: overflow ? 0 : max(elapsed, 0)),
            traffic: traffic ?? ClassTraffic.read(session, in: storage),
            disk: ClassDiskUse(session, in: storage))
    }
}

/// The last event of a log and the digest of its line: whoever has this can tell whether the log was altered
/// since.
public struct LogHead: Hashable, Sendable, Codable {
    /// The identity of the log.
    public let epoch: String
    /// The number of the last event.
    public let n: UInt64
    /// SHA-256 of its line, in hexadecimal digits.
    public let sha256: String

    /// The head of a log that was read to its end.
    public init(_ end: LogEnd) {
        epoch = end.position.epoch
        n = end.position.n
        sha256 = Digest.hex(end.tailDigest)
    }
}
