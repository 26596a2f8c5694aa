public import LiveRelayWire
public import Recorder
public import SessionModel

/// All classes of the relay, planned, running and ended, as the HTTP interface asks about them.
///
/// The server implements it; a call may come from any task and answers once the durable state is known.
/// Nothing here asks who may see what: the router has done that.
public protocol ClassDirectory: Sendable {
    /// Plans a class and keeps the names of people its plan speaks of; durable when it returns.
    func create(_ plan: SessionPlan, people: [PersonEntry]) async throws(ClassDirectoryFailure) -> ClassEntry

    /// The classes that a filter lets through, latest planned start first, from a place on.
    func list(_ filter: ClassFilter, offset: Int, limit: Int) async throws(ClassDirectoryFailure) -> ClassPage

    /// One class as it stands now; `classUnknown` where there is none.
    func entry(_ session: SessionID) async throws(ClassDirectoryFailure) -> ClassEntry

    /// Ends a class from outside, for good; `sessionEnded` where it is over already.
    func end(_ session: SessionID) async throws(ClassDirectoryFailure) -> ClassEntry

    /// Puts people on the list of those who should come, with their names. Whoever is on it already is left
    /// as is.
    func expect(_ people: [PersonEntry], in session: SessionID) async throws(ClassDirectoryFailure)

    /// The running classes within a scope, as the wall shows them, in order of planned start.
    func inspections(_ scope: AccessScope) async throws(ClassDirectoryFailure) -> [InspectionRow]

    /// Everything that is durable of a class, for its report and its replay, also while it runs.
    func recording(of session: SessionID) async throws(ClassDirectoryFailure) -> ClassRecording
}

/// Why the directory did not do what it was asked for. The names are codes of the HTTP interface.
public enum ClassDirectoryFailure: String, Error, CaseIterable, Hashable, Sendable {
    /// No such class.
    case classUnknown
    /// The class is over.
    case sessionEnded
    /// More people than one class may expect.
    case tooManyExpected
    /// The disk is full.
    case noSpace
    /// The disk refused, or the class is being read back; to be asked again.
    case storageFailed
    /// The log of the class is broken in the middle and was left alone.
    case logCorrupt
}

/// A class with what its page needs beside its card.
public struct ClassEntry: Hashable, Sendable {
    /// The class.
    public var card: ClassCard
    /// How many are there, of how many who should be.
    public var presence: PresenceCount
    /// 主讲 as planned; nil where none was named.
    public var lecturer: PersonID?
    /// The name of the planned lecturer.
    public var lecturerName: String?

    /// A class with its counts.
    public init(card: ClassCard, presence: PresenceCount, lecturer: PersonID?, lecturerName: String?) {
        self.card = card
        self.presence = presence
        self.lecturer = lecturer
        self.lecturerName = lecturerName
    }
}

/// Which classes are wanted.
public struct ClassFilter: Hashable, Sendable {
    /// Only those in this phase.
    public var phase: Phase?
    /// Only those below this part of the organisation.
    public var scope: AccessScope

    /// A filter; by default everything passes.
    public init(phase: Phase? = nil, scope: AccessScope = .everything) {
        self.phase = phase
        self.scope = scope
    }

    /// Whether a class passes.
    public func admits(_ card: ClassCard) -> Bool {
        (phase == nil || phase == card.phase) && scope.covers(card.organisation)
    }
}

/// One page of a list of classes.
public struct ClassPage: Hashable, Sendable {
    /// Classes that pass the filter.
    public var total: Int
    /// The rows of this page.
    public var rows: [ClassEntry]

    /// One page.
    public init(total: Int, rows: [ClassEntry]) {
        self.total = total
        self.rows = rows
    }
}
