import Foundation

/// Where a relay listens: `https://HOST[:PORT]`, or `http://` behind a proxy on the same machine.
public struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
    /// Where `liverelay serve` listens when nothing else is said.
    public static let standardPort: UInt16 = 8_443
    /// A name or a numeric address.
    public let host: String
    /// The TCP port.
    public let port: UInt16
    /// Whether TLS is spoken.
    public let isSecure: Bool

    /// An address of its parts.
    public init(host: String, port: UInt16, isSecure: Bool = true) {
        self.host = host
        self.port = port
        self.isSecure = isSecure
    }

    /// The address of a URL; nil where the text is none. Without a port it is 443, or 80 without TLS.
    public init?(_ text: String) {
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
            let scheme = parts.scheme?.lowercased(), ["https", "http", "wss", "ws"].contains(scheme)
        else { return nil }
        isSecure = scheme == "https" || scheme == "wss"
        if let number = parts.port {
            guard let port = UInt16(exactly: number), port > 0 else { return nil }
            self.port = port
        } else {
            port = isSecure ? 443 : 80
        }
        self.host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    }

    /// The URL.
    public var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        let isUsual = port == (isSecure ? 443 : 80)
        return "\(isSecure ? "https" : "http")://\(name)\(isUsual ? "" : ":\(port)")"
    }
}
