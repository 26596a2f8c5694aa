import CNet
import Glibc

/// One address of a host with its port, as the system's calls want it.
struct HostAddress: Sendable, Equatable {
    /// AF_INET or AF_INET6.
    let family: Int32
    /// The sockaddr.
    let bytes: [UInt8]

    /// The addresses of a host name or numeric address, in the system's order. May block on a name server.
    static func resolve(_ host: String?, port: UInt16, forListening: Bool) -> [HostAddress]? {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = forListening ? AI_PASSIVE : 0
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0 else { return nil }
        defer { freeaddrinfo(found) }
        var addresses: [HostAddress] = []
        var next = found
        while let entry = next?.pointee {
            if let start = entry.ai_addr, entry.ai_family == AF_INET || entry.ai_family == AF_INET6 {
                let bytes = UnsafeRawBufferPointer(start: start, count: Int(entry.ai_addrlen)).map { $0 }
                let address = HostAddress(family: entry.ai_family, bytes: bytes)
                if !addresses.contains(address) { addresses.append(address) }
            }
            next = entry.ai_next
        }
        return addresses.isEmpty ? nil : addresses
    }

    /// The same address with another port (network byte order, second and third byte of either sockaddr).
    func with(port: UInt16) -> HostAddress {
        var bytes = bytes
        bytes[2] = UInt8(port >> 8)
        bytes[3] = UInt8(port & 0xFF)
        return HostAddress(family: family, bytes: bytes)
    }

    /// Calls with the address as the system wants it.
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { preconditionFailure("an address has bytes") }
            return body(start.assumingMemoryBound(to: sockaddr.self), socklen_t(buffer.count))
        }
    }
}
