/// What an endpoint wants of `permessage-deflate` (RFC 7692). The values serve both roles: "own" is what this
/// side sends, "peer's" what it receives.
///
/// By default neither side keeps a context: every message is compressed by itself, so that one compressed
/// form serves all connections, and no connection costs memory while nothing is under way.
public struct Compression: Sendable, Equatable {
    /// The values below.
    public init() {}

    /// Whether our messages may refer to earlier ones (context takeover). Costs about 31 KB a connection, and
    /// a compression for each connection and message.
    public var keepsOwnContext = false
    /// Whether the peer's messages may refer to earlier ones. Costs up to 40 KB a connection.
    public var keepsPeerContext = false
    /// Smaller messages leave as they are: below this JSON of ours hardly shrinks.
    public var messageBytesMinimum = 512
    /// Whether binary messages are compressed too; sound never shrinks.
    public var compressesBinary = false

    /// Whether a message is worth the try.
    func concerns(_ frame: SharedFrame) -> Bool {
        guard frame.isCompressible, frame.payload.count >= messageBytesMinimum else { return false }
        return frame.opcode == .text || frame.opcode == .binary && compressesBinary
    }
}
