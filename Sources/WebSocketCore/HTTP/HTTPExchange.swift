/// One request waiting for its answer. Owned by its loop; `id` may travel.
public final class HTTPExchange {
    /// Names this exchange on any loop; see `LoopCore.respond(to:_:)`.
    public let id: ExchangeID
    private unowned let core: LoopCore

    init(id: ExchangeID, core: LoopCore) {
        self.id = id
        self.core = core
    }

    /// The loop of the exchange, to come back to with `id`.
    public var loop: EventLoop {
        core.loop
    }

    /// Answers. Only the first answer counts; later ones, and those to a connection that has gone, are
    /// ignored.
    public func respond(_ response: HTTPResponse) {
        core.respond(to: id, response)
    }
}

/// The name of one exchange; values may cross loops.
public struct ExchangeID: Hashable, Sendable {
    /// The connection it came on.
    public let connection: ConnectionID
    /// Its number on that connection, from 1.
    let number: UInt64
}
