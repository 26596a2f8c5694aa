import Glibc

/// Bytes of a file or a pipe, in order. Reads block; lives on the thread that reads.
final class ByteInput {
    /// Large enough that a file costs few calls, small enough that a pipe flows.
    static let pieceBytes = 16_384

    private let descriptor: Int32
    private let isOwned: Bool
    private var buffer: [UInt8] = []
    private var position = 0
    private var isAtEnd = false
    /// The file's name for messages.
    let name: String

    /// Standard input.
    init() {
        descriptor = STDIN_FILENO
        isOwned = false
        name = "-"
    }

    /// A file, or standard input for `-`, or an open descriptor for `fd:3`.
    init(path: String) throws {
        name = path
        if path == "-" {
            descriptor = STDIN_FILENO
            isOwned = false
        } else if path.hasPrefix("fd:"), let number = Int32(path.dropFirst(3)), number >= 0 {
            descriptor = number
            isOwned = false
        } else {
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
            isOwned = true
            guard descriptor >= 0 else {
                throw CommandFailure(
                    .failed, "failure.fileUnreadable", path, String(cString: strerror(errno)))
            }
        }
    }

    /// Bytes that are there already, such as a clip that is a part of the program.
    init(bytes: [UInt8], name: String) {
        descriptor = -1
        isOwned = false
        isAtEnd = true
        buffer = bytes
        self.name = name
    }

    deinit {
        if isOwned { close(descriptor) }
    }

    /// At most so many bytes; empty at the end.
    func some(_ count: Int) throws -> [UInt8] {
        if position == buffer.count { try fill() }
        let end = min(position + count, buffer.count)
        defer { position = end }
        return Array(buffer[position..<end])
    }

    /// Exactly so many bytes, or nil where the end comes before.
    func exactly(_ count: Int) throws -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let part = try some(count - bytes.count)
            if part.isEmpty { return nil }
            bytes += part
        }
        return bytes
    }

    /// The next bytes, without taking them.
    func peek(_ count: Int) throws -> [UInt8] {
        while buffer.count - position < count, !isAtEnd {
            buffer = Array(buffer[position...])
            position = 0
            try fill(keeping: true)
        }
        return Array(buffer[position..<min(position + count, buffer.count)])
    }

    /// Throws so many bytes away; false where the end comes before.
    func skip(_ count: Int) throws -> Bool {
        var left = count
        while left > 0 {
            let part = try some(left)
            if part.isEmpty { return false }
            left -= part.count
        }
        return true
    }

    private func fill(keeping isKeeping: Bool = false) throws {
        guard !isAtEnd else { return }
        if !isKeeping {
            buffer = []
            position = 0
        }
        var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
        let (descriptor, size) = (descriptor, Self.pieceBytes)
        while true {
            let count = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, size) }
            if count > 0 {
                buffer += piece[..<count]
                return
            }
            if count == 0 {
                isAtEnd = true
                return
            }
            guard errno == EINTR else {
                throw CommandFailure(
                    .failed, "failure.fileUnreadable", name, String(cString: strerror(errno)))
            }
        }
    }
}
