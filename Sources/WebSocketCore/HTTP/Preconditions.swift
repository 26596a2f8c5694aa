/// Whether the conditions of a request hold (RFC 9110 §13), judged in the order of §13.2.2.
public enum Preconditions: Sendable, Equatable {
    /// Go on with the method, and with `Range` if there is one.
    case hold
    /// 304: the client has it already.
    case notModified
    /// 412: it is not what the client thinks.
    case failed

    /// Judges the fields of a request for a thing that exists. A tag or a time that is not known is nil: a
    /// condition on an unknown time is ignored (§13.1.3), one on an unknown tag does not hold (§13.1.1).
    public init(_ request: HTTPRequest, etag: EntityTag?, modifiedSeconds: Int?, now: Int) {
        let headers = request.headers
        let isSafe = request.method == .get || request.method == .head
        if headers["if-match"] != nil {
            guard Self.matches(headers.values("if-match"), etag, strongly: true) else {
                self = .failed
                return
            }
        } else if let modifiedSeconds, let limit = Self.date(headers, "if-unmodified-since", now),
            modifiedSeconds > limit
        {
            self = .failed
            return
        }
        if headers["if-none-match"] != nil {
            let known = Self.matches(headers.values("if-none-match"), etag, strongly: false)
            self = known ? isSafe ? .notModified : .failed : .hold
        } else if isSafe, let modifiedSeconds, let limit = Self.date(headers, "if-modified-since", now),
            modifiedSeconds <= limit
        {
            self = .notModified
        } else {
            self = .hold
        }
    }

    /// Whether `*` or one of the tags is meant; a malformed list names nothing.
    private static func matches(_ values: [String], _ etag: EntityTag?, strongly: Bool) -> Bool {
        if values == ["*"] { return true }
        guard let etag, let tags = EntityTag.list(values) else { return false }
        return tags.contains { strongly ? $0.isStronglyEqual(etag) : $0.isWeaklyEqual(etag) }
    }

    /// §13.1.3 and §13.1.4: what is no date is ignored, and so is a field that stands twice.
    private static func date(_ headers: HTTPHeaders, _ name: String, _ now: Int) -> Int? {
        let values = headers.values(name)
        return values.count == 1 ? HTTPDate.parse(values[0], now: now) : nil
    }
}

extension HTTPResponse {
    /// The answer to a request with conditions: 304 or 412 in place of a 200 with an `etag`. A file judges
    /// for itself when it is opened.
    public func conditioned(by request: HTTPRequest) -> HTTPResponse {
        guard status == 200, request.method == .get || request.method == .head,
            let etag = headers["etag"].flatMap({ EntityTag($0) })
        else { return self }
        switch Preconditions(request, etag: etag, modifiedSeconds: nil, now: 0) {
        case .hold: return self
        case .notModified: return notModified()
        case .failed: return .refusal(412, "precondition failed")
        }
    }

    /// 304 with the fields that a cache may update (RFC 9110 §15.4.5), and none that tell of a body.
    func notModified() -> HTTPResponse {
        var fields = HTTPHeaders()
        for field in headers.fields where !Self.bodyFields.contains(field.name) {
            fields.add(field.name, field.value)
        }
        return HTTPResponse(status: 304, headers: fields)
    }

    /// What describes bytes that are not sent.
    private static let bodyFields = [
        "content-type", "content-encoding", "content-language", "content-disposition", "content-range",
    ]
}
