/// HTTP/1.1 as a server on one connection: one request at a time, answers in order, bodies bounded (RFC
/// 9112).
final class HTTPServerStage: ConnectionStage {
    private enum State {
        /// Waiting for, or inside, a request.
        case reading(RequestParser.Head?)
        /// The service has the request; bytes that come meanwhile wait.
        case answering(HTTPAnswer)
        /// The last answer is on its way out.
        case ended
    }

    /// Who was accepted so short a time before the server stops is about to ask, and is answered: TLS and a
    /// request take three round trips. Older connections that never asked were opened to spare.
    private static let freshMilliseconds: UInt64 = 1_000

    private let site: HTTPSite
    private let acceptedAt: UInt64
    private var parser: RequestParser
    private var state = State.reading(nil)
    private var lastNumber: UInt64 = 0
    private var deadline: UInt64?
    private var deadlineKind = ConnectionFailure.Deadline.head
    /// How slowly the present answer may be taken.
    private var pace: ReaderPace
    /// Since when a request is waited for.
    private var waitsSince: UInt64
    /// Set when a plain connection came to a server of TLS.
    var redirects = false

    init(site: HTTPSite, now: UInt64) {
        self.site = site
        parser = RequestParser(limits: site.limits)
        acceptedAt = now
        waitsSince = now
        pace = ReaderPace(site.limits, takenBytes: 0, now: now)
        deadline = now + site.limits.headMilliseconds
    }

    var wantsBytes: Bool {
        if case .reading = state { return true }
        return false
    }

    var nextDeadline: UInt64? {
        deadline
    }

    func established(_ connection: Connection) {
        setDeadline(.head, connection)
    }

    func receive(_ input: Span<UInt8>, _ position: inout Int, _ connection: Connection) {
        do throws(HTTPViolation) {
            while case .reading(let begun) = state {
                switch try parser.step(input, &position) {
                case .needsMore:
                    if deadlineKind == .idle, parser.isInsideRequest { setDeadline(.head, connection) }
                    return
                case .head(let head):
                    try accept(head, connection)
                case .complete(let request):
                    guard let begun else { return }
                    try begin(request, begun, connection)
                }
            }
        } catch {
            refuse(error, connection)
        }
    }

    func peerEnded(_ connection: Connection) {
        switch state {
        case .reading, .ended: connection.kill(.endOfStream)
        // The peer may have closed only its sending half; the answer still goes out, then the connection
        // ends.
        case .answering(let answer): answer.keepsAlive = false
        }
    }

    func progressed(_ connection: Connection) {
        guard case .answering(let answer) = state, answer.isAnswered else { return }
        pace.progressed(takenBytes: connection.takenBytes, now: connection.core.now)
        deadline = pace.deadline
        answer.stream?.pump(connection)
        if answer.isWritten, connection.queuedBytes == 0 { finish(answer, connection) }
    }

    func timeout(_ connection: Connection) {
        if deadlineKind == .head || deadlineKind == .body, parser.isInsideRequest, case .reading = state {
            return refuse(HTTPViolation(status: 408, reason: "request took too long"), connection)
        }
        connection.kill(.timedOut(deadlineKind))
    }

    func failed(_ failure: ConnectionFailure, _ connection: Connection) {
        state = .ended
    }

    /// Since when a request has been waited for, its head included; nil where one was heard. Such a
    /// connection is nothing that its peer could miss.
    var idleSince: UInt64? {
        if case .reading(nil) = state { return waitsSince }
        return nil
    }

    /// The server stops: a connection between requests ends now, one inside an exchange after its answer, one
    /// that has just come after its first.
    func endIfIdle(_ connection: Connection) {
        guard case .reading = state, !parser.isInsideRequest else { return }
        guard lastNumber > 0 || connection.core.now >= acceptedAt + Self.freshMilliseconds else { return }
        state = .ended
        connection.kill(.aborted)
    }

    // MARK: Requests

    private func accept(_ head: RequestParser.Head, _ connection: Connection) throws(HTTPViolation) {
        let maximum = site.service.bodyBytesMaximum(method: head.request.method, path: head.request.path)
        if case .length(let count) = head.framing, count > max(0, maximum) { throw .tooLarge }
        parser.bodyBytesMaximum = max(0, maximum)
        state = .reading(head)
        guard head.hasBody else { return }
        setDeadline(.body, connection)
        if head.expectsContinue { connection.transmit(raw: Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) }
    }

    private func begin(
        _ whole: HTTPRequest, _ head: RequestParser.Head, _ connection: Connection
    ) throws(HTTPViolation) {
        var request = whole
        request.isSecure = connection.isSecure
        request.peerAddress = connection.peerAddress
        try site.proxies.introduce(&request)
        // RFC 9110 §7.4: what is asked for by https is answered over TLS only.
        guard !head.saysTLS || request.isSecure || redirects else {
            throw HTTPViolation(status: 421, reason: "https was asked for without TLS")
        }
        lastNumber += 1
        let answer = HTTPAnswer(number: lastNumber, request: request, keepsAlive: head.keepsAlive)
        state = .answering(answer)
        deadline = nil
        if redirects { return respond(lastNumber, Self.redirect(request), connection) }
        switch Handshake.judge(request) {
        case .notUpgrade:
            let id = ExchangeID(connection: connection.id, number: lastNumber)
            site.service.respond(to: request, HTTPExchange(id: id, core: connection.core))
        case .refused(let status, let reason):
            var response = HTTPResponse.refusal(status, reason)
            if status == 426 {
                response.headers.add("sec-websocket-version", "13")
                response.headers.add("upgrade", "websocket")
            }
            respond(lastNumber, response, connection)
        case .acceptable(let acceptKey):
            upgrade(request, acceptKey, connection)
        }
    }

