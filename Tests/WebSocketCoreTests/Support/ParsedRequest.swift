import Testing

@testable import WebSocketCore

/// The one request in a text; a test that has none ends there.
func parsed(_ text: String, location: SourceLocation = #_sourceLocation) -> HTTPRequest {
    var parser = RequestParser(limits: TransportLimits())
    let bytes = Array(text.utf8)
    var position = 0
    do throws(HTTPViolation) {
        while true {
            switch try parser.step(bytes.span, &position) {
            case .head: parser.bodyBytesMaximum = .max
            case .complete(let request): return request
            case .needsMore: throw .bad("cut off")
            }
        }
    } catch {
        Issue.record("\(error.reason): \(text)", sourceLocation: location)
        return HTTPRequest(
            method: .get, path: "/", rawTarget: "/", query: [], headers: [:], authority: nil, body: [],
            isSecure: false, peerAddress: "", isVersion11: true)
    }
}

/// A GET with these fields beside `Host`.
func parsed(_ fields: [(String, String)], location: SourceLocation = #_sourceLocation) -> HTTPRequest {
    let text = fields.map { "\($0): \($1)\r\n" }.joined()
    return parsed("GET / HTTP/1.1\r\nhost: a\r\n\(text)\r\n", location: location)
}
