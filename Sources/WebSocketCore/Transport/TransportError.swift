/// Why a listener or loop could not start.
public enum TransportError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Another process listens there.
    case addressInUse(host: String, port: UInt16)
    /// Ports below 1024 want a privilege.
    case permissionDenied(host: String, port: UInt16)
    /// The host name or address is not known.
    case addressUnknown(host: String)
    /// The address is not one of this machine's.
    case addressNotHere(host: String)
    /// The process has no descriptors left.
    case descriptorsExhausted
    /// A descriptor that was handed to us is no listening TCP socket.
    case notListening(descriptor: Int32)
    /// A system call failed in another way; the text is the system's.
    case system(call: String, reason: String)

    /// One English sentence with what to do.
    public var description: String {
        switch self {
        case .addressInUse(let host, let port):
            "Port \(port) on \(host) is in use; stop the other program or choose another port."
        case .permissionDenied(let host, let port):
            "Port \(port) on \(host) needs a privilege; choose a port from 1024 on, or grant CAP_NET_BIND_SERVICE."
        case .addressUnknown(let host):
            "The address \(host) is not known; give an IP address of this machine or a name that resolves to one."
        case .addressNotHere(let host):
            "The address \(host) does not belong to this machine; give one of its own, or 0.0.0.0 for all."
        case .descriptorsExhausted:
            "No file descriptors are left; raise the limit (ulimit -n)."
        case .notListening(let descriptor):
            "Descriptor \(descriptor) is no listening TCP socket; pass stream sockets of IPv4 or IPv6 only."
        case .system(let call, let reason):
            "The system refused \(call): \(reason)."
        }
    }
}
