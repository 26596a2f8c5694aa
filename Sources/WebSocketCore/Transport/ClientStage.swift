/// HTTP as a client on one connection: one request, then its answer; for a WebSocket, the upgrade.
final class ClientStage: ConnectionStage {
    /// What the request is for.
    enum Purpose {
        /// A handshake with this key and offered subprotocols.
        case webSocket(any WebSocketDelegate, key: String, subprotocols: [String])
        /// A whole answer.
        case request((Result<HTTPClient.Answer, ConnectionFailure>) -> Void)
    }

    private var purpose: Purpose?
    private let requestBytes: [UInt8]
    private var parser: ResponseParser
    private var deadline: UInt64?
    private let limits: TransportLimits

    init(_ purpose: Purpose, requestBytes: [UInt8], isHeadRequest: Bool, limits: TransportLimits) {
        self.purpose = purpose
        self.requestBytes = requestBytes
        self.limits = limits
        parser = ResponseParser(isHeadRequest: isHeadRequest, limits: limits)
    }

    var wantsBytes: Bool {
        purpose != nil
    }

    /// Whether the request is a handshake.
    var opensWebSocket: Bool {
        if case .webSocket = purpose { return true }
        return false
    }

    var nextDeadline: UInt64? {
        deadline
    }

    func established(_ connection: Connection) {
        // One deadline from the request to the end of the answer: head and body together.
        deadline = connection.core.now + limits.headMilliseconds + limits.bodyMilliseconds
        connection.transmit(raw: requestBytes)
    }

    func receive(_ input: Span<UInt8>, _ position: inout Int, _ connection: Connection) {
        do throws(HTTPViolation) {
            switch try parser.step(input, &position) {
            case .needsMore: return
            case .switched(let head): switched(head, connection)
            case .complete(let head, let body): completed(head, body, connection)
            }
        } catch {
            connection.kill(.badAnswer(error.reason))
        }
    }

    func peerEnded(_ connection: Connection) {
        do throws(HTTPViolation) {
            if case .complete(let head, let body) = try parser.finish() {
                return completed(head, body, connection)
            }
        } catch {
            connection.kill(.endOfStream)
        }
    }

    func progressed(_ connection: Connection) {}

    func timeout(_ connection: Connection) {
        connection.kill(.timedOut(.head))
    }

    func failed(_ failure: ConnectionFailure, _ connection: Connection) {
        guard let purpose else { return }
        self.purpose = nil
        switch purpose {
        case .webSocket(let delegate, _, _):
            connection.core.atEndOfTurn { delegate.closed(connection, .failed(failure)) }
        case .request(let completion):
            connection.core.atEndOfTurn { completion(.failure(failure)) }
        }
    }

    private func switched(_ head: ResponseParser.Head, _ connection: Connection) {
        guard case .webSocket(let delegate, let key, let subprotocols) = purpose else {
            return connection.kill(.badAnswer("unexpected 101"))
        }
        if let fault = Handshake.fault(in: head, key: key, offered: subprotocols) {
            return connection.kill(.badAnswer(fault))
        }
        let fields = head.headers.values("sec-websocket-extensions")
        let agreement: DeflateAgreement?
        switch DeflateAgreement.read(fields, offered: limits.compression) {
        case .none: agreement = nil
        case .agreed(let agreed): agreement = agreed
        case .faulty(let reason): return connection.kill(.badAnswer(reason))
        }
        purpose = nil
        connection.subprotocol = head.headers["sec-websocket-protocol"]
        connection.become(.client, delegate, agreement)
    }

    private func completed(_ head: ResponseParser.Head, _ body: [UInt8], _ connection: Connection) {
        switch purpose {
        case .webSocket:
            connection.kill(.httpStatus(head.status))
        case .request(let completion):
            purpose = nil
            let answer = HTTPClient.Answer(status: head.status, headers: head.headers, body: body)
            connection.core.atEndOfTurn { completion(.success(answer)) }
            connection.endAfterFlush(withinMilliseconds: limits.closeHandshakeMilliseconds)
        case nil:
            return
        }
    }
}
