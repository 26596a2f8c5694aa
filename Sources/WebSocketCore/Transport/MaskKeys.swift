import CNet

/// Random mask keys for a client's frames (RFC 6455 §5.3 wants them unpredictable), drawn from the system
/// many at a time.
struct MaskKeys {
    /// Keys drawn by one call of the system.
    private static let drawCount = 256

    private var keys: [UInt32] = []

    /// A key that was not used before.
    mutating func next() -> MaskKey {
        if keys.isEmpty {
            keys = Array(repeating: 0, count: Self.drawCount)
            let result = keys.withUnsafeMutableBytes { cnet_random($0.baseAddress, $0.count) }
            precondition(result == 0, "getrandom does not fail once the system has started")
        }
        return MaskKey(rawValue: keys.popLast() ?? 0)
    }
}
