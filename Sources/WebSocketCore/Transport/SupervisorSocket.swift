import CNet

/// Where whoever runs the service hears of it (sd_notify(3)): datagrams of `KEY=VALUE` lines to a Unix
/// socket. What cannot be delivered is lost: a service does not fail because nobody listens.
public struct SupervisorSocket: Sendable, Equatable {
    /// A path, or a name in the abstract namespace after an `@`.
    public let address: String

    /// A place to tell; nil for anything that is neither a path nor an abstract name.
    public init?(address: String) {
        guard address.utf8.count > 1, address.hasPrefix("/") || address.hasPrefix("@") else { return nil }
        self.address = address
    }

    /// Tells one thing or several, a line each.
    public func tell(_ lines: String...) {
        _ = cnet_send_datagram(address, lines.joined(separator: "\n"))
    }
}
