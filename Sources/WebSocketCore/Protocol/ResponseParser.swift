/// Reads the answer to one request (RFC 9112 §4 and §6). Interim answers other than 101 are skipped.
struct ResponseParser {
    /// The head of the final answer.
    struct Head: Equatable {
        /// The status code.
        let status: Int
        /// The fields.
        let headers: HTTPHeaders
    }

    /// What the next bytes hold.
    enum Step: Equatable {
        /// The input is used up.
        case needsMore
        /// 101: what follows is no longer HTTP.
        case switched(Head)
        /// The answer is complete with its body.
        case complete(Head, body: [UInt8])
    }

    private enum State {
        case head(HeadReader)
        case body(Head, remaining: Int)
        /// Until the end of the stream.
        case openBody(Head)
        case chunked(Head, ChunkedReader)
        case done
    }

    private let limits: TransportLimits
    private let isHeadRequest: Bool
    private var state: State
    private var body: [UInt8] = []

    init(isHeadRequest: Bool, limits: TransportLimits) {
        self.limits = limits
        self.isHeadRequest = isHeadRequest
        state = .head(HeadReader(limits: limits))
    }

    /// The next thing in the input from `position` on, which moves past it.
    mutating func step(_ input: Span<UInt8>, _ position: inout Int) throws(HTTPViolation) -> Step {
        while true {
            switch state {
            case .head(var reader):
                // The state lets go of what is added to, so that it grows in place.
                state = .done
                guard let found = try reader.read(input, &position) else {
                    state = .head(reader)
                    return .needsMore
                }
                if let step = try begin(found) { return step }
            case .body(let head, let remaining):
                let left = try take(input, &position, remaining)
                guard left > 0 else { return complete(head) }
                state = .body(head, remaining: left)
                return .needsMore
            case .openBody:
                _ = try take(input, &position, input.count - position)
                return .needsMore
            case .chunked(let head, var reader):
                state = .done
                let step = try reader.step(input, &position)
                state = .chunked(head, reader)
                switch step {
                case .needsMore: return .needsMore
                case .end: return complete(head)
                case .bytes(let part):
                    var begin = part.lowerBound
                    _ = try take(input, &begin, part.count)
                }
            case .done:
                position = input.count
                return .needsMore
            }
        }
    }

    /// The stream has ended; the answer if its body runs to the end of the stream.
    mutating func finish() throws(HTTPViolation) -> Step {
        guard case .openBody(let head) = state else { throw .bad("answer cut off") }
        return complete(head)
    }

    private mutating func begin(_ found: HeadReader.Head) throws(HTTPViolation) -> Step? {
        let line = String(decoding: found.startLine, as: UTF8.self)
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0] == "HTTP/1.1" || parts[0] == "HTTP/1.0", parts[1].utf8.count == 3,
            let status = Int(parts[1]), (100...599).contains(status)
        else { throw .bad("malformed status line") }
        // RFC 9112 §4: a reason is text, which a control character is not.
        guard found.startLine.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw .bad("malformed status line")
        }
        let head = Head(status: status, headers: found.headers)
        if status == 101 {
            // RFC 9110 §15.2: HTTP/1.0 knows no interim answer, so it cannot switch.
            guard parts[0] == "HTTP/1.1" else { throw .bad("101 in HTTP/1.0") }
            state = .done
            return .switched(head)
        }
        guard status >= 200 else {
            state = .head(HeadReader(limits: limits))
            return nil
        }
        let length = try found.headers.contentLength()
        if isHeadRequest || status == 204 || status == 304 { return complete(head) }
        let codings = found.headers.values("transfer-encoding")
        if !codings.isEmpty {
            // RFC 9112 §6.1: several fields are one list of codings, of which only "chunked" alone is read.
            guard codings.map(\.lowercasedASCII) == ["chunked"], length == nil else {
                throw .bad("transfer coding")
            }
            state = .chunked(head, ChunkedReader(limits: limits))
        } else if let length {
            guard length <= limits.responseBytesMaximum else { throw .bad("answer too big") }
            state = .body(head, remaining: length)
        } else {
            state = .openBody(head)
        }
        return nil
    }

    private mutating func complete(_ head: Head) -> Step {
        state = .done
        return .complete(head, body: body)
    }

    /// Takes up to `wanted` bytes into the body; how many are still wanted.
    private mutating func take(
        _ input: Span<UInt8>, _ position: inout Int, _ wanted: Int
    ) throws(HTTPViolation) -> Int {
        let count = min(wanted, input.count - position)
        guard count <= limits.responseBytesMaximum - body.count else { throw .bad("answer too big") }
        input.extracting(position..<position + count).withUnsafeBufferPointer { body.append(contentsOf: $0) }
        position += count
        return wanted - count
    }
}
