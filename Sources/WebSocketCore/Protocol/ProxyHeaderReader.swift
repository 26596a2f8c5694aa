/// Reads the PROXY header of version 2 with which a proxy begins a connection (its specification is
/// `proxy-protocol.txt` of HAProxy). Version 1 is refused: its lines end where the proxy likes.
struct ProxyHeaderReader: Equatable {
    /// What the header says.
    enum Verdict: Equatable {
        /// The proxy speaks for this client.
        case client(IPAddress)
        /// The proxy speaks for itself (LOCAL), or for somebody without an address (UNSPEC).
        case peer
    }

    /// What comes next.
    enum Step: Equatable {
        /// So many bytes more, and not one beyond: they belong to the client.
        case needs(Int)
        case done(Verdict)
        /// No header, or none that is understood: the connection is to be ended (§2.2).
        case malformed
    }

    private static let signature: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]
    /// Signature, version, family and length.
    private static let prefixBytes = 16
    /// Addresses and additions after the prefix; with a client's certificate some hundreds.
    private static let restBytesMaximum = 4_096

    private var bytes: [UInt8] = []

    /// How many bytes may be read next.
    var next: Step {
        guard bytes.prefix(Self.signature.count).elementsEqual(Self.signature.prefix(bytes.count)) else {
            return .malformed
        }
        guard bytes.count >= Self.prefixBytes else { return .needs(Self.prefixBytes - bytes.count) }
        guard restBytes <= Self.restBytesMaximum else { return .malformed }
        let missing = Self.prefixBytes + restBytes - bytes.count
        return missing > 0 ? .needs(missing) : judge()
    }

    /// Takes bytes, at most as many as were asked for.
    mutating func take(_ more: some Sequence<UInt8>) {
        bytes += more
    }

    private var restBytes: Int {
        Int(bytes[14]) << 8 | Int(bytes[15])
    }

    private func judge() -> Step {
        let rest = bytes[Self.prefixBytes...]
        switch (bytes[12], bytes[13]) {
        // LOCAL: whatever follows is not looked at.
        case (0x20, _): return .done(.peer)
        // PROXY without a family.
        case (0x21, 0x00): return .done(.peer)
        // TCP over IPv4: two addresses, two ports.
        case (0x21, 0x11): return client(rest.prefix(4), of: rest, atLeast: 12)
        // TCP over IPv6.
        case (0x21, 0x21): return client(rest.prefix(16), of: rest, atLeast: 36)
        default: return .malformed
        }
    }

    private func client(_ address: ArraySlice<UInt8>, of rest: ArraySlice<UInt8>, atLeast count: Int) -> Step
    {
        guard rest.count >= count, let address = IPAddress(bytes: address) else { return .malformed }
        return .done(.client(address))
    }
}
