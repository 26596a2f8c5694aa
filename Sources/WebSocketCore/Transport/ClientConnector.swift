import CNet
import Dispatch

/// The client role of RFC 6455 §4.1.
public enum ClientConnector {
    /// Connects on this loop. The delegate hears `opened`, or `closed` with the failure. `headers` are added
    /// to the handshake; subprotocols are offered in order of preference, and
    /// `Connection.subprotocol` says which was taken. TLS is used when a context is given.
    @discardableResult
    public static func connect(
        to host: String, port: UInt16, tls: TLSContext? = nil, path: String, headers: HTTPHeaders = [:],
        subprotocols: [String] = [], on core: LoopCore, limits: TransportLimits = TransportLimits(),
        delegate: any WebSocketDelegate
    ) -> Connection {
        var fields: HTTPHeaders = [
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
        ]
        let key = makeKey()
        fields.add("Sec-WebSocket-Key", key)
        if !subprotocols.isEmpty {
            fields.add("Sec-WebSocket-Protocol", subprotocols.joined(separator: ", "))
        }
        if let compression = limits.compression {
            fields.add("Sec-WebSocket-Extensions", DeflateAgreement.offer(compression))
        }
        let request = ClientRequest(
            method: .get, host: host, port: port, isSecure: tls != nil, target: path, own: fields,
            added: headers,
            body: [])
        let stage = ClientStage(
            .webSocket(delegate, key: key, subprotocols: subprotocols), requestBytes: request.bytes,
            isHeadRequest: false, limits: limits)
        return begin(
            stage, host: host, port: port, tls: tls, on: core, limits: limits,
            isSound: request.isSound && Handshake.areSubprotocols(subprotocols))
    }

    /// A connection on its way: the host is looked up elsewhere, because that may block.
    static func begin(
        _ stage: ClientStage, host: String, port: UInt16, tls: TLSContext?, on core: LoopCore,
        limits: TransportLimits, isSound: Bool
    ) -> Connection {
        let connection = Connection(
            link: .connecting, stage: stage, site: nil, limits: SharedLimits(limits), peerAddress: host,
            core: core)
        connection.attempt = ConnectionAttempt(host: host, tls: tls)
        connection.linkDeadline = core.now + limits.connectMilliseconds
        guard isSound else {
            connection.kill(.badAnswer("the request is not one that HTTP allows"))
            return connection
        }
        connection.settleDeadline()
        let (id, loop) = (connection.id, core.loop)
        let arrive: @Sendable ([HostAddress]?) -> Void = { addresses in
            loop.execute { core in
                guard let connection = core.connection(id) else { return }
                guard let addresses else { return connection.kill(.unknownHost(host)) }
                connection.connect(addresses)
                connection.settleDeadline()
            }
        }
        if Socket.isNumericAddress(host) {
            arrive(HostAddress.resolve(host, port: port, forListening: false))
        } else {
            DispatchQueue.global().async {
                arrive(HostAddress.resolve(host, port: port, forListening: false))
            }
        }
        return connection
    }

    /// Sixteen random bytes in base64, new for each connection (RFC 6455 §4.1 item 7).
    private static func makeKey() -> String {
        var bytes = [UInt8](repeating: 0, count: 16)
        let result = cnet_random(&bytes, bytes.count)
        precondition(result == 0, "getrandom does not fail once the system has started")
        return Handshake.base64(bytes)
    }
}
