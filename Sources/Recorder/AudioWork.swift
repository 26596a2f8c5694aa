public import SessionModel

/// What the recorder wants done on the disk, in order. One piece of work is under way at a time.
public struct AudioWork: Hashable, Sendable {
    let operations: [AudioOperation]
}

/// One step on the disk; files are named as in the manifest.
enum AudioOperation: Hashable, Sendable {
    case putManifest([UInt8])
    case create(String)
    case append(String, [UInt8], PageMark?)
    case sync(String)
    case close(String)
    /// Puts right what a failure or a crash left of a file.
    case repair(String)
}

/// What a page that was written stands for.
struct PageMark: Hashable, Sendable {
    let lane: AudioLaneKey
    let lastSequence: UInt32
    /// The numbers of its packets.
    let sequences: [ClosedRange<UInt32>]
    let samples: Int
}

/// A track in one start of the relay: sequence numbers belong to it.
struct AudioLaneKey: Hashable, Comparable, Sendable {
    let track: TrackID
    let run: UInt32
    /// Whether it takes what comes for the record after later packets were written: that goes into segments
    /// of its own.
    var isLate = false

    var late: AudioLaneKey { AudioLaneKey(track: track, run: run, isLate: true) }

    static func < (left: AudioLaneKey, right: AudioLaneKey) -> Bool {
        if (left.track, left.run) != (right.track, right.run) {
            return (left.track, left.run) < (right.track, right.run)
        }
        return !left.isLate && right.isLate
    }
}

/// What became of a piece of work.
public struct AudioOutcome: Sendable {
    /// Nil where everything was done.
    let failure: StorageFailure?
    /// What was found in files that were repaired; nil where there was no sound in them and they are gone.
    let repaired: [String: RepairedSound?]
}

/// A file of sound after its repair.
struct RepairedSound: Hashable, Sendable {
    let samples: Int
    let sha256: [UInt8]
}

/// What the recorder has to tell the class.
public enum AudioNotice: Hashable, Sendable {
    /// These packets of this track and run are on the disk and synced: neither a crash of the relay nor a
    /// power cut takes them.
    case recorded(TrackID, run: UInt32, ClosedRange<UInt32>)
    /// Nothing is recorded from now on.
    case paused(RecordingPauseCause)
    /// Recording goes on.
    case resumed
}

/// The open files of the recorder; a value that wanders to the file thread and back.
public struct AudioFiles: Sendable {
    private let paths: ClassPaths
    private var open: [String: StorageFile] = [:]

    /// No open files yet.
    public init(_ session: SessionID) { paths = ClassPaths(session) }

    /// Does a piece of work, up to the first failure; blocks.
    public mutating func perform(_ work: AudioWork, in storage: any Storage) -> AudioOutcome {
        var repaired: [String: RepairedSound?] = [:]
        do throws(StorageFailure) {
            for operation in work.operations { try perform(operation, in: storage, &repaired) }
            return AudioOutcome(failure: nil, repaired: repaired)
        } catch {
            return AudioOutcome(failure: error, repaired: repaired)
        }
    }

    private mutating func perform(
        _ operation: AudioOperation, in storage: any Storage, _ repaired: inout [String: RepairedSound?]
    ) throws(StorageFailure) {
        switch operation {
        case .putManifest(let bytes):
            // What was recorded must be found and end well, also on a full disk; more of it may wait.
            try ReserveFile.withRoom(of: bytes.count, in: storage) { () throws(StorageFailure) in
                try storage.replace(paths.manifest, with: bytes)
            }
        case .create(let name):
            open[name] = try storage.open(paths.audioFile(name), .create)
            try storage.syncFolder(paths.audio)
        case .append(let name, let bytes, _): try storage.append(bytes, to: try file(name))
        case .sync(let name): try storage.sync(try file(name))
        case .close(let name):
            storage.close(try file(name))
            open[name] = nil
        case .repair(let name):
            if let left = open.removeValue(forKey: name) { storage.close(left) }
            let found = try ReserveFile.withRoom(in: storage) { () throws(StorageFailure) in
                try OggOpusRepair.close(paths.audioFile(name), in: storage)
            }
            repaired[name] = .some(found.map { RepairedSound(samples: $0.samples, sha256: $0.sha256) })
        }
    }

    private func file(_ name: String) throws(StorageFailure) -> StorageFile {
        guard let file = open[name] else { throw .missing }
        return file
    }
}
