/// The answer to one request while it is being made and sent.
final class HTTPAnswer {
    /// The exchange's number on its connection.
    let number: UInt64
    /// What was asked.
    let request: HTTPRequest
    /// Whether the connection goes on after it.
    var keepsAlive: Bool
    /// Whether the service has answered.
    var isAnswered = false
    /// Whether the last bytes known so far have been handed to the queue.
    var isQueued = false
    /// The file that follows the head.
    var stream: FileStream?

    init(number: UInt64, request: HTTPRequest, keepsAlive: Bool) {
        self.number = number
        self.request = request
        self.keepsAlive = keepsAlive
    }

    /// Whether everything is in the queue.
    var isWritten: Bool {
        isQueued && (stream?.isRead ?? true)
    }

    /// Whether only the head is sent (RFC 9110 §9.3.2, §15.3.5, §15.4.5).
    func isBodyless(_ status: Int) -> Bool {
        request.method == .head || status == 204 || status == 304
    }

    /// The head's bytes. Fields of the service that could end a line are left out.
    func head(_ response: HTTPResponse, length: UInt64, _ connection: Connection) -> [UInt8] {
        var text = "HTTP/1.1 \(response.status) \(HTTPResponse.phrase(response.status))\r\n"
        for field in response.headers.fields where Self.isSafe(field) {
            text += "\(field.name): \(field.value)\r\n"
        }
        text += "date: \(connection.core.dateField.value())\r\n"
        if response.status != 204, response.status != 304 || length > 0 {
            text += "content-length: \(length)\r\n"
        }
        // RFC 9110 §7.8: whoever names a protocol in Upgrade says so in Connection too.
        var options = response.headers["upgrade"] == nil ? [] : ["upgrade"]
        if !keepsAlive {
            options.append("close")
        } else if !request.isVersion11 {
            options.append("keep-alive")
        }
        if !options.isEmpty { text += "connection: \(options.joined(separator: ", "))\r\n" }
        return Array((text + "\r\n").utf8)
    }

    /// Length, connection and date are this type's own.
    private static let ownFields = ["content-length", "connection", "date", "transfer-encoding"]

    private static func isSafe(_ field: HTTPHeaders.Field) -> Bool {
        !field.name.isEmpty && field.name.utf8.allSatisfy(HeadReader.isToken)
            && !ownFields.contains(field.name)
            && field.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }
}
