/// One whole request, its body included.
public struct HTTPRequest: Sendable, Equatable {
    /// One `name=value` of the query, both percent-decoded.
    public struct QueryItem: Sendable, Equatable {
        /// What stands before the first `=`.
        public let name: String
        /// What stands after it; empty when there is none.
        public let value: String
    }

    /// What is asked.
    public let method: HTTPMethod
    /// The path, percent-decoded once; begins with `/`, holds no `.` or `..` segment and no control
    /// character.
    public let path: String
    /// The target exactly as received.
    public let rawTarget: String
    /// The query in order.
    public let query: [QueryItem]
    /// The header fields.
    public let headers: HTTPHeaders
    /// The body; empty when there is none.
    public internal(set) var body: [UInt8]
    /// Whether the request came over TLS.
    public internal(set) var isSecure: Bool
    /// The peer's numeric address, without port.
    public internal(set) var peerAddress: String
    /// Whether HTTP/1.1 was spoken (else 1.0).
    let isVersion11: Bool

    /// The first query value of a name.
    public func queryValue(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }

    /// The subprotocols a WebSocket client offers, in its order of preference.
    public var offeredSubprotocols: [String] {
        headers.elements("sec-websocket-protocol")
    }

    /// Whether a browser's page of another origin asks: there is an `Origin` and its host and port are not
    /// the request's own. Without an `Origin` (not a browser) this is false.
    public var isCrossOrigin: Bool {
        guard let origin = headers["origin"] else { return false }
        guard let host = headers["host"], let scheme = origin.range(ofFirst: "://") else { return true }
        return origin[scheme.upperBound...].lowercased() != host.lowercased()
    }
}

extension String {
    /// Where a short ASCII text first stands in this one.
    func range(ofFirst text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) {
                return start..<index(start, offsetBy: text.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
