import WebSocketCore

extension TransportLimits {
    /// What conformance suites and foreign clients send at most: messages of 16 MiB, 65,536 fragments of one.
    static func echo(_ compression: EchoCompression) -> TransportLimits {
        var limits = TransportLimits()
        limits.messageBytesMaximum = 16 * 1_048_576
        limits.fragmentCountMaximum = 65_536
        // Nothing more is read from a peer that owes us reading, so one message is all that ever waits.
        limits.queueBytesMaximum = 2 * limits.messageBytesMaximum
        // The suite takes a ping of ours for the end of a case, and some of its cases last minutes.
        limits.pingIntervalMilliseconds = UInt64(EchoSettings.secondsMaximum) * 1_000
        limits.compression = compression.settings
        return limits
    }
}
