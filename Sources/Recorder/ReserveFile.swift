/// A file that holds room for the end: it gives way piece by piece when the disk is full, so that classes can
/// still be kept in order and ended. All calls block, and may be made from several threads at once.
public enum ReserveFile {
    static let path = "reserve"
    private static let writeBytes = 1_024 * 1_024

    /// Makes the file whole where it is not and there is room for it beside what the levels want; says
    /// whether it is whole now.
    public static func prepare(in storage: any Storage) throws(StorageFailure) -> Bool {
        if try storage.exists(path), try storage.size(path) == DiskLimits.reserveBytes { return true }
        guard try storage.freeBytes() >= DiskLimits.reserveBytes + DiskLimits.textsStopBelowBytes else {
            return false
        }
        // Written, not only sized: a file system may promise room that it does not have.
        let file = try storage.open(path, .replace)
        defer { storage.close(file) }
        do throws(StorageFailure) {
            let noise = noise()
            for _ in 0..<DiskLimits.reserveBytes / writeBytes { try storage.append(noise, to: file) }
            try storage.sync(file)
        } catch {
            try? storage.remove(path)
            throw error
        }
        return true
    }

    /// Gives the room of at least so many bytes free; false where nothing is left.
    ///
    /// Two threads may read the same size and free the same piece: then one of them still finds no room, and
    /// asks again.
    public static func givePiece(of bytesCount: Int, in storage: any Storage) -> Bool {
        do throws(StorageFailure) {
            let size = try storage.size(path)
            guard size > 0 else { return false }
            let file = try storage.open(path, .appendExisting)
            defer { storage.close(file) }
            try storage.truncate(file, to: max(0, size - max(bytesCount, DiskLimits.reservePieceBytes)))
            // Some file systems use what was freed only once they have written that it is.
            try storage.sync(file)
            return true
        } catch {
            return false
        }
    }

    /// Writes something that a class cannot do without. Where the disk is full it is tried again with a piece
    /// of the reserve, as long as there is one; so `write` has to leave nothing behind when it fails.
    public static func withRoom<Value>(
        of bytesCount: Int = DiskLimits.reservePieceBytes, in storage: any Storage,
        _ write: () throws(StorageFailure) -> Value
    ) throws(StorageFailure) -> Value {
        while true {
            do throws(StorageFailure) {
                return try write()
            } catch .noSpace {
                guard givePiece(of: bytesCount, in: storage) else { throw .noSpace }
            } catch {
                throw error
            }
        }
    }

    /// Sees to it that so many bytes are free, from the reserve where they are not otherwise.
    public static func makeRoom(of bytesCount: Int, in storage: any Storage) throws(StorageFailure) {
        let missing = try bytesCount - storage.freeBytes()
        if missing > 0 { _ = givePiece(of: missing, in: storage) }
    }

    /// Bytes that no file system makes smaller (xorshift64): zeros may take no room at all.
    private static func noise() -> [UInt8] {
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15
        return (0..<writeBytes).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state)
        }
    }
}
