import Dispatch

/// A file on its way to a peer: read in pieces on the file queue, at most two of them read or waiting at a
/// time.
final class FileStream {
    /// What an opened file leads to.
    enum Begin {
        /// Bytes to send in place of the file.
        case instead(HTTPResponse)
        /// The head of the file's answer; pieces follow.
        case head(HTTPResponse, length: UInt64)
    }

    /// One read; large enough that the hand-over costs little.
    private static let pieceBytes = 65_536
    /// Pieces read or waiting for the socket.
    private static let piecesMaximum = 2

    private let path: String
    private let range: HTTPResponse.FileRange
    private let response: HTTPResponse
    private let number: UInt64
    private let request: HTTPRequest
    private var reader: FileReader?
    private var next: UInt64 = 0
    private var end: UInt64 = 0
    private var readingCount = 0
    private var isOpened = false

    init(path: String, range: HTTPResponse.FileRange, response: HTTPResponse, answer: HTTPAnswer) {
        self.path = path
        self.range = range
        self.response = response
        number = answer.number
        request = answer.request
    }

    /// Whether every byte that will be sent has been read.
    var isRead: Bool {
        isOpened && next == end && readingCount == 0
    }

    /// Opens the file on the file queue; the connection's stage hears of it.
    func open(_ connection: Connection) {
        let (path, id, number, loop) = (path, connection.id, number, connection.core.loop)
        connection.core.fileQueue.async {
            let result: Result<FileReader, FileReader.Failure>
            do throws(FileReader.Failure) {
                result = .success(try FileReader(path: path))
            } catch {
                result = .failure(error)
            }
            loop.execute { core in
                guard let connection = core.connection(id) else { return }
                (connection.stage as? HTTPServerStage)?.opened(number, result, connection)
                connection.settleDeadline()
            }
        }
    }

    /// Decides status, fields and bytes.
    func begin(_ result: Result<FileReader, FileReader.Failure>) -> Begin {
        isOpened = true
        let reader: FileReader
        switch result {
        case .failure(.missing): return .instead(.refusal(404, "no such file"))
        case .failure(.forbidden): return .instead(.refusal(403, "file not readable"))
        case .success(let opened): reader = opened
        }
        var response = response
        response.headers.set("etag", reader.etag.text)
        response.headers.set("accept-ranges", "bytes")
        if let modified = reader.modifiedSeconds {
            response.headers.set("last-modified", HTTPDate.format(modified))
        }
        switch conditions(reader) {
        case .hold: break
        case .notModified: return .instead(response.notModified())
        case .failed: return .instead(.refusal(412, "precondition failed"))
        }
        switch judge(reader) {
        case .whole:
            end = reader.size
        case .partial(let part):
            response.status = 206
            response.headers.set(
                "content-range", "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(reader.size)")
            next = part.lowerBound
            end = part.upperBound
        case .unsatisfiable:
            var refusal = HTTPResponse.refusal(416, "range not satisfiable")
            refusal.headers.set("content-range", "bytes */\(reader.size)")
            return .instead(refusal)
        }
        let length = end - next
        if request.method == .head { next = end }
        self.reader = reader
        return .head(response, length: length)
    }

    /// Asks for pieces while fewer than two are read or waiting.
    func pump(_ connection: Connection) {
        guard let reader else { return }
        while next < end, readingCount + waitingCount(connection) < Self.piecesMaximum {
            let piece = next..<min(end, next + UInt64(Self.pieceBytes))
            next = piece.upperBound
            readingCount += 1
            let (id, number, loop) = (connection.id, number, connection.core.loop)
            connection.core.fileQueue.async {
                let bytes = reader.read(piece)
                loop.execute { core in
                    guard let connection = core.connection(id) else { return }
                    (connection.stage as? HTTPServerStage)?.read(number, bytes, connection)
                    connection.settleDeadline()
                }
            }
        }
    }

    /// A piece has come.
    func took(_ piece: [UInt8]) {
        readingCount -= 1
    }

    private func waitingCount(_ connection: Connection) -> Int {
        (connection.queuedBytes + Self.pieceBytes - 1) / Self.pieceBytes
    }

    /// Conditions come before the range (RFC 9110 §13.2.2).
    private func conditions(_ reader: FileReader) -> Preconditions {
        guard range == .asRequested else { return .hold }
        return Preconditions(
            request, etag: reader.etag, modifiedSeconds: reader.modifiedSeconds, now: reader.openedSeconds)
    }

    private func judge(_ reader: FileReader) -> ByteRange {
        switch range {
        case .whole:
            return .whole
        case .asRequested:
            return ByteRange(
                request, etag: reader.etag, modifiedSeconds: reader.modifiedSeconds, length: reader.size)
        case .bytes(let part):
            guard part.lowerBound < reader.size, !part.isEmpty else { return .unsatisfiable }
            return .partial(part.lowerBound..<min(part.upperBound, reader.size))
        }
    }
}
