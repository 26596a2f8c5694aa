@testable import WebSocketCore

/// Requests (RFC 9112 §3): the same however they are cut, within their limits, and the same again when they
/// are written from what was read.
enum RequestFuzz {
    struct Outcome: Equatable {
        var steps: [RequestParser.Step] = []
        var violation: HTTPViolation?
        var isInside = false
    }

    /// Small, so that short inputs reach all of them.
    private static let limits = {
        var limits = TransportLimits()
        limits.startLineBytesMaximum = 200
        limits.headBytesMaximum = 600
        limits.fieldCountMaximum = 8
        return limits
    }()

    /// Lengths that a thing asked for in part may have.
    private static let lengths: [UInt64] = [0, 1, 100, .max]

    static func read(_ bytes: [UInt8], _ pieces: [Range<Int>], _ limits: TransportLimits) -> Outcome {
        var parser = RequestParser(limits: limits)
        // How long a body may be is for the driver to say.
        parser.bodyBytesMaximum = .max
        var outcome = Outcome()
        do throws(HTTPViolation) {
            for piece in pieces {
                let span = bytes.span.extracting(piece)
                var position = 0
                while true {
                    let step = try parser.step(span, &position)
                    if case .needsMore = step { break }
                    outcome.steps.append(step)
                }
            }
            outcome.isInside = parser.isInsideRequest
        } catch {
            // The connection ends here, so that the parser's state is of no use to anybody.
            outcome.violation = error
        }
        return outcome
    }

    static func check(_ input: FuzzInput) throws(FuzzFault) {
        let outcome = try input.read { read($0, $1, limits) }
        if let violation = outcome.violation {
            try require((400...599).contains(violation.status), "refused with \(violation)")
        }
        for step in outcome.steps {
            guard case .head(let head) = step else { continue }
            try checkBounds(head)
            try checkFields(head.request)
            try checkWritten(head)
        }
    }

    private static func checkBounds(_ head: RequestParser.Head) throws(FuzzFault) {
        let request = head.request
        try require(request.headers.fields.count <= limits.fieldCountMaximum, "too many fields")
        try require(request.rawTarget.utf8.count <= limits.startLineBytesMaximum, "target too long")
        switch head.framing {
        case .length(let count): try require(count >= 0, "negative length")
        case .chunked: try require(request.isVersion11, "chunks in HTTP/1.0")
        }
        let path = request.path
        try require(path == "*" || path.utf8.first == 0x2F, "path does not begin at the root")
        for segment in path.utf8.split(separator: 0x2F) {
            try require(
                !segment.elementsEqual(".".utf8) && !segment.elementsEqual("..".utf8), "dots in the path")
        }
        try require(
            path.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != 0x5C }, "control character in the path")
    }

    /// What a server asks of a request may be asked of any.
    private static func checkFields(_ request: HTTPRequest) throws(FuzzFault) {
        _ = Handshake.judge(request)
        _ = request.isCrossOrigin
        _ = request.offeredSubprotocols
        _ = ContentCoding.preferred(by: request)
        _ = Preconditions(request, etag: EntityTag(strong: "1"), modifiedSeconds: 1, now: 2)
        for length in lengths {
            let range = ByteRange(
                request, etag: EntityTag(strong: "1"), modifiedSeconds: 1, length: length)
            guard case .partial(let part) = range else { continue }
            try require(!part.isEmpty && part.upperBound <= length, "\(part) of \(length)")
        }
    }

    /// A head written from what was read is read as the same.
    private static func checkWritten(_ head: RequestParser.Head) throws(FuzzFault) {
        let request = head.request
        let version = request.isVersion11 ? "HTTP/1.1" : "HTTP/1.0"
        var text = "\(request.method.rawValue) \(request.rawTarget) \(version)\r\n"
        for field in request.headers.fields {
            text += "\(field.name):\(field.value)\r\n"
        }
        let bytes = Array((text + "\r\n").utf8)
        // Opaque bytes become two each, which may be too much.
        guard bytes.count <= limits.headBytesMaximum else { return }
        let again = read(bytes, [bytes.indices], limits)
        try require(again.steps.first == .head(head), "written \(bytes) and read \(again)")
    }
}
