import CNet
import Dispatch
import Glibc

/// A program that was started with our listening sockets in its hands and is to take our place. What it says
/// comes over a pipe, one letter each; the end of the pipe is its end.
public final class SuccessorProcess: Sendable {
    /// What a successor says of itself.
    public enum Word: Sendable, Equatable {
        /// It has started, and waits for what only one may have.
        case prepared
        /// It serves.
        case ready
        /// It has gone. The text says how, in the words of wait(2).
        case gone(String)
    }

    /// The letters of the pipe.
    enum Letter {
        static let prepared = UInt8(ascii: "P")
        static let ready = UInt8(ascii: "R")
    }

    /// The first descriptor that a program inherits beside its standard ones, as in sd_listen_fds(3).
    public static let firstDescriptor: Int32 = 3

    /// The process.
    public let processID: Int32
    /// What it says, in order; ends after `gone`.
    public let words: AsyncStream<Word>

    /// Starts a program. It inherits the sockets as descriptors from 3 on, and after them the pipe.
    /// `environment` is made from the number of the sockets and the number of the pipe.
    public init(
        path: String, arguments: [String], sockets: ListeningSockets,
        environment: (_ socketsCount: Int, _ pipe: Int32) -> [String]
    ) throws(TransportError) {
        var ends: [Int32] = [0, 0]
        guard cnet_pipe(&ends) == 0 else { throw .failed("pipe2", errno) }
        let (reading, writing) = (ends[0], ends[1])
        let pipe = Self.firstDescriptor + Int32(sockets.descriptors.count)
        let process = Self.spawn(
            path, arguments, environment(sockets.descriptors.count, pipe), sockets.descriptors + [writing])
        let number = errno
        close(writing)
        guard process >= 0 else {
            close(reading)
            throw .failed("posix_spawn", number)
        }
        processID = process
        let (words, continuation) = AsyncStream.makeStream(of: Word.self)
        self.words = words
        // A thread of its own, since reading and waiting wait.
        DispatchQueue(label: "liverelay.successor").async {
            Self.listen(to: reading) { continuation.yield($0) }
            close(reading)
            continuation.yield(.gone(Self.wait(process)))
            continuation.finish()
        }
    }

    /// Ends the program at once.
    public func kill() {
        Glibc.kill(processID, SIGKILL)
    }

    private static func listen(to descriptor: Int32, _ hear: (Word) -> Void) {
        var letter: UInt8 = 0
        while true {
            let count = read(descriptor, &letter, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return }
            switch letter {
            case Letter.prepared: hear(.prepared)
            case Letter.ready: hear(.ready)
            // A newer program may have more to say.
            default: continue
            }
        }
    }

    private static func wait(_ process: Int32) -> String {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return systemReason(errno) }
        }
        let signal = status & 0x7F
        return signal == 0 ? "exit \((status >> 8) & 0xFF)" : "signal \(signal)"
    }

    private static func spawn(
        _ path: String, _ arguments: [String], _ environment: [String], _ descriptors: [Int32]
    ) -> Int32 {
        var argumentPointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        var environmentPointers: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) }
        defer {
            for pointer in argumentPointers + environmentPointers { free(pointer) }
        }
        argumentPointers.append(nil)
        environmentPointers.append(nil)
        return cnet_spawn(
            path, argumentPointers, environmentPointers, descriptors, Int32(descriptors.count))
    }
}
