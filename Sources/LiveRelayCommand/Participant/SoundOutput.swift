import Dispatch
import Foundation
import Glibc
import Synchronization

/// Where sound goes: a file, a descriptor, or a program that plays it. Writes on a queue of its own, so that
/// a player that stands still does not hold up the class.
final class SoundOutput: Sendable {
    /// What may wait for a slow reader, two seconds of s16le; more is thrown away.
    private static let waitingBytesMaximum = 192_000

    private let descriptor: Int32
    private let isBounded: Bool
    private let queue = DispatchQueue(label: "liverelay.sound")
    private let waitingBytes = Atomic(0)
    private let isGone = Atomic(false)

    /// An open descriptor. What is written to a file is never thrown away.
    init(descriptor: Int32, isBounded: Bool) {
        self.descriptor = descriptor
        self.isBounded = isBounded
    }

    /// `-` for standard output, `fd:3`, or a file, which is made anew.
    convenience init(path: String) throws {
        if path == "-" {
            self.init(descriptor: STDOUT_FILENO, isBounded: false)
        } else if path.hasPrefix("fd:"), let number = Int32(path.dropFirst(3)), number >= 0 {
            self.init(descriptor: number, isBounded: true)
        } else {
            let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else {
                throw CommandFailure(
                    .failed, "failure.fileUnwritable", path, String(cString: strerror(errno)))
            }
            self.init(descriptor: descriptor, isBounded: false)
        }
    }

    /// Whether nobody reads any more.
    var isClosed: Bool { isGone.load(ordering: .relaxed) }

    /// Hands bytes over.
    func put(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, !isClosed else { return }
        let waiting = waitingBytes.wrappingAdd(bytes.count, ordering: .relaxed).newValue
        guard !isBounded || waiting <= Self.waitingBytesMaximum else {
            waitingBytes.wrappingSubtract(bytes.count, ordering: .relaxed)
            return
        }
        queue.async {
            if !Terminal.write(bytes, to: self.descriptor) { self.isGone.store(true, ordering: .relaxed) }
            self.waitingBytes.wrappingSubtract(bytes.count, ordering: .relaxed)
        }
    }

    /// Returns when everything that was handed over is written.
    func finish() async {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume() }
        }
    }
}

/// A program of the system that plays s16le at 48 kHz from its standard input.
enum Player {
    private static let candidates: [(name: String, arguments: [String])] = [
        ("aplay", ["-q", "-t", "raw", "-f", "S16_LE", "-r", "48000", "-c", "1"]),
        ("paplay", ["--raw", "--format=s16le", "--rate=48000", "--channels=1"]),
        (
            "ffplay",
            ["-loglevel", "quiet", "-nodisp", "-f", "s16le", "-ar", "48000", "-ac", "1", "-i", "pipe:0"]
        ),
    ]

    /// Starts the first that is installed; nil where none is.
    static func start(path: String) -> (name: String, output: SoundOutput, process: Process)? {
        for candidate in candidates {
            for folder in path.split(separator: ":") {
                let file = "\(folder)/\(candidate.name)"
                guard access(file, X_OK) == 0 else { continue }
                let pipe = Pipe()
                let process = Process()
                process.executableURL = URL(fileURLWithPath: file)
                process.arguments = candidate.arguments
                process.standardInput = pipe
                process.standardOutput = FileHandle.nullDevice
                process.standardError = FileHandle.nullDevice
                guard (try? process.run()) != nil else { continue }
                let descriptor = dup(pipe.fileHandleForWriting.fileDescriptor)
                guard descriptor >= 0 else { continue }
                return (candidate.name, SoundOutput(descriptor: descriptor, isBounded: true), process)
            }
        }
        return nil
    }
}
