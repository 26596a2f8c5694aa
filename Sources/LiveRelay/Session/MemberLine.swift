import WebSocketCore

/// One connection as those see it who send to it.
protocol MemberLine: AnyObject {
    /// Whether frames may still be sent.
    var isOpen: Bool { get }
    /// Sends a frame, or queues it when the far end does not keep up.
    func send(_ frame: SharedFrame, _ dropClass: DropClass)
    /// Begins the closing handshake.
    func close(_ code: CloseCode, reason: String)
    /// What the far end was sent since this was last asked.
    func takeSentBytes() -> SentBytes
}

/// The connections of one loop.
protocol MemberLines: AnyObject {
    associatedtype Line: MemberLine
    /// The connection of this name while it lives.
    func line(_ id: ConnectionID) -> Line?
    /// Sends one frame to many connections.
    func send(_ frame: SharedFrame, to lines: ContiguousArray<Line>, _ dropClass: DropClass)
    /// Calls once everything is heard that waits for this loop now.
    func atEndOfTurn(_ call: @escaping () -> Void)
    /// What is sent meanwhile leaves together afterwards.
    func corked(_ work: () -> Void)
}

extension Connection: MemberLine {}

extension LoopCore: MemberLines {
    func line(_ id: ConnectionID) -> Connection? { connection(id) }
}

/// How old sound may become while it waits.
enum MediaAge {
    /// Stale sound is worth less than the sound that follows it; a reader this far behind jumps to live.
    static let mediaQueueAgeMaximumMilliseconds: UInt64 = 3_000
}
