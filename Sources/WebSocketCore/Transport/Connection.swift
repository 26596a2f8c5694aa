/// One socket on its loop: first HTTP, then, after an upgrade, a WebSocket. Not `Sendable`; `id` may travel.
public final class Connection {
    /// Names the connection in the whole process.
    public let id: ConnectionID
    /// The far end's numeric address, without port.
    public let peerAddress: String
    /// Whether TLS carries it.
    public private(set) var isSecure = false
    /// The subprotocol agreed on.
    public private(set) var subprotocol: String?
    /// The loop's core.
    public unowned let core: LoopCore

    init(id: ConnectionID, peerAddress: String, core: LoopCore) {
        self.id = id
        self.peerAddress = peerAddress
        self.core = core
    }

    /// Whether frames may still be sent: the upgrade is done and no close frame has gone out.
    public var isOpen: Bool { false }

    /// Sends a frame, or queues it when the socket is full. Ignored when the connection is not open.
    public func send(_ frame: SharedFrame, _ dropClass: DropClass) {}

    /// Begins the closing handshake: what is queued as control goes first. Ignored when already closing.
    public func close(_ code: CloseCode, reason: String) {}

    /// Ends the connection at once, without a closing handshake. The delegate hears it before the turn is over.
    public func abort() {}

    /// Bytes waiting for the socket.
    public var queuedBytes: Int { 0 }

    /// Media frames dropped since the connection opened.
    public var droppedMediaCount: Int { 0 }

    /// The last measured round trip of a ping; nil before the first pong.
    public var roundTripMilliseconds: UInt64? { nil }

    /// Stops reading until `resumeReading()`: the peer is held back by TCP.
    public func pauseReading() {}

    /// Reads on, from the next turn.
    public func resumeReading() {}

    func respond(_ number: UInt64, _ response: HTTPResponse) {}
}
