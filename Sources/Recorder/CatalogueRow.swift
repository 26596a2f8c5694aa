import Foundation
public import SessionModel

/// What the index knows of one class.
public struct CatalogueRow: Hashable, Sendable {
    /// The class.
    public var session: SessionID
    /// The identity of its log.
    public var epoch: String
    /// When its log was created.
    public var createdAt: WallTime
    /// What was planned.
    public var plan: SessionPlan
    /// Where it stands.
    public var phase: Phase
    /// When the door was opened.
    public var openedAt: SessionTime?
    /// When the lesson began.
    public var startedAt: SessionTime?
    /// When the break began.
    public var breakStartedAt: SessionTime?
    /// How long the break should be.
    public var breakMinutes: Int?
    /// When it ended.
    public var endedAt: SessionTime?
    /// Why nothing is recorded, where that is so.
    public var recordingPause: RecordingPauseCause?
    /// The name of the planned lecturer.
    public var lecturerName: String?
    /// Participants in class; once it has ended, 实到.
    public var present: Int
    /// 应到.
    public var expected: Int
    /// How much of the log is in it: of two rows the one that knows more stays, in whatever order they come.
    var rank: Int64

    /// A class as it stands; nil before it was planned.
    public init?(_ header: LogHeader, _ state: Session, lecturerName: String?) {
        guard let plan = state.plan else { return nil }
        session = header.session
        epoch = header.epoch
        createdAt = header.createdAt
        self.plan = plan
        phase = state.phase
        openedAt = state.openedAt
        startedAt = state.startedAt
        breakStartedAt = state.breakStartedAt
        breakMinutes = state.breakMinutes
        endedAt = state.endedAt
        recordingPause = state.isRecordingPaused
        self.lecturerName = lecturerName
        present = state.presentCount
        expected = state.expected.count
        rank = Int64(clamping: state.lastN) &* 2
    }

    /// A class as it was read from its folder; nil before it was planned.
    public init?(_ contents: ClassContents) {
        var state = Session(id: contents.end.header.session)
        for recorded in contents.events { state.apply(recorded) }
        let names = contents.personEntries.filter { $0.person == state.plan?.lecturer }
        self.init(contents.end.header, state, lecturerName: names.last?.name)
        rank += 1
        if phase == .ended { present = Attendance(events: contents.events).counts.present }
    }
}

/// Which classes are wanted.
public struct CatalogueFilter: Hashable, Sendable {
    /// Only those in this phase.
    public var phase: Phase?
    /// Only those below this part of the organisation: identifiers from the root down; empty means
    /// everything.
    public var scope: [String]
    /// Only those with this in their title.
    public var title: String?
    /// Only those of this project.
    public var project: String?

    /// A filter; by default everything passes.
    public init(phase: Phase? = nil, scope: [String] = [], title: String? = nil, project: String? = nil) {
        self.phase = phase
        self.scope = scope
        self.title = title
        self.project = project
    }
}

/// One page of a list of classes.
public struct CataloguePage: Hashable, Sendable {
    /// Classes that pass the filter.
    public let total: Int
    /// The rows of this page.
    public let rows: [CatalogueRow]
}

/// What the index knows of one segment of sound; the rest stands in the manifest.
public struct CatalogueRecording: Hashable, Sendable {
    /// The name in the folder of sound.
    public let file: String
    /// The track.
    public let track: TrackID
    /// Who is heard.
    public let seat: SeatID
    /// When it begins.
    public let start: SessionTime
    /// How long it plays; 0 while it is written.
    public let milliseconds: Int64
    /// What has become of the file.
    public let state: AudioSegmentState
}
