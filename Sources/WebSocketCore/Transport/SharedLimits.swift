/// Limits in one place for all connections of a server, to which each would else carry a third of a kilobyte.
final class SharedLimits: Sendable {
    let values: TransportLimits

    init(_ values: TransportLimits) {
        self.values = values
    }
}
