/// A listener, its loops, and on each loop one service.
public final class HTTPServer: Sendable {
    /// What a server needs to know.
    public struct Configuration: Sendable {
        /// Address or name to listen at; `0.0.0.0` for IPv4, `::` or `*` for all of both families, `localhost` for
        /// both loopback addresses.
        public var host: String
        /// TCP port; 0 lets the system choose.
        public var port: UInt16
        /// TLS; nil serves plain HTTP only.
        public var tls: TLSContext?
        /// What a plain connection is told when there is TLS.
        public var plainPolicy: PlainPolicy
        /// Bounds and deadlines.
        public var limits: TransportLimits

        /// All values.
        public init(
            host: String, port: UInt16, tls: TLSContext? = nil, plainPolicy: PlainPolicy = .redirectToTLS,
            limits: TransportLimits = TransportLimits()
        ) {
            self.host = host
            self.port = port
            self.tls = tls
            self.plainPolicy = plainPolicy
            self.limits = limits
        }
    }

    /// The loops that serve, in order; the listener lives on the first.
    public let loops: [EventLoop]
    /// The port that was bound.
    public let boundPort: UInt16
    /// The settings.
    public let configuration: Configuration

    /// Binds, then serves until `stop`. `makeService` runs once on each loop. The loops stay the caller's.
    public init(
        _ configuration: Configuration, loops: [EventLoop],
        makeService: @escaping @Sendable (LoopCore) -> any HTTPService
    ) throws(TransportError) {
        self.configuration = configuration
        self.loops = loops
        boundPort = configuration.port
    }

    /// Stops in order: no new connections; every WebSocket gets this close code; what is queued may leave; what is
    /// left after the deadline is aborted.
    public func stop(closing code: CloseCode, reason: String, flushMilliseconds: UInt64) async {}
}
