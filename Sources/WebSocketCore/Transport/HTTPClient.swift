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
        completion(.failure(.aborted))
    }
}
