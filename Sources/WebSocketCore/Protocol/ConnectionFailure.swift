/// Why a connection ended, or never came to be, without a closing handshake.
public enum ConnectionFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// Nothing listens at the address.
    case refused
    /// The host name or address is not known.
    case unknownHost(String)
    /// The network gives no way to the address; the text is the system's.
    case unreachable(String)
    /// A deadline passed.
    case timedOut(Deadline)
    /// The far end's certificate is not trusted; the text says why.
    case notTrusted(String)
    /// TLS failed otherwise; the text is OpenSSL's.
    case tls(String)
    /// The server answered the upgrade or request with this HTTP status.
    case httpStatus(Int)
    /// The answer to the upgrade breaks RFC 6455 §4.1, or an HTTP message is malformed; the text says how.
    case badAnswer(String)
    /// The peer broke RFC 6455 and was told this code.
    case protocolViolation(CloseCode)
    /// The peer reads too slowly for the control frames it must get.
    case slowConsumer
    /// The peer ended the stream without a close frame.
    case endOfStream
    /// The system reported the connection broken; the text is the system's.
    case broken(String)
    /// This side called `abort()`, or its loop was shut down.
    case aborted

    /// The deadline that passed.
    public enum Deadline: String, Sendable, Equatable {
        /// Looking up or reaching the host.
        case connect
        /// The TLS handshake.
        case tlsHandshake
        /// The head of a request or answer.
        case head
        /// The body of a request or answer.
        case body
        /// The next request on a kept connection.
        case idle
        /// The pong to our ping, or any other sign of life.
        case pong
        /// The peer's part of the closing handshake.
        case closeHandshake
        /// Bytes that should leave and do not.
        case write
    }

    /// One English phrase for logs and terminals.
    public var description: String {
        switch self {
        case .refused: "connection refused"
        case .unknownHost(let host): "unknown host \(host)"
        case .unreachable(let reason): "unreachable: \(reason)"
        case .timedOut(let deadline): "timed out (\(deadline.rawValue))"
        case .notTrusted(let reason): "certificate not trusted: \(reason)"
        case .tls(let reason): "TLS failed: \(reason)"
        case .httpStatus(let status): "HTTP status \(status)"
        case .badAnswer(let reason): "bad answer: \(reason)"
        case .protocolViolation(let code): "protocol violation (\(code))"
        case .slowConsumer: "slow consumer"
        case .endOfStream: "ended by the peer"
        case .broken(let reason): "connection broken: \(reason)"
        case .aborted: "aborted"
        }
    }
}
