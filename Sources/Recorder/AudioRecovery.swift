public import SessionModel

/// Puts the sound of a class right after a crash: files that were being written are cut to their last whole
/// page and ended, files that were erased are gone, and the manifest says what is.
public enum AudioRecovery {
    /// Returns the manifest to go on with; durable when it returns. Blocks.
    public static func open(_ session: SessionID, in storage: any Storage) throws(AudioRecoveryFailure)
        -> Manifest
    {
        var manifest = try read(session, in: storage)
        let paths = ClassPaths(session)
        do throws(StorageFailure) {
            var hasChanged = false
            for segment in manifest.segments {
                let path = paths.audioFile(segment.file)
                switch segment.state {
                case .closed: continue
                case .erased: try storage.removeIfPresent(path)
                case .open:
                    hasChanged = true
                    let found = try ReserveFile.withRoom(in: storage) { () throws(StorageFailure) in
                        try OggOpusRepair.close(path, in: storage)
                    }
                    if let sound = found {
                        manifest.put(
                            segment.closed(as: RepairedSound(samples: sound.samples, sha256: sound.sha256)))
                    } else {
                        manifest.remove(file: segment.file)
                    }
                }
            }
            guard hasChanged else { return manifest }
            let bytes = manifest.fileBytes()
            try ReserveFile.withRoom(of: bytes.count, in: storage) { () throws(StorageFailure) in
                try storage.replace(paths.manifest, with: bytes)
            }
            return manifest
        } catch {
            throw .storage(error)
        }
    }

    /// Reads the manifest without touching anything; an empty one where there is none.
    public static func read(_ session: SessionID, in storage: any Storage) throws(AudioRecoveryFailure)
        -> Manifest
    {
        let paths = ClassPaths(session)
        let bytes: [UInt8]
        do throws(StorageFailure) {
            guard try storage.exists(paths.manifest) else { return Manifest(session: session) }
            bytes = try storage.readWhole(paths.manifest, bytesMaximum: Manifest.fileBytesMaximum)
        } catch {
            throw .storage(error)
        }
        guard let manifest = Manifest(fileBytes: bytes), manifest.session == session else {
            throw .manifestInvalid
        }
        return manifest
    }

    /// Erases one closed segment: the manifest keeps its place and digest, the file goes.
    public static func erase(
        _ file: String, of session: SessionID, in storage: any Storage
    ) throws(AudioRecoveryFailure) -> Manifest {
        var manifest = try read(session, in: storage)
        guard var segment = manifest.segments.first(where: { $0.file == file }), segment.state == .closed
        else {
            throw .storage(.missing)
        }
        segment.state = .erased
        manifest.put(segment)
        let paths = ClassPaths(session)
        do throws(StorageFailure) {
            try storage.replace(paths.manifest, with: manifest.fileBytes())
            try storage.removeIfPresent(paths.audioFile(file))
        } catch {
            throw .storage(error)
        }
        return manifest
    }
}

/// Why the sound of a class cannot be gone on with.
public enum AudioRecoveryFailure: Error, Hashable, Sendable {
    /// The disk refused.
    case storage(StorageFailure)
    /// The manifest is none, or another class's; it is left alone.
    case manifestInvalid
}
