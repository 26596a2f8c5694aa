public import SessionModel

/// Where the files of a class lie, relative to the root of the storage.
public struct ClassPaths: Hashable, Sendable {
    /// `classes/<session>`.
    public let folder: String

    /// The paths of one class.
    public init(_ session: SessionID) { folder = Self.classes + "/" + session.text }

    /// The folder of all classes.
    public static let classes = "classes"

    /// The log.
    public var events: String { folder + "/events.jsonl" }
    /// The state that followed from the log a while ago.
    public var snapshot: String { folder + "/" + ClassSnapshot.fileName }
    /// What people typed.
    public var texts: String { folder + "/" + TextStore.fileName }
    /// Who people are.
    public var people: String { folder + "/" + PeopleStore.fileName }
    /// The folder of ballot boxes.
    public var ballots: String { folder + "/" + BallotBox.folderName }
    /// The folder of sound.
    public var audio: String { folder + "/audio" }
    /// The list of segments of sound.
    public var manifest: String { folder + "/manifest.json" }
    /// The signed heads of the log.
    public var heads: String { folder + "/heads.jsonl" }

    /// What was sent.
    public var traffic: String { folder + "/" + ClassTraffic.fileName }

    /// The box of one poll.
    public func ballotBox(_ poll: PollID) -> String { ballots + "/\(poll).json" }

    /// One file of sound by its name in the manifest.
    public func audioFile(_ name: String) -> String { audio + "/" + name }
}
