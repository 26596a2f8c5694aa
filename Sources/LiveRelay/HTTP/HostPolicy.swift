import Glibc
import WebSocketCore

/// Which host names a request may ask for, and from which other sites pages may act.
///
/// A page of another house can have its own name point at this server (DNS rebinding) and would then count as
/// ours. An address cannot be pointed elsewhere, so addresses are always right. Names are checked where it is
/// known which are right: the server hears this machine only, or somebody listed them. A public URL is the
/// name for links and no list: it alone shuts nobody out. Otherwise any name is right, since a school may
/// call the server as it likes; what such a page could do is no more than any stranger on the network may:
/// every right is in a token that browsers keep for one name.
struct HostPolicy: Sendable {
    /// Names in lower case; nil where any is right.
    private let names: Set<String>?
    private let origins: Set<WebOrigin>

    /// Any name, no other site.
    static let open = HostPolicy(names: nil, origins: [])

    private init(names: Set<String>?, origins: Set<WebOrigin>) {
        self.names = names
        self.origins = origins
    }

    /// What follows from a configuration that was checked. `isLoopbackOnly`: nobody else can reach the
    /// sockets.
    init(_ configuration: Configuration, isLoopbackOnly: Bool) {
        let publicOrigin = configuration.publicURL.flatMap { WebOrigin(Self.withoutPath($0)) }
        origins = Set(
            configuration.allowedOrigins.compactMap { WebOrigin($0) } + [publicOrigin].compactMap { $0 })
        let isOpen = configuration.allowedHosts.contains(Configuration.anyHost)
        guard isLoopbackOnly || !configuration.allowedHosts.isEmpty, !isOpen else {
            names = nil
            return
        }
        let machine = Self.machineName()
        let known = configuration.allowedHosts + [configuration.host, machine, machine + ".local"]
        names = Set((known + [publicOrigin?.host].compactMap { $0 }).map(Self.plain))
    }

    /// Whether a request may ask for this host. HTTP/1.0 may name none, and no browser speaks it.
    func admits(_ authority: Authority?) -> Bool {
        guard let names, let authority, authority.address == nil else { return true }
        let name = Self.plain(authority.host)
        return name == "localhost" || name.hasSuffix(".localhost") || names.contains(name)
    }

    /// Whether a page of another site asks, and none that is allowed to.
    func isForeign(_ request: HTTPRequest) -> Bool {
        request.isCrossOrigin && !(request.origin.map(origins.contains) ?? false)
    }

    /// Without the dot of the root and without capitals.
    private static func plain(_ name: String) -> String {
        let name = name.lowercased()
        return name.hasSuffix(".") ? String(name.dropLast()) : name
    }

    /// A URL up to its path.
    private static func withoutPath(_ url: String) -> String {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        return parts.prefix(3).joined(separator: "/")
    }

    private static func machineName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return name.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "localhost" }
    }
}
