/// A range of addresses: `10.0.0.0/8`, `2001:db8::/32`, or one address.
public struct IPNetwork: Sendable, Hashable {
    private let address: IPAddress
    /// Leading bits that count, of 128.
    private let prefixBits: Int

    /// Reads an address with or without the count of its leading bits; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress($0) }), !text.contains("%") else { return nil }
        let most = address.isIPv4 && !parts[0].contains(":") ? 32 : 128
        var bits = most
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let given = Int(parts[1]),
                (0...most).contains(given)
            else { return nil }
            bits = given
        }
        self.address = address
        prefixBits = 128 - most + bits
    }

    /// Whether an address lies in it.
    public func contains(_ other: IPAddress) -> Bool {
        let (high, low) = (address.high ^ other.high, address.low ^ other.low)
        // A shift by the width of the number gives nothing, which is what no leading bits mean.
        return high >> UInt64(64 - min(prefixBits, 64)) == 0
            && low >> UInt64(64 - max(prefixBits - 64, 0)) == 0
    }
}
