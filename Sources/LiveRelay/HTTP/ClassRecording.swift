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

    /// A class as it was read. `now` only counts where it lies after the last event.
    public init(
        header: LogHeader, events: [RecordedEvent], people: [PersonEntry], texts: [TextEntry],
        segments: [AudioSegment] = [], head: LogHead? = nil, now: SessionTime
    ) {
        self.header = header
        self.events = events
        self.people = people
        self.texts = texts
        self.segments = segments
        self.head = head
        self.now = max(now, events.last?.t ?? .zero)
    }

    /// Reads a class from disk; blocks, so it belongs on a file thread. Works while the class runs.
    public static func read(
        _ session: SessionID, in storage: any Storage, wall: WallTime
    ) throws -> ClassRecording {
        let contents = try ClassFolder.read(session, in: storage)
        let created = contents.end.header.createdAt.milliseconds
        let (elapsed, overflow) = wall.milliseconds.subtractingReportingOverflow(created)
        // A class whose list of sound is damaged still has its report.
        let manifest = try? AudioRecovery.read(session, in: storage)
        return ClassRecording(
            header: contents.end.header, events: contents.events, people: contents.personEntries,
            texts: contents.textEntries, segments: manifest?.segments ?? [],
            head: LogHead(contents.end), now: SessionTime(milliseconds: overflow ? 0 : max(elapsed, 0)))
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
