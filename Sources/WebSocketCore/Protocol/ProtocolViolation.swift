/// A peer that broke RFC 6455. The connection is told the code and ends (§7.1.7).
struct ProtocolViolation: Error, Equatable {
    /// What the peer is told.
    let code: CloseCode
    /// A short English phrase for logs and for the close frame.
    let reason: String
}