    private func upgrade(_ request: HTTPRequest, _ acceptKey: String, _ connection: Connection) {
        guard !site.isStopping else { return respond(lastNumber, .refusal(503, "stopping"), connection) }
        switch site.service.upgrade(request, connection) {
        case .refuse(let response):
            respond(lastNumber, response, connection)
        case .accept(let subprotocol, let delegate):
            var head = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
            head += "sec-websocket-accept: \(acceptKey)\r\n"
            if let subprotocol, request.offeredSubprotocols.contains(subprotocol) {
                head += "sec-websocket-protocol: \(subprotocol)\r\n"
                connection.subprotocol = subprotocol
            }
            let compression = site.limits.compression.flatMap { request.agreement(on: $0) }
            if let compression { head += "sec-websocket-extensions: \(compression.text)\r\n" }
            state = .ended
            connection.peerAddress = request.peerAddress
            // The 101 is queued before the stage changes, so that no frame can overtake it.
            connection.transmit(raw: Array((head + "\r\n").utf8))
            guard connection.link == .established else { return }
            connection.become(.server, delegate, compression?.agreement)
        }
    }

    private static func redirect(_ request: HTTPRequest) -> HTTPResponse {
        guard let authority = request.authority, request.rawTarget.hasPrefix("/") else {
            return .refusal(400, "this port speaks TLS")
        }
        return HTTPResponse(
            status: 308, headers: ["location": "https://\(authority.text)\(request.rawTarget)"])
    }

    private func refuse(_ violation: HTTPViolation, _ connection: Connection) {
        lastNumber += 1
        let request = HTTPRequest(
            method: .get, path: "/", rawTarget: "/", query: [], headers: [:], authority: nil, body: [],
            isSecure: false, peerAddress: "", isVersion11: true)
        state = .answering(HTTPAnswer(number: lastNumber, request: request, keepsAlive: false))
        respond(lastNumber, .refusal(violation.status, violation.reason), connection)
    }

    // MARK: Answers

    /// Answers the exchange of this number; ignored when it is not the present one or has been answered.
    func respond(_ number: UInt64, _ response: HTTPResponse, _ connection: Connection) {
        guard case .answering(let answer) = state, answer.number == number, !answer.isAnswered else { return }
        if site.isStopping { answer.keepsAlive = false }
        answer.isAnswered = true
        pace = ReaderPace(site.limits, takenBytes: connection.takenBytes, now: connection.core.now)
        setDeadline(.write, connection)
        switch response.body {
        case .bytes(let bytes):
            send(answer, response, bytes, connection)
        case .shared(let shared):
            send(answer, response, shared.bytes, connection)
        case .file(let path, let range):
            let stream = FileStream(path: path, range: range, response: response, answer: answer)
            answer.stream = stream
            stream.open(connection)
        }
    }

    /// A file was opened, or could not be.
    func opened(_ number: UInt64, _ result: Result<FileReader, FileReader.Failure>, _ connection: Connection)
    {
        guard case .answering(let answer) = state, answer.number == number, let stream = answer.stream else {
            return
        }
        switch stream.begin(result) {
        case .instead(let response):
            answer.stream = nil
            guard case .bytes(let body) = response.body else { return }
            send(answer, response, body, connection)
        case .head(let response, let length):
            answer.isQueued = true
            connection.transmit(raw: answer.head(response, length: length, connection))
            stream.pump(connection)
            finishIfWritten(answer, connection)
        }
    }

    /// A piece of the file was read.
    func read(_ number: UInt64, _ piece: [UInt8]?, _ connection: Connection) {
        guard case .answering(let answer) = state, answer.number == number, let stream = answer.stream else {
            return
        }
        guard let piece else {
            // The length is promised already; only a cut connection tells the client that it was not kept.
            return connection.kill(.aborted)
        }
        stream.took(piece)
        connection.transmit(raw: piece)
        guard connection.link == .established else { return }
        stream.pump(connection)
        finishIfWritten(answer, connection)
    }

    private func send(
        _ answer: HTTPAnswer, _ response: HTTPResponse, _ body: [UInt8], _ connection: Connection
    ) {
        var bytes = answer.head(response, length: UInt64(body.count), connection)
        let sendsBody = !answer.isBodyless(response.status)
        // Small answers leave in one write; large ones are not copied.
        if sendsBody, body.count <= OutboundQueue.batchBytesMaximum {
            bytes += body
            answer.isQueued = true
            connection.transmit(raw: bytes)
        } else {
            answer.isQueued = !sendsBody
            connection.transmit(raw: bytes)
            answer.isQueued = true
            if sendsBody { connection.transmit(raw: body) }
        }
        finishIfWritten(answer, connection)
    }

    private func finishIfWritten(_ answer: HTTPAnswer, _ connection: Connection) {
        guard case .answering(let present) = state, present === answer, answer.isWritten else { return }
        if connection.queuedBytes == 0 || !answer.keepsAlive { finish(answer, connection) }
    }

    private func finish(_ answer: HTTPAnswer, _ connection: Connection) {
        answer.stream = nil
        guard answer.keepsAlive, !site.isStopping else {
            state = .ended
            return connection.endAfterFlush(pace: pace)
        }
        state = .reading(nil)
        waitsSince = connection.core.now
        setDeadline(.idle, connection)
        connection.continueReading()
    }

    private func setDeadline(_ kind: ConnectionFailure.Deadline, _ connection: Connection) {
        deadlineKind = kind
        let now = connection.core.now
        deadline =
            switch kind {
            case .body: now + site.limits.bodyMilliseconds
            case .idle: now + site.limits.idleMilliseconds
            case .write: pace.deadline
            case .head, .connect, .tlsHandshake, .pong, .closeHandshake: now + site.limits.headMilliseconds
            }
    }
}
