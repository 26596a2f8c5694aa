/// Splits a byte stream into HTTP/1.1 requests (RFC 9112), strictly: whatever two readers could read
/// differently is refused.
struct RequestParser {
    /// How the length of a body is known (RFC 9112 §6.3).
    enum Framing: Equatable {
        /// So many bytes; 0 where nothing is announced.
        case length(Int)
        /// Chunks, the last of which is empty.
        case chunked
    }

    /// A head with what follows from it.
    struct Head: Equatable {
        /// The request, its body still empty.
        let request: HTTPRequest
        /// What follows the head.
        let framing: Framing
        /// Whether the connection is kept after the answer (RFC 9112 §9.3).
        let keepsAlive: Bool
        /// Whether the client waits for 100 before the body (RFC 9110 §10.1.1).
        let expectsContinue: Bool
        /// Whether the target itself says `https`, which binds the connection (RFC 9110 §7.4).
        let saysTLS: Bool

        /// Whether bytes of a body are to come.
        var hasBody: Bool {
            framing != .length(0)
        }
    }

    /// What the next bytes hold.
    enum Step: Equatable {
        /// The input is used up.
        case needsMore
        /// A head is complete; the driver may refuse it before its body is taken.
        case head(Head)
        /// The request is complete.
        case complete(HTTPRequest)
    }

    private enum State {
        case head(HeadReader)
        case body(HTTPRequest, remaining: Int)
        case chunked(HTTPRequest, ChunkedReader)
    }

    /// The largest body of the request whose head came last. The driver sets it before it goes on.
    var bodyBytesMaximum = 0

    private let limits: TransportLimits
    private var state: State

    init(limits: TransportLimits) {
        self.limits = limits
        state = .head(HeadReader(limits: limits))
    }

    /// Whether part of a request has come.
    var isInsideRequest: Bool {
        switch state {
        case .head(let reader): reader.hasBegun
        case .body, .chunked: true
        }
    }

    /// The next thing in the input from `position` on, which moves past it.
    mutating func step(_ input: Span<UInt8>, _ position: inout Int) throws(HTTPViolation) -> Step {
        // The state lets go of what is added to, so that it grows in place: a peer that sends byte by byte
        // must not have all that came before copied each time.
        switch state {
        case .head(var reader):
            state = .head(HeadReader(limits: limits))
            guard let found = try reader.read(input, &position) else {
                state = .head(reader)
                return .needsMore
            }
            let head = try Self.judge(found)
            switch head.framing {
            case .length(let count): state = .body(head.request, remaining: count)
            case .chunked: state = .chunked(head.request, ChunkedReader(limits: limits))
            }
            return .head(head)
        case .body(var request, let remaining):
            state = .head(HeadReader(limits: limits))
            return try takeBody(input, &position, &request, remaining)
        case .chunked(var request, var reader):
            state = .head(HeadReader(limits: limits))
            return try takeChunks(input, &position, &request, &reader)
        }
    }

    private mutating func takeBody(
        _ input: Span<UInt8>, _ position: inout Int, _ request: inout HTTPRequest, _ remaining: Int
    ) throws(HTTPViolation) -> Step {
        guard remaining <= bodyBytesMaximum - request.body.count else { throw .tooLarge }
        let end = min(input.count, position + remaining)
        input.extracting(position..<end).withUnsafeBufferPointer { request.body.append(contentsOf: $0) }
        let left = remaining - (end - position)
        position = end
        guard left > 0 else { return .complete(request) }
        state = .body(request, remaining: left)
        return .needsMore
    }

    private mutating func takeChunks(
        _ input: Span<UInt8>, _ position: inout Int, _ request: inout HTTPRequest,
        _ reader: inout ChunkedReader
    ) throws(HTTPViolation) -> Step {
        while true {
            switch try reader.step(input, &position) {
            case .needsMore:
                state = .chunked(request, reader)
                return .needsMore
            case .bytes(let part):
                guard part.count <= bodyBytesMaximum - request.body.count else { throw .tooLarge }
                input.extracting(part).withUnsafeBufferPointer { request.body.append(contentsOf: $0) }
            case .end:
                return .complete(request)
            }
        }
    }

