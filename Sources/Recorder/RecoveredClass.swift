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
    /// What is not as it should be.
    public var repair: ClassRepair {
        ClassRepair(
            tornLogBytes: end.tornBytes, isTextTorn: texts.isTorn, isPeopleTorn: people.isTorn,
            damagedTextLines: texts.damagedLines, damagedPeopleLines: people.damagedLines,
            damagedBoxes: damagedBoxes)
    }
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

/// A class as recovery gives it back, and the files to go on with.
public struct RecoveredClass: Sendable {
    /// Whose log it is.
    public let header: LogHeader
    /// All events, all of them durable.
    public let events: [RecordedEvent]
    /// What people typed, in order.
    public let texts: [TextEntry]
    /// Who they are; of two entries for one person the later counts.
    public let people: [PersonEntry]
    /// The ballot boxes, by poll.
    public let boxes: [BallotBox]
    /// What was put right.
    public let repair: ClassRepair
    /// To be handed to `EventLogFile`.
    public let files: ClassFiles

    init(_ contents: ClassContents, _ files: ClassFiles) {
        let areTextsRemoved = contents.events.contains {
            if case .textsRemoved = $0.event { true } else { false }
        }
        header = contents.end.header
        events = contents.events
        texts = areTextsRemoved ? [] : contents.texts.entries
        people = contents.people.entries
        boxes = files.boxes.values.sorted { $0.poll < $1.poll }
        repair = contents.repair
        self.files = files
    }
}
