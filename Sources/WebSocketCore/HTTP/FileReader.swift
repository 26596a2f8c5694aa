import CNet
import Glibc

/// An open regular file. Reads block, so they happen on a file queue only.
final class FileReader: Sendable {
    /// Why a file cannot be sent.
    enum Failure: Error, Sendable, Equatable {
        case missing
        case forbidden
    }

    private let descriptor: Int32
    /// Bytes of the file when it was opened.
    let size: UInt64
    /// A strong entity tag from size and time of change.
    let etag: EntityTag
    /// When the file was last changed, in seconds since 1970; nil while that second may bring another change.
    /// So a time that was once told names one state of the file (RFC 9110 §8.8.2.2).
    let modifiedSeconds: Int?
    /// When it was opened.
    let openedSeconds: Int

    /// The clock of the file system may lag behind the other by its grain.
    private static let settledSeconds = 2

    /// Opens a regular file.
    init(path: String) throws(Failure) {
        guard !path.utf8.contains(0) else { throw .missing }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw errno == EACCES || errno == EPERM ? .forbidden : .missing }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size >= 0 else {
            close(descriptor)
            throw .missing
        }
        self.descriptor = descriptor
        size = UInt64(status.st_size)
        let changed = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
        etag = EntityTag(strong: "\(status.st_size)-\(changed)")
        openedSeconds = time(nil)
        let modified = Int(status.st_mtim.tv_sec)
        modifiedSeconds = modified + Self.settledSeconds <= openedSeconds ? modified : nil
    }

    deinit {
        close(descriptor)
    }

    /// The bytes of a range; nil when the file has become shorter or cannot be read.
    func read(_ range: Range<UInt64>) -> [UInt8]? {
        let wanted = Int(range.upperBound - range.lowerBound)
        var bytes = [UInt8](repeating: 0, count: wanted)
        var done = 0
        while done < wanted {
            let got = bytes.withUnsafeMutableBytes {
                pread(
                    descriptor, UnsafeMutableRawBufferPointer(rebasing: $0[done...]).baseAddress,
                    wanted - done,
                    off_t(range.lowerBound) + off_t(done))
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            done += got
        }
        return bytes
    }
}
