import Glibc

/// What counts as one where peers are counted: an IPv4 address, or the /64 of an IPv6 address, since every
/// home has that many.
public struct PeerNetwork: Hashable, Sendable, CustomStringConvertible {
    /// Longest text that is kept of an address that is no number.
    private static let textBytesMaximum = 64

    /// `192.0.2.7`, or `2001:db8:1:2::/64`.
    public let description: String

    /// The network of a numeric address; a zone is ignored, and an IPv4 address inside IPv6 counts as itself.
    public init(of address: String) {
        let plain = address.prefix { $0 != "%" }
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, String(plain), &bytes) == 1 else {
            description = String(plain.prefix(Self.textBytesMaximum))
            return
        }
        let isMapped = bytes[0..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        guard !isMapped else {
            description = bytes[12...].map(String.init).joined(separator: ".")
            return
        }
        let groups = stride(from: 0, to: 8, by: 2).map {
            String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16)
        }
        description = groups.joined(separator: ":") + "::/64"
    }
}
