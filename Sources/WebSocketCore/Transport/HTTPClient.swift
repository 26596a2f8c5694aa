/// One request to an HTTP server, for the terminal.
public enum HTTPClient {
    /// A whole answer.
    public struct Answer: Sendable, Equatable {
        /// The status code.
        public let status: Int
        /// The header fields.
        public let headers: HTTPHeaders
        /// The body.
        public let body: [UInt8]
    }

    /// Sends one request and closes the connection; `completion` is called once, on this loop.
    public static func request(
        _ method: HTTPMethod, host: String, port: UInt16, tls: TLSContext? = nil, target: String,
        headers: HTTPHeaders = [:], body: [UInt8] = [], on core: LoopCore,
        limits: TransportLimits = TransportLimits(),
        completion: @escaping (Result<Answer, ConnectionFailure>) -> Void
    ) {
        let request = ClientRequest(
            method: method, host: host, port: port, isSecure: tls != nil, target: target,
            own: ["Connection": "close"], added: headers, body: body)
        let stage = ClientStage(
            .request(completion), requestBytes: request.bytes, isHeadRequest: method == .head, limits: limits)
        _ = ClientConnector.begin(
            stage, host: host, port: port, tls: tls, on: core, limits: limits, isSound: request.isSound)
    }
}
