/// What a listener with TLS says to a connection that does not begin with a TLS record.
public enum PlainPolicy: Sendable, Equatable {
    /// 308 to the same host and target by https.
    case redirectToTLS
    /// Served like any other.
    case serve
}
