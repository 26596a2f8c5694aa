import Glibc

/// The successor's end: tells the program whose place it takes how far it has come.
public struct PredecessorPipe: Sendable {
    private let descriptor: Int32

    /// The pipe that a predecessor passed on; throws `notListening` when the number names nothing.
    public init(descriptor: Int32) throws(TransportError) {
        guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw .notListening(descriptor: descriptor) }
        self.descriptor = descriptor
    }

    /// Started; waits for the data folder.
    public func sayPrepared() { say(SuccessorProcess.Letter.prepared) }

    /// Serves. The pipe stays open: its end means our end.
    public func sayReady() { say(SuccessorProcess.Letter.ready) }

    private func say(_ letter: UInt8) {
        var letter = letter
        // A predecessor that has gone needs no answer; SIGPIPE is ignored.
        _ = write(descriptor, &letter, 1)
    }
}
