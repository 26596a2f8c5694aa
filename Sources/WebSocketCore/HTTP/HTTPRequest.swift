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
    public internal(set) var headers: HTTPHeaders
    /// The host that was asked, as the client or a trusted proxy said; nil only in HTTP/1.0.
    public internal(set) var authority: Authority?
    /// The body; empty when there is none.
    public internal(set) var body: [UInt8]
    /// Whether the client came over TLS, to this server or to a trusted proxy.
    public internal(set) var isSecure: Bool
    /// The client's numeric address, without port: the peer's, or what a trusted proxy says.
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

    /// The one `Origin` of the request; nil where there is none, several, or `null`.
    public var origin: WebOrigin? {
        let given = headers.values("origin")
        return given.count == 1 ? WebOrigin(given[0]) : nil
    }

    /// Whether a browser's page of another origin asks: there is an `Origin` and its host and port are not
    /// the request's own. Without an `Origin` (not a browser) this is false. A page without TLS is another
    /// origin than a server with it; the other way round a proxy may have taken TLS off.
    public var isCrossOrigin: Bool {
        guard headers["origin"] != nil else { return false }
        guard let origin, let authority, !isSecure || origin.scheme == "https" else { return true }
        let port = authority.port ?? WebOrigin.standardPort(origin.scheme)
        return origin.host != authority.host || origin.port != port
    }
}

extension StringProtocol {
    /// Where a short ASCII text first stands in this one.
    func range(ofFirst text: String) -> Range<Index>? {
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
