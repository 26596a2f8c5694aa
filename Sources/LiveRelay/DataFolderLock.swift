import Dispatch
import Glibc

/// The right to write below a data folder. One process has it at a time; the system takes it back when the
/// process ends, however it ends.
///
/// A lock of the open file and not the file itself: nothing is left to be cleared away after a crash, and a
/// copy of the folder is not locked.
public final class DataFolderLock: Sendable {
    /// The lock could not be had.
    public enum Failure: Error, Sendable, Equatable {
        /// Another process has it; its number, where the file says it.
        case inUse(processID: Int32?)
        /// The file cannot be made or opened.
        case unavailable(reason: String)
    }

    /// The file of the lock in the data folder; it holds the number of the process.
    static let name = "lock"
    /// More digits than a process number has.
    private static let processDigitsMaximum = 16

    private let descriptor: Int32

    /// Takes the lock of a folder that exists. Throws `inUse` when another process has it.
    public init(folder: String) throws(Failure) {
        descriptor = try Self.open(folder)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            defer { close(descriptor) }
            if number == EWOULDBLOCK { throw .inUse(processID: Self.holder(descriptor)) }
            throw .unavailable(reason: Self.words(number))
        }
        signIn()
    }

    /// Waits for the lock, for as long as another process has it.
    public static func wait(folder: String) async throws(Failure) -> DataFolderLock {
        let descriptor = try open(folder)
        let number: Int32 = await withCheckedContinuation { continuation in
            // A thread of its own, since waiting waits.
            DispatchQueue(label: "liverelay.lock").async {
                while flock(descriptor, LOCK_EX) != 0 {
                    guard errno == EINTR else { return continuation.resume(returning: errno) }
                }
                continuation.resume(returning: 0)
            }
        }
        guard number == 0 else {
            close(descriptor)
            throw .unavailable(reason: words(number))
        }
        return DataFolderLock(locked: descriptor)
    }

    private init(locked descriptor: Int32) {
        self.descriptor = descriptor
        signIn()
    }

    deinit { close(descriptor) }

    /// Gives the right back. Nothing of this process may write below the folder any more.
    public func release() { _ = flock(descriptor, LOCK_UN) }

    /// Writes who has the lock, for the sentence that others are told.
    private func signIn() {
        let text = Array("\(getpid())\n".utf8)
        // In this order there is always a number to read.
        guard pwrite(descriptor, text, text.count, 0) == text.count else { return }
        _ = ftruncate(descriptor, off_t(text.count))
    }

    private static func open(_ folder: String) throws(Failure) -> Int32 {
        let descriptor = Glibc.open(folder + "/" + name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .unavailable(reason: words(errno)) }
        return descriptor
    }

    private static func holder(_ descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: processDigitsMaximum)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    private static func words(_ number: Int32) -> String {
        strerror(number).map { String(cString: $0) } ?? "error \(number)"
    }
}
