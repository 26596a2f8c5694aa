import CDisk
import Glibc

/// A `Storage` in a folder of a POSIX file system.
///
/// Short writes are failures, interrupted calls are tried again, symbolic links are not followed in the last
/// part, files are 0600 and folders 0700, and no path leads out of the root.
public struct FileStorage: Storage {
    /// The folder that everything lies in, as the operating system knows it.
    public let root: String

    /// A storage below an existing folder.
    public init(root: String) {
        self.root = root.hasSuffix("/") && root.count > 1 ? String(root.dropLast()) : root
    }

    /// Opens a file for appending.
    public func open(_ path: String, _ mode: StorageOpenMode) throws(StorageFailure) -> StorageFile {
        let modeFlags =
            switch mode {
            case .create: O_APPEND | O_CREAT | O_EXCL
            case .replace: O_APPEND | O_CREAT | O_TRUNC
            case .append: O_APPEND | O_CREAT
            case .appendExisting: O_APPEND
            // With `O_APPEND` the kernel appends wherever `pwrite` points.
            case .overwriteExisting: Int32(0)
            }
        let flags = O_WRONLY | O_CLOEXEC | O_NOFOLLOW | modeFlags
        let full = try absolute(path)
        return StorageFile(descriptor: try again { Glibc.open(full, flags, Self.filePermissions) })
    }

    /// Appends all bytes or fails.
    public func append(_ bytes: [UInt8], to file: StorageFile) throws(StorageFailure) {
        guard !bytes.isEmpty else { return }
        var written = 0
        repeat {
            written = bytes.withUnsafeBytes { Glibc.write(file.descriptor, $0.baseAddress, $0.count) }
        } while written < 0 && errno == EINTR
        if written < 0 { throw Self.failure(errno) }
        // A regular file takes less than was asked for only where there is no room for the rest.
        if written < bytes.count { throw .noSpace }
    }

    /// Writes bytes over those that stand at an offset.
    public func overwrite(
        _ bytes: [UInt8], at offset: Int, in file: StorageFile
    ) throws(StorageFailure) {
        guard !bytes.isEmpty else { return }
        var written = 0
        repeat {
            written = bytes.withUnsafeBytes {
                pwrite(file.descriptor, $0.baseAddress, $0.count, off_t(offset))
            }
        } while written < 0 && errno == EINTR
        if written < 0 { throw Self.failure(errno) }
        if written < bytes.count { throw .noSpace }
    }

    /// Returns when everything written is on the disk; `missing` where the file was removed meanwhile, since
    /// what goes into such a file is gone with its last descriptor.
    public func sync(_ file: StorageFile) throws(StorageFailure) {
        _ = try again { fdatasync(file.descriptor) }
        var status = stat()
        _ = try again { fstat(file.descriptor, &status) }
        guard status.st_nlink > 0 else { throw .missing }
    }

    /// Cuts a file down to so many bytes.
    public func truncate(_ file: StorageFile, to bytes: Int) throws(StorageFailure) {
        _ = try again { ftruncate(file.descriptor, off_t(bytes)) }
    }

    /// Keeps room for so many more bytes of a file, where the file system can do so.
    public func preallocate(_ file: StorageFile, bytes: Int) {
        _ = cdisk_keep_room(file.descriptor, bytes)
    }

    /// Closes a file.
    public func close(_ file: StorageFile) {
        _ = Glibc.close(file.descriptor)
    }

    /// Reads at most `count` bytes from an offset.
    public func read(_ path: String, from offset: Int, count: Int) throws(StorageFailure) -> [UInt8] {
        let full = try absolute(path)
        let descriptor = try again { Glibc.open(full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        defer { _ = Glibc.close(descriptor) }
        var failure: StorageFailure?
        let bytes = [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
            while filled < count {
                let got = pread(
                    descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset + filled)
                )
                if got > 0 {
                    filled += got
                } else if got == 0 {
                    break
                } else if errno != EINTR {
                    failure = Self.failure(errno)
                    break
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// The size of a file in bytes.
    public func size(_ path: String) throws(StorageFailure) -> Int {
        let full = try absolute(path)
        var status = stat()
        _ = try again { lstat(full, &status) }
        return Int(status.st_size)
    }

    /// Puts one file in the place of another in one step.
    public func rename(_ path: String, to newPath: String) throws(StorageFailure) {
        let old = try absolute(path)
        let new = try absolute(newPath)
        _ = try again { Glibc.rename(old, new) }
    }

    /// Removes a file.
    public func remove(_ path: String) throws(StorageFailure) {
        let full = try absolute(path)
        _ = try again { unlink(full) }
    }

    /// Makes a folder, and those above it.
    public func makeFolder(_ path: String) throws(StorageFailure) {
        var made = ""
        for part in path.split(separator: "/") {
            made += made.isEmpty ? String(part) : "/" + part
            let full = try absolute(made)
            do {
                _ = try again { mkdir(full, Self.folderPermissions) }
                try syncFolder(StorageNames.folder(of: made))
            } catch .exists {
                continue
            } catch {
                throw error
            }
        }
    }

    /// Returns when creations, renames and removals in a folder are on the disk.
    public func syncFolder(_ path: String) throws(StorageFailure) {
        let full = try absolute(path)
        let descriptor = try again { Glibc.open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        defer { _ = Glibc.close(descriptor) }
        _ = try again { fsync(descriptor) }
    }

    /// The names in a folder, sorted.
    public func list(_ folder: String) throws(StorageFailure) -> [String] {
        guard let stream = opendir(try absolute(folder)) else { throw Self.failure(errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// How many bytes may still be written by this account.
    public func freeBytes() throws(StorageFailure) -> Int {
        var status = statvfs()
        _ = try again { statvfs(root, &status) }
        let (bytes, overflow) = Int(clamping: status.f_bavail)
            .multipliedReportingOverflow(by: Int(clamping: status.f_frsize))
        return overflow ? .max : bytes
    }

    /// Only the account of the relay reads what people said.
    private static let filePermissions: mode_t = 0o600
    private static let folderPermissions: mode_t = 0o700

    private func absolute(_ path: String) throws(StorageFailure) -> String {
        guard StorageNames.isValid(path) else { throw .outside }
        return path.isEmpty ? root : root + "/" + path
    }

    /// Makes a call until it is not interrupted.
    private func again(_ call: () -> Int32) throws(StorageFailure) -> Int32 {
        while true {
            let result = call()
            if result >= 0 { return result }
            if errno != EINTR { throw Self.failure(errno) }
        }
    }

    private static func failure(_ number: Int32) -> StorageFailure {
        switch number {
        case ENOSPC, EDQUOT: .noSpace
        case EROFS: .readOnly
        case EACCES, EPERM: .permission
        case ENOENT, ENOTDIR: .missing
        case EEXIST: .exists
        case ELOOP: .outside
        default: .io(errno: number)
        }
    }
}
