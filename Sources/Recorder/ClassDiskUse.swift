public import SessionModel

/// How much of a disk a class takes: the bytes of its files, by what they hold.
public struct ClassDiskUse: Hashable, Sendable, Codable {
    /// The event log.
    public let log: Int
    /// What people typed.
    public let texts: Int
    /// The recorded sound.
    public let recording: Int

    /// So many bytes.
    public init(log: Int, texts: Int, recording: Int) {
        self.log = log
        self.texts = texts
        self.recording = recording
    }

    /// Looks at the files of a class; what is not there takes nothing. Blocks.
    public init(_ session: SessionID, in storage: any Storage) {
        let paths = ClassPaths(session)
        func size(_ path: String) -> Int { (try? storage.size(path)) ?? 0 }
        let sound = (try? storage.list(paths.audio)) ?? []
        self.init(
            log: size(paths.events), texts: size(paths.texts),
            recording: sound.reduce(0) { $0 &+ size(paths.audioFile($1)) })
    }
}
