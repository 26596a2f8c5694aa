import WebSocketCore

extension TransportLimits {
    /// Many people at many machines, each of whom opens one line.
    static var crowd: TransportLimits {
        var limits = TransportLimits()
        limits.openingsPerAddressMaximum = .max
        return limits
    }
}
