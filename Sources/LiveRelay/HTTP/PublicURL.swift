import Synchronization
import WebSocketCore

/// How people reach the server, without a slash at the end: said by the configuration, or by the request that
/// asks, or else as it is known once the port is bound. Set once, then only read.
final class PublicURL: Sendable {
    private final class Text: Sendable {
        let text: String
        init(_ text: String) { self.text = text }
    }

    private let settled = AtomicLazyReference<Text>()
    /// What the configuration says.
    let configured: String?

    /// The address from the configuration; nil where `settle` will say it.
    init(_ configured: String?) {
        self.configured = configured.map(Self.trimmed)
        if let configured { settle(configured) }
    }

    /// Says the address, unless that was done before.
    func settle(_ url: String) {
        _ = settled.storeIfNil(Text(Self.trimmed(url)))
    }

    /// The beginning of links for whoever sent this request: he reached the server by its host.
    func base(for request: HTTPRequest) -> String {
        if let configured { return configured }
        guard let authority = request.authority else { return text }
        return (request.isSecure ? "https://" : "http://") + authority.text
    }

    private static func trimmed(_ url: String) -> String {
        var url = url[...]
        while url.last == "/" { url = url.dropLast() }
        return String(url)
    }

    /// The address; empty before it is known.
    var text: String { settled.load()?.text ?? "" }
}
