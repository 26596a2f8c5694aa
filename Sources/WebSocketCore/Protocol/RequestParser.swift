/// Splits a byte stream into HTTP/1.1 requests (RFC 9112), strictly: whatever two readers could read
/// differently is refused.
struct RequestParser {
    /// A head with what follows from it.
    struct Head: Equatable {
        /// The request, its body still empty.
        let request: HTTPRequest
        /// Bytes of the body.
        let contentLength: Int
        /// Whether the connection is kept after the answer (RFC 9112 §9.3).
        let keepsAlive: Bool
        /// Whether the client waits for 100 before the body (RFC 9110 §10.1.1).
        let expectsContinue: Bool
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
    }

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
        case .body: true
        }
    }

    /// The next thing in the input from `position` on, which moves past it.
    mutating func step(_ input: Span<UInt8>, _ position: inout Int) throws(HTTPViolation) -> Step {
        switch state {
        case .head(var reader):
            let found = try reader.read(input, &position)
            state = .head(reader)
            guard let found else { return .needsMore }
            let head = try Self.judge(found)
            state = .body(head.request, remaining: head.contentLength)
            return .head(head)
        case .body(var request, let remaining):
            // The state lets go of the body, so that it grows in place.
            state = .head(HeadReader(limits: limits))
            let end = min(input.count, position + remaining)
            input.extracting(position..<end).withUnsafeBufferPointer { request.body.append(contentsOf: $0) }
            let left = remaining - (end - position)
            position = end
            guard left > 0 else { return .complete(request) }
            state = .body(request, remaining: left)
            return .needsMore
        }
    }

    private static func judge(_ head: HeadReader.Head) throws(HTTPViolation) -> Head {
        let parts = head.startLine.split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(HeadReader.isToken) else {
            throw .bad("malformed request line")
        }
        let isVersion11 = try version(String(decoding: parts[2], as: UTF8.self))
        guard let method = HTTPMethod(rawValue: String(decoding: parts[0], as: UTF8.self)) else {
            throw HTTPViolation(status: 501, reason: "unknown method")
        }
        let headers = head.headers
        let hosts = headers.values("host")
        // RFC 9112 §3.2: exactly one Host in HTTP/1.1.
        guard hosts.count <= 1, hosts.count == 1 || !isVersion11, hosts.allSatisfy(isHost) else {
            throw .bad("Host is missing, doubled or malformed")
        }
        let length = try headers.contentLength()
        try refuseTransferCoding(headers, hasLength: length != nil, isVersion11)
        let target = try RequestTarget(Array(parts[1]), method: method, host: hosts.first)
        let request = HTTPRequest(
            method: method, path: target.path, rawTarget: String(decoding: parts[1], as: UTF8.self),
            query: target.query, headers: headers, body: [], isSecure: false, peerAddress: "",
            isVersion11: isVersion11)
        let keepsAlive =
            isVersion11
            ? !headers.contains("connection", token: "close")
            : headers.contains("connection", token: "keep-alive")
        let expectsContinue = try expectation(headers)
        return Head(
            request: request, contentLength: length ?? 0, keepsAlive: keepsAlive,
            expectsContinue: isVersion11 && expectsContinue)
    }

    private static func version(_ text: String) throws(HTTPViolation) -> Bool {
        if text == "HTTP/1.1" { return true }
        if text == "HTTP/1.0" { return false }
        let digits = text.utf8.dropFirst(5)
        guard text.hasPrefix("HTTP/"), digits.count == 3, digits.dropFirst().first == 0x2E else {
            throw .bad("malformed version")
        }
        throw HTTPViolation(status: 505, reason: "unknown version")
    }

    private static func isHost(_ host: String) -> Bool {
        host.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            case 0x2D, 0x2E, 0x3A, 0x5B, 0x5D, 0x5F, 0x7E, 0x25: true
            default: false
            }
        }
    }

    /// RFC 9112 §6.1: a server may refuse codings. With both fields the message is an attempt at smuggling.
    private static func refuseTransferCoding(
        _ headers: HTTPHeaders, hasLength: Bool, _ isVersion11: Bool
    ) throws(HTTPViolation) {
        guard let coding = headers["transfer-encoding"] else { return }
        guard !hasLength, isVersion11 else { throw .bad("transfer coding beside a length") }
        guard coding.lowercased() == "chunked" else {
            throw HTTPViolation(status: 501, reason: "unknown transfer coding")
        }
        throw HTTPViolation(status: 411, reason: "length required")
    }

    private static func expectation(_ headers: HTTPHeaders) throws(HTTPViolation) -> Bool {
        guard let expectation = headers["expect"] else { return false }
        guard expectation.lowercased() == "100-continue" else {
            throw HTTPViolation(status: 417, reason: "unknown expectation")
        }
        return true
    }
}
