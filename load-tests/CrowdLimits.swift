import WebSocketCore

extension TransportLimits {
    /// Many people at many machines, each of whom opens one line.
    static var crowd: TransportLimits {
        var limits = TransportLimits()
        limits.openingsPerAddressMaximum = .max
        // Thousands at once share one processor here: it is the relay's patience that is to be judged.
        limits.tlsHandshakeMilliseconds = 60_000
        return limits
    }
}
