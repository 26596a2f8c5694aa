/// What a connection speaks at the moment: HTTP as a server, HTTP as a client, or WebSocket. The connection
/// owns the socket, TLS and the queue; the stage owns the protocol.
protocol ConnectionStage: AnyObject {
    /// Whether more bytes may be handed over.
    var wantsBytes: Bool { get }
    /// When `timeout` wants to be called.
    var nextDeadline: UInt64? { get }

    /// The socket is connected and TLS, if any, is done.
    func established(_ connection: Connection)
    /// Takes bytes from `position` on. What is left is offered again, to the stage that is then in place.
    func receive(_ input: Span<UInt8>, _ position: inout Int, _ connection: Connection)
    /// The peer has ended its stream.
    func peerEnded(_ connection: Connection)
    /// Bytes have left a queue that was full.
    func progressed(_ connection: Connection)
    /// `nextDeadline` has passed.
    func timeout(_ connection: Connection)
    /// The connection is gone. The last call.
    func failed(_ failure: ConnectionFailure, _ connection: Connection)
}
