/// The number in a close frame that says why a connection ends (RFC 6455 §7.4).
public struct CloseCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number on the wire.
    public let rawValue: UInt16

    /// A code by its number; whether it may be sent is told by `isSendable`.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// 1000: the purpose is fulfilled.
    public static let normal = CloseCode(rawValue: 1000)
    /// 1001: an endpoint goes away, such as a server that stops.
    public static let goingAway = CloseCode(rawValue: 1001)
    /// 1002: the peer broke RFC 6455.
    public static let protocolError = CloseCode(rawValue: 1002)
    /// 1003: a kind of message that is not accepted here.
    public static let unsupported = CloseCode(rawValue: 1003)
    /// 1005: the close frame held no code. Never on the wire.
    public static let noCode = CloseCode(rawValue: 1005)
    /// 1006: the connection ended without a close frame. Never on the wire.
    public static let abnormal = CloseCode(rawValue: 1006)
    /// 1007: text that is not UTF-8.
    public static let invalidPayload = CloseCode(rawValue: 1007)
    /// 1008: against the endpoint's policy.
    public static let policy = CloseCode(rawValue: 1008)
    /// 1009: a message larger than accepted.
    public static let tooBig = CloseCode(rawValue: 1009)
    /// 1011: the server failed.
    public static let serverFailure = CloseCode(rawValue: 1011)
    /// 1012: the server restarts.
    public static let serviceRestart = CloseCode(rawValue: 1012)
    /// 1013: come back later.
    public static let tryAgainLater = CloseCode(rawValue: 1013)

    /// Whether an endpoint may put this number into a close frame: the registered codes below 1015 except the
    /// three that stand for "nothing was sent", and the ranges for libraries and applications (RFC 6455
    /// §7.4.1 and §7.4.2).
    public var isSendable: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    /// The number as text.
    public var description: String {
        String(rawValue)
    }
}
