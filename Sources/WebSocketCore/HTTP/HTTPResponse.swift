/// One answer. Length, connection and date fields are added by the connection.
public struct HTTPResponse: Sendable {
    /// What follows the head.
    public enum Body: Sendable {
        /// These bytes.
        case bytes([UInt8])
        /// Bytes that other answers share.
        case shared(SharedBytes)
        /// A regular file, read in pieces away from the loop. A missing file becomes 404, an unreadable one
        /// 403.
        case file(path: String, range: FileRange)
    }

    /// Which part of a file is sent.
    public enum FileRange: Sendable, Equatable {
        /// All of it.
        case whole
        /// What the request's `Range` and `If-Range` ask, with a strong ETag from size and time: 200, 206 or
        /// 416.
        case asRequested
        /// These bytes, as 206; cut off at the end of the file.
        case bytes(Range<UInt64>)
    }

    /// The status code.
    public var status: Int
    /// Fields of the service.
    public var headers: HTTPHeaders
    /// What follows the head.
    public var body: Body

    /// An answer with a body.
    public init(status: Int, headers: HTTPHeaders = [:], body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A short plain text in UTF-8.
    public static func text(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: ["content-type": "text/plain; charset=utf-8"],
            body: .bytes(Array(text.utf8)))
    }

    /// The standard phrase of a status (RFC 9110 §15).
    static func phrase(_ status: Int) -> String {
        phrases[status] ?? "Status"
    }

    private static let phrases: [Int: String] = [
        100: "Continue", 101: "Switching Protocols", 200: "OK", 201: "Created", 202: "Accepted",
        204: "No Content", 206: "Partial Content", 301: "Moved Permanently", 302: "Found", 303: "See Other",
        304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request",
        401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
        408: "Request Timeout", 409: "Conflict", 410: "Gone", 411: "Length Required",
        412: "Precondition Failed", 413: "Content Too Large", 414: "URI Too Long",
        415: "Unsupported Media Type", 416: "Range Not Satisfiable", 417: "Expectation Failed",
        421: "Misdirected Request", 422: "Unprocessable Content", 426: "Upgrade Required",
        429: "Too Many Requests", 431: "Request Header Fields Too Large", 500: "Internal Server Error",
        501: "Not Implemented", 503: "Service Unavailable", 505: "HTTP Version Not Supported",
        507: "Insufficient Storage",
    ]
}
