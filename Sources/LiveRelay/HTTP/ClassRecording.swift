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
    /// How far session time has come; for an ended class no less than its last event.
    public let now: SessionTime

    /// A class as it was read. `now` only counts where it lies after the last event.
    public init(
        header: LogHeader, events: [RecordedEvent], people: [PersonEntry], texts: [TextEntry],
        now: SessionTime
    ) {
        self.header = header
        self.events = events
        self.people = people
        self.texts = texts
        self.now = max(now, events.last?.t ?? .zero)
    }

    /// Reads a class from disk; blocks, so it belongs on a file thread. Works while the class runs.
    public static func read(
        _ session: SessionID, in storage: any Storage, wall: WallTime
    ) throws -> ClassRecording {
        let contents = try ClassFolder.read(session, in: storage)
        let created = contents.end.header.createdAt.milliseconds
        let (elapsed, overflow) = wall.milliseconds.subtractingReportingOverflow(created)
        return ClassRecording(
            header: contents.end.header, events: contents.events, people: contents.personEntries,
            texts: contents.textEntries, now: SessionTime(milliseconds: overflow ? 0 : max(elapsed, 0)))
    }
}
