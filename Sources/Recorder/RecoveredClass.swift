public import SessionModel

/// Why a class cannot be opened.
public enum ClassFolderFailure: Error, Hashable, Sendable {
    /// The disk refused; `missing` where there is no such class.
    case storage(StorageFailure)
    /// The log is broken in the middle. It is left as it is.
    case corrupt(LogCorruption)
}

/// What a class folder holds, as it was read.
public struct ClassContents: Sendable {
    /// The events of the complete batches.
    public let events: [RecordedEvent]
    /// How the log ends.
    public let end: LogEnd
    let texts: JSONLines<TextEntry>
    let people: JSONLines<PersonEntry>
    /// The ballot boxes, by poll.
    public let boxes: [BallotBox]
    let damagedBoxes: [String]

    /// What people typed, in order.
    public var textEntries: [TextEntry] { texts.entries }
    /// Who they are; of two entries for one person the later counts.
    public var personEntries: [PersonEntry] { people.entries }
}

/// What recovery found and put right, to be told to those who run the machine.
public struct ClassRepair: Hashable, Sendable {
    /// Bytes of a torn end of the log that were cut off; nothing in them was acknowledged.
    public let tornLogBytes: Int
    /// Whether a torn last line of texts was cut off.
    public let isTextTorn: Bool
    /// Whether a torn last line of people was cut off.
    public let isPeopleTorn: Bool
    /// Lines of texts that cannot be read; they are left alone and count as erased.
    public let damagedTextLines: [Int]
    /// Lines of people that cannot be read; likewise.
    public let damagedPeopleLines: [Int]
    /// Names of ballot boxes that cannot be read; likewise.
    public let damagedBoxes: [String]

    /// Whether everything was as it should be.
    public var isNothing: Bool {
        tornLogBytes == 0 && !isTextTorn && !isPeopleTorn && damagedTextLines.isEmpty
            && damagedPeopleLines.isEmpty && damagedBoxes.isEmpty
    }
}

/// How a class stands by its files.
public struct ClassState: Sendable {
    /// Whose log it is.
    public let header: LogHeader
    /// The state, with the anonymous ballots in it.
    public let session: Session
    /// The state before the first of `events`, without them.
    public let base: Session
    /// The events that were asked for.
    public let events: [RecordedEvent]
    /// What people typed, as far as they may still see it or `events` speak of it, by reference.
    public let texts: [TextEntry]
    /// Who they are, sorted.
    public let people: [PersonEntry]
    /// The ballot boxes, by poll.
    public let boxes: [BallotBox]
    /// What is not as it should be.
    public let repair: ClassRepair

    init(_ loaded: LoadedClass, boxes: [PollID: BallotBox]) {
        header = loaded.header
        events = loaded.events
        base = loaded.base
        texts = loaded.fold.texts.values.sorted { $0.ref < $1.ref }
        people = loaded.fold.people.values.sorted { $0.person < $1.person }
        self.boxes = boxes.values.sorted { $0.poll < $1.poll }
        var session = loaded.fold.session
        for box in self.boxes { session.restore(poll: box.poll, voters: box.seats, ballots: box.options) }
        self.session = session
        repair = ClassRepair(
            tornLogBytes: loaded.end.tornBytes, isTextTorn: loaded.texts.isTorn,
            isPeopleTorn: loaded.people.isTorn, damagedTextLines: loaded.texts.damagedLines,
            damagedPeopleLines: loaded.people.damagedLines, damagedBoxes: loaded.damagedBoxes)
    }
}

/// A class as recovery gives it back, and the files to go on with.
public struct RecoveredClass: Sendable {
    /// How it stands; all of it is durable.
    public let state: ClassState
    /// To be handed to `EventLogFile`.
    public let files: ClassFiles

    init(_ state: ClassState, _ files: ClassFiles) {
        self.state = state
        self.files = files
    }

    /// Whose log it is.
    public var header: LogHeader { state.header }
    /// The events that were asked for.
    public var events: [RecordedEvent] { state.events }
    /// What people typed, as far as they may still see it.
    public var texts: [TextEntry] { state.texts }
    /// What was put right.
    public var repair: ClassRepair { state.repair }
}
