/// What answers requests. One instance lives on each loop and is only called there.
public protocol HTTPService: AnyObject {
    /// The largest body accepted, in bytes; a larger one is answered 413 before it is read.
    func bodyBytesMaximum(method: HTTPMethod, path: String) -> Int

    /// Answers a request by `exchange.respond`, now or later on this loop.
    func respond(to request: HTTPRequest, _ exchange: HTTPExchange)

    /// Decides on a well-formed WebSocket handshake.
    func upgrade(_ request: HTTPRequest, _ connection: Connection) -> UpgradeDecision
}

extension HTTPService {
    /// 64 KiB: forms and small JSON.
    public func bodyBytesMaximum(method: HTTPMethod, path: String) -> Int {
        65_536
    }
}

/// What a service says to a WebSocket handshake.
public enum UpgradeDecision {
    /// Becomes a WebSocket; the subprotocol, if any, must be one the client offered.
    case accept(subprotocol: String?, delegate: any WebSocketDelegate)
    /// Is answered and stays HTTP.
    case refuse(HTTPResponse)
}
