@testable import WebSocketCore

/// Answers (RFC 9112 §4): the same however they are cut, and within their limits.
enum ResponseFuzz {
    struct Outcome: Equatable {
        var step: ResponseParser.Step?
        var violation: HTTPViolation?
        /// Bytes behind a switch of protocols, which are frames and must not be lost.
        var bytesLeft = 0
    }

    private static let limits = {
        var limits = TransportLimits()
        limits.startLineBytesMaximum = 200
        limits.headBytesMaximum = 600
        limits.fieldCountMaximum = 8
        limits.responseBytesMaximum = 300
        return limits
    }()

    /// The key of RFC 6455 §1.3, whose answer every seed knows.
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    static func read(
        _ bytes: [UInt8], _ pieces: [Range<Int>], isHeadRequest: Bool, _ limits: TransportLimits
    ) -> Outcome {
        var parser = ResponseParser(isHeadRequest: isHeadRequest, limits: limits)
        var outcome = Outcome()
        do throws(HTTPViolation) {
            for piece in pieces {
                let span = bytes.span.extracting(piece)
                var position = 0
                let step = try parser.step(span, &position)
                if case .needsMore = step { continue }
                outcome.step = step
                if case .switched = step {
                    outcome.bytesLeft = bytes.count - piece.lowerBound - position
                }
                return outcome
            }
            outcome.step = try parser.finish()
        } catch {
            outcome.violation = error
        }
        return outcome
    }

    static func check(_ input: FuzzInput) throws(FuzzFault) {
        let isHeadRequest = input.chooses(0)
        let outcome = try input.read { read($0, $1, isHeadRequest: isHeadRequest, limits) }
        switch outcome.step {
        case .switched(let head):
            try require(head.status == 101, "switched by \(head.status)")
            try checkHandshake(head)
        case .complete(let head, let body):
            try require((200...999).contains(head.status), "complete with \(head.status)")
            try require(body.count <= limits.responseBytesMaximum, "body of \(body.count)")
            try require(!isHeadRequest || body.isEmpty, "body of an answer to HEAD")
        case .needsMore:
            throw FuzzFault(description: "an end of the stream that ends nothing")
        case nil:
            try require(outcome.violation != nil, "neither an answer nor a violation")
        }
    }

    private static func checkHandshake(_ head: ResponseParser.Head) throws(FuzzFault) {
        guard Handshake.fault(in: head, key: key, offered: ["liverelay.v1"]) == nil else { return }
        let proof = head.headers.values("sec-websocket-accept")
        try require(proof == ["s3pPLMBiTxaQ9kYGzzhZRbK+xOo="], "handshake without its proof")
        let chosen = head.headers.values("sec-websocket-protocol")
        try require(chosen.isEmpty || chosen == ["liverelay.v1"], "subprotocol that nobody offered")
    }
}
