import CNet
import Glibc

/// Bound and listening descriptors, one for each address of the host. Closed when nobody holds them any more;
/// a server works on copies, so whoever keeps this keeps the port, and connections wait there meanwhile.
public final class ListeningSockets: Sendable {
    /// Connections that wait for accept; the kernel caps it by net.core.somaxconn.
    private static let backlog: Int32 = 4_096
    /// Tries to find one port free on all addresses when the system chooses.
    private static let portTriesMaximum = 16

    /// More addresses than this has no machine that serves classes; the rest of what a supervisor passes on
    /// is a mistake.
    public static let countMaximum = 16

    /// The descriptors.
    let descriptors: [Int32]
    /// The port they share; that of the first where a supervisor bound several.
    public let port: UInt16

    private init(descriptors: [Int32], port: UInt16) {
        self.descriptors = descriptors
        self.port = port
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }

    /// Takes over descriptors that another process bound and listens with. Throws `notListening` when one of
    /// them is anything else; none is closed then.
    public static func adopt(_ descriptors: [Int32]) throws(TransportError) -> ListeningSockets {
        guard let first = descriptors.first, descriptors.count <= countMaximum else {
            throw .notListening(descriptor: -1)
        }
        for descriptor in descriptors where cnet_adopt_listening(descriptor) != 0 {
            throw .notListening(descriptor: descriptor)
        }
        return ListeningSockets(descriptors: descriptors, port: Socket.localPort(first) ?? 0)
    }

    /// Whether only programs of this machine reach them.
    public var isLoopbackOnly: Bool {
        descriptors.allSatisfy { IPAddress(Socket.localAddress($0))?.isLoopback == true }
    }

    /// Copies for a listener, which closes them when it stops.
    func copies() throws(TransportError) -> [Int32] {
        var copies: [Int32] = []
        for descriptor in descriptors {
            let copy = cnet_duplicate(descriptor)
            guard copy >= 0 else {
                let number = errno
                for copy in copies { close(copy) }
                throw .failed("dup", number)
            }
            copies.append(copy)
        }
        return copies
    }

    /// Binds. `*` and the empty host mean every address of both families.
    public static func bind(host: String, port: UInt16) throws(TransportError) -> ListeningSockets {
        let isAll = host.isEmpty || host == "*" || host == "::"
        if isAll, let sockets = try bindDual(host: host, port: port) { return sockets }
        let name = isAll ? "0.0.0.0" : host
        guard let addresses = HostAddress.resolve(name, port: port, forListening: true) else {
            throw .addressUnknown(host: host)
        }
        for attempt in 1...portTriesMaximum {
            do throws(TransportError) {
                return try bind(addresses, host: host, port: port)
            } catch {
                guard port == 0, attempt < portTriesMaximum, case .addressInUse = error else { throw error }
            }
        }
        throw .addressInUse(host: host, port: port)
    }

    /// One IPv6 socket that takes IPv4 as well; nil on a machine without IPv6.
    private static func bindDual(host: String, port: UInt16) throws(TransportError) -> ListeningSockets? {
        guard let address = HostAddress.resolve("::", port: port, forListening: true)?.first else {
            return nil
        }
        do throws(TransportError) {
            let descriptor = try listen(address, host: host, port: port, ipv6Only: false)
            return ListeningSockets(descriptors: [descriptor], port: Socket.localPort(descriptor) ?? port)
        } catch {
            switch error {
            case .system, .addressNotHere: return nil
            case .addressInUse, .permissionDenied, .addressUnknown, .descriptorsExhausted, .notListening:
                throw error
            }
        }
    }

    private static func bind(
        _ addresses: [HostAddress], host: String, port: UInt16
    ) throws(TransportError) -> ListeningSockets {
        var descriptors: [Int32] = []
        var bound = port
        var firstFailure: TransportError?
        for address in addresses {
            do throws(TransportError) {
                let descriptor = try listen(
                    address.with(port: bound), host: host, port: bound, ipv6Only: true)
                descriptors.append(descriptor)
                bound = Socket.localPort(descriptor) ?? bound
            } catch {
                // `localhost` may name ::1 on a machine without IPv6; one address is enough then.
                if case .addressNotHere = error, addresses.count > 1 {
                    firstFailure = firstFailure ?? error
                    continue
                }
                for descriptor in descriptors { close(descriptor) }
                throw error
            }
        }
        guard !descriptors.isEmpty else { throw firstFailure ?? .addressNotHere(host: host) }
        return ListeningSockets(descriptors: descriptors, port: bound)
    }

    private static func listen(
        _ address: HostAddress, host: String, port: UInt16, ipv6Only: Bool
    ) throws(TransportError) -> Int32 {
        let descriptor = cnet_stream_socket(address.family)
        guard descriptor >= 0 else {
            throw errno == EAFNOSUPPORT ? .addressNotHere(host: host) : .failed("socket", errno)
        }
        guard cnet_prepare_listening(descriptor, address.family, ipv6Only ? 1 : 0) == 0,
            address.withPointer({ Glibc.bind(descriptor, $0, $1) }) == 0,
            Glibc.listen(descriptor, backlog) == 0
        else {
            let number = errno
            close(descriptor)
            switch number {
            case EADDRINUSE: throw .addressInUse(host: host, port: port)
            case EACCES, EPERM: throw .permissionDenied(host: host, port: port)
            case EADDRNOTAVAIL: throw .addressNotHere(host: host)
            default: throw .failed("bind", number)
            }
        }
        return descriptor
    }
}
