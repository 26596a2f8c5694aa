/// The few calls to a disk that the recorder makes; a simulator supplies a disk that forgets what was not
/// synced.
///
/// All calls block. Paths are relative to a root, their parts parted by `/`. An implementation may be called
/// from several threads at once; about one file from two only where one of them reads, and then it sees a
/// prefix.
public protocol Storage: Sendable {
    /// Opens a file for appending. What is new to the folder is durable only after `syncFolder`.
    func open(_ path: String, _ mode: StorageOpenMode) throws(StorageFailure) -> StorageFile
    /// Appends all bytes or fails; after a failure any part of them may stand in the file.
    func append(_ bytes: [UInt8], to file: StorageFile) throws(StorageFailure)
    /// Writes bytes over those that stand at an offset of a file opened with `overwriteExisting`; after a
    /// failure any part of them may stand there.
    func overwrite(_ bytes: [UInt8], at offset: Int, in file: StorageFile) throws(StorageFailure)
    /// Returns when everything written is on the disk; after a failure nobody knows what is.
    func sync(_ file: StorageFile) throws(StorageFailure)
    /// Cuts a file down to so many bytes.
    func truncate(_ file: StorageFile, to bytes: Int) throws(StorageFailure)
    /// Keeps room for so many more bytes of a file, where the disk can do so; its size stays the same.
    func preallocate(_ file: StorageFile, bytes: Int)
    /// Forgets an open file.
    func close(_ file: StorageFile)
    /// Reads at most `count` bytes from an offset; fewer only at the end of the file.
    func read(_ path: String, from offset: Int, count: Int) throws(StorageFailure) -> [UInt8]
    /// The size of a file in bytes.
    func size(_ path: String) throws(StorageFailure) -> Int
    /// Puts one file in the place of another in one step.
    func rename(_ path: String, to newPath: String) throws(StorageFailure)
    /// Removes a file.
    func remove(_ path: String) throws(StorageFailure)
    /// Makes a folder, and those above it; a folder that exists is no failure.
    func makeFolder(_ path: String) throws(StorageFailure)
    /// Returns when creations, renames and removals in a folder are on the disk.
    func syncFolder(_ path: String) throws(StorageFailure)
    /// The names in a folder, sorted.
    func list(_ folder: String) throws(StorageFailure) -> [String]
    /// How many bytes may still be written.
    func freeBytes() throws(StorageFailure) -> Int
}

/// An open file of a `Storage`.
public struct StorageFile: Hashable, Sendable {
    /// A number that only the storage understands.
    public let descriptor: Int32

    /// The file with this number.
    public init(descriptor: Int32) { self.descriptor = descriptor }
}

/// How a file is opened.
public enum StorageOpenMode: Hashable, Sendable {
    /// A new file; `exists` where there is one.
    case create
    /// An empty file, whatever stood there.
    case replace
    /// An existing file or, where there is none, a new one.
    case append
    /// An existing file; `missing` where there is none.
    case appendExisting
    /// An existing file, for `overwrite` only; `missing` where there is none.
    case overwriteExisting
}

extension Storage {
    /// A disk that cannot keep room does nothing: whoever appends finds out whether there is any.
    public func preallocate(_ file: StorageFile, bytes: Int) {}

    /// Reads a whole file, at most so many bytes; a larger one fails with `EFBIG`.
    public func readWhole(_ path: String, bytesMaximum: Int) throws(StorageFailure) -> [UInt8] {
        let size = try size(path)
        guard size <= bytesMaximum else { throw .io(errno: StorageErrno.fileTooLarge) }
        return try read(path, from: 0, count: size)
    }

    /// Whether there is such a file.
    public func exists(_ path: String) throws(StorageFailure) -> Bool {
        do {
            _ = try size(path)
            return true
        } catch .missing {
            return false
        } catch {
            throw error
        }
    }

    /// Puts a new content in the place of an old one so that a power cut leaves the one or the other, never a
    /// mixture: writes beside, syncs, renames, syncs the folder.
    public func replace(_ path: String, with bytes: [UInt8]) throws(StorageFailure) {
        let beside = path + StorageNames.besideSuffix
        let file = try open(beside, .replace)
        do {
            try append(bytes, to: file)
            try sync(file)
        } catch {
            close(file)
            try? remove(beside)
            throw error
        }
        close(file)
        try rename(beside, to: path)
        try syncFolder(StorageNames.folder(of: path))
    }

    /// Removes a file for good; one that is not there is no failure.
    public func removeIfPresent(_ path: String) throws(StorageFailure) {
        do {
            try remove(path)
        } catch .missing {
            return
        } catch {
            throw error
        }
        try syncFolder(StorageNames.folder(of: path))
    }
}

/// Names and numbers that all storages share.
public enum StorageNames {
    /// What is written beside a file before it takes its place; left over after a crash, it may be removed.
    public static let besideSuffix = ".tmp"

    /// The folder of a path; empty for what lies directly in the root.
    public static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[..<slash])
    }

    /// Whether a path stays below the root: parts of letters, digits, `.`, `_`, `-`, none of them empty, `.`
    /// or `..`.
    public static func isValid(_ path: String) -> Bool {
        if path.isEmpty { return true }
        return path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && part != "." && part != ".." && part.utf8.count <= nameBytesMaximum
                && part.utf8.allSatisfy(isNameByte)
        }
    }

    /// What common file systems take for one name.
    static let nameBytesMaximum = 255

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }
}

/// Error numbers that this module itself reports, spelt here so that pure files need no C library.
enum StorageErrno {
    /// `EFBIG`.
    static let fileTooLarge: Int32 = 27
    /// `EIO`.
    static let inputOutput: Int32 = 5
}
