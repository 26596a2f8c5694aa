import LiveRelayWire
import WebSocketCore

/// Why the HTTP interface refuses: a status and a code, never a sentence.
struct ApiFailure: Error, Hashable {
    let status: Int
    let code: String
    /// The field of the request that is wrong.
    var field: String?

    init(_ status: Int, _ code: String, field: String? = nil) {
        self.status = status
        self.code = code
        self.field = field
    }

    static let notFound = ApiFailure(404, "notFound")
    static let tokenMissing = ApiFailure(401, "tokenMissing")
    static let notPermitted = ApiFailure(403, "notPermitted")
    static let malformed = ApiFailure(400, "malformed")
    static let crossOrigin = ApiFailure(403, "crossOrigin")
    static let preconditionFailed = ApiFailure(412, "preconditionFailed")
    static let hostUnknown = ApiFailure(421, "hostUnknown")

    static func fieldInvalid(_ field: String) -> ApiFailure { ApiFailure(400, "fieldInvalid", field: field) }

    /// The refusal of the door.
    init(_ code: DisconnectCode) {
        let status =
            switch code {
            case .tokenInvalid, .tokenExpired: 401
            case .removed, .banned, .ended, .notYetOpen, .roleCannotJoin: 403
            case .classUnknown, .codeUnknown: 404
            case .classFull, .alreadyInClass, .replaced, .left: 409
            case .tooManyAttempts: 429
            case .shutdown, .tooSlow, .silentTooLong, .storageFailed, .busy: 503
            case .nameInvalid, .joinExpected, .wireUnsupported, .messageTooLong, .audioInvalid: 400
            }
        self.init(status, code.name)
    }

    /// The refusal of the classes.
    init(_ failure: ClassDirectoryFailure) {
        let status =
            switch failure {
            case .classUnknown: 404
            case .sessionEnded, .tooManyExpected: 409
            case .noSpace: 507
            case .storageFailed: 503
            case .logCorrupt: 500
            }
        self.init(status, failure.rawValue)
    }

    /// The refusal of the store of identities.
    init(_ failure: IdentityFailure) {
        switch failure {
        case .noSpace: self.init(507, "noSpace")
        case .tooManyPeople: self.init(409, "tooManyExpected")
        case .newer, .unavailable, .codesExhausted: self.init(503, "storageFailed")
        }
    }

    /// The answer to a request: a browser that opened a page gets words, everybody else the code.
    func response(to request: HTTPRequest) -> HTTPResponse {
        let isPage = request.method == .get && !request.path.hasPrefix("/api/")
        guard isPage, request.headers.elements("accept").contains(where: { $0.hasPrefix("text/html") }) else {
            return response
        }
        return .refusal(status, code)
    }

    /// The answer as it leaves.
    var response: HTTPResponse {
        struct Coded: Encodable {
            let code: String
            let field: String?
        }
        var response = HTTPResponse.json(status, Coded(code: code, field: field))
        if status == 401 { response.headers.add("www-authenticate", "Bearer realm=\"LiveRelay\"") }
        if status == 429 { response.headers.add("retry-after", "60") }
        if status == 503 { response.headers.add("retry-after", "1") }
        return response
    }
}