    // MARK: The head

    private static func judge(_ head: HeadReader.Head) throws(HTTPViolation) -> Head {
        let parts = head.startLine.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(HeadReader.isToken) else {
            throw .bad("malformed request line")
        }
        let isVersion11 = try version(parts[2])
        guard let method = HTTPMethod(rawValue: String(decoding: parts[0], as: UTF8.self)) else {
            throw HTTPViolation(status: 501, reason: "unknown method")
        }
        let headers = head.headers
        let host = try host(headers, isVersion11)
        let framing = try framing(headers, isVersion11)
        let target = try RequestTarget(Array(parts[1]), method: method)
        // RFC 9112 §3.2.2: the host of an absolute-form target counts, whatever `Host` says.
        let request = HTTPRequest(
            method: method, path: target.path, rawTarget: String(decoding: parts[1], as: UTF8.self),
            query: target.query, headers: headers, authority: target.authority ?? host, body: [],
            isSecure: false, peerAddress: "", isVersion11: isVersion11)
        let keepsAlive =
            isVersion11
            ? !headers.contains("connection", token: "close")
            : headers.contains("connection", token: "keep-alive")
        return Head(
            request: request, framing: framing, keepsAlive: keepsAlive,
            expectsContinue: try expectation(headers, isVersion11), saysTLS: target.saysTLS)
    }

    /// Whether it is HTTP/1.1. A higher minor version is read as the highest that is known (RFC 9110 §2.5).
    private static func version(_ bytes: ArraySlice<UInt8>) throws(HTTPViolation) -> Bool {
        let text = Array(bytes)
        guard text.count == 8, text[..<5].elementsEqual("HTTP/".utf8), text[6] == 0x2E,
            (0x30...0x39).contains(text[5]), (0x30...0x39).contains(text[7])
        else { throw .bad("malformed version") }
        guard text[5] == 0x31 else { throw HTTPViolation(status: 505, reason: "unknown version") }
        return text[7] > 0x30
    }

    /// RFC 9112 §3.2: exactly one well-formed Host in HTTP/1.1, at most one before.
    private static func host(_ headers: HTTPHeaders, _ isVersion11: Bool) throws(HTTPViolation) -> Authority?
    {
        let hosts = headers.values("host")
        guard let text = hosts.first else {
            guard !isVersion11 else { throw .bad("Host is missing") }
            return nil
        }
        guard hosts.count == 1, let authority = Authority(text) else {
            throw .bad("Host is doubled or malformed")
        }
        return authority
    }

    /// RFC 9112 §6.1 and §6.3. With both fields, or a coding in HTTP/1.0, two readers could see two bodies:
    /// an attempt at smuggling.
    private static func framing(
        _ headers: HTTPHeaders, _ isVersion11: Bool
    ) throws(HTTPViolation) -> Framing {
        let length = try headers.contentLength()
        guard headers["transfer-encoding"] != nil else { return .length(length ?? 0) }
        guard length == nil, isVersion11 else { throw .bad("transfer coding beside a length") }
        let codings = headers.elements("transfer-encoding").map(\.lowercasedASCII)
        guard codings.last == "chunked", codings.filter({ $0 == "chunked" }).count == 1 else {
            throw .bad("the last transfer coding is not chunked")
        }
        guard codings.count == 1 else {
            throw HTTPViolation(status: 501, reason: "unknown transfer coding")
        }
        return .chunked
    }

    /// RFC 9110 §10.1.1: only 100-continue is known, and HTTP/1.0 knows none.
    private static func expectation(
        _ headers: HTTPHeaders, _ isVersion11: Bool
    ) throws(HTTPViolation) -> Bool {
        guard isVersion11 else { return false }
        let expectations = headers.elements("expect")
        guard expectations.allSatisfy({ $0.lowercasedASCII == "100-continue" }) else {
            throw HTTPViolation(status: 417, reason: "unknown expectation")
        }
        return !expectations.isEmpty
    }
}
