/// Why a call to the disk failed; the same few words for every implementation of `Storage`.
public enum StorageFailure: Error, Hashable, Sendable {
    /// The disk is full, or a quota is; also when fewer bytes went in than were handed over.
    case noSpace
    /// The file system is read-only.
    case readOnly
    /// The process may not touch the file.
    case permission
    /// There is no such file or folder.
    case missing
    /// There is such a file already.
    case exists
    /// The path would lead out of the root, or is no path of ours.
    case outside
    /// Any other error, by its number.
    case io(errno: Int32)
}

extension StorageFailure: CustomStringConvertible {
    /// A short word for logs and exit messages.
    public var description: String {
        switch self {
        case .noSpace: "noSpace"
        case .readOnly: "readOnly"
        case .permission: "permission"
        case .missing: "missing"
        case .exists: "exists"
        case .outside: "outside"
        case .io(let number): "io(\(number))"
        }
    }
}
