/// Host and port as a request names them (RFC 9110 §7.2, RFC 3986 §3.2).
public struct Authority: Sendable, Hashable {
    /// Lower case; an IPv6 address in its brackets.
    public let host: String
    /// The port, where one is named.
    public let port: UInt16?

    /// The longest name of DNS (RFC 1035 §2.3.4) fits, and any address.
    private static let hostBytesMaximum = 255

    /// Reads `host`, `host:port` or `[address]:port`; nil for anything else, such as a name with a user, a
    /// percent escape or nothing at all (RFC 9110 §4.2.1 wants a host).
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        let end: Int
        if bytes.first == 0x5B {
            // No zone: it means nothing to anybody else.
            guard let close = bytes.firstIndex(of: 0x5D), !bytes[..<close].contains(0x25),
                bytes[..<close].contains(0x3A),
                IPAddress(String(decoding: bytes[1..<close], as: UTF8.self)) != nil
            else { return nil }
            end = close + 1
        } else {
            end = bytes.firstIndex(of: 0x3A) ?? bytes.count
            guard bytes[..<end].allSatisfy(Self.isNameByte) else { return nil }
        }
        guard end > 0, end <= Self.hostBytesMaximum else { return nil }
        host = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
        guard end < bytes.count else {
            port = nil
            return
        }
        let digits = bytes[(end + 1)...]
        guard bytes[end] == 0x3A, digits.allSatisfy({ (0x30...0x39).contains($0) }), digits.count <= 5 else {
            return nil
        }
        // RFC 3986 §3.2.3: an empty port is none.
        guard !digits.isEmpty else {
            port = nil
            return
        }
        guard let port = UInt16(String(decoding: digits, as: UTF8.self)) else { return nil }
        self.port = port
    }

    /// As it stands in a URL.
    public var text: String {
        port.map { "\(host):\($0)" } ?? host
    }

    /// The host where it is an address and no name.
    public var address: IPAddress? {
        IPAddress(host.first == "[" ? String(host.dropFirst().dropLast()) : host)
    }

    /// Of names of hosts, and of nodes that hide theirs (RFC 7239 §6.3).
    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }
}
