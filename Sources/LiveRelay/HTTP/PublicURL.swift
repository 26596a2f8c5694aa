import Synchronization

/// How people reach the server, without a slash at the end: said by the configuration, or known once the port
/// is bound. Set once, then only read.
final class PublicURL: Sendable {
    private final class Text: Sendable {
        let text: String
        init(_ text: String) { self.text = text }
    }

    private let settled = AtomicLazyReference<Text>()

    /// The address from the configuration; nil where `settle` will say it.
    init(_ configured: String?) {
        if let configured { settle(configured) }
    }

    /// Says the address, unless that was done before.
    func settle(_ url: String) {
        var url = url[...]
        while url.last == "/" { url = url.dropLast() }
        _ = settled.storeIfNil(Text(String(url)))
    }

    /// The address; empty before it is known.
    var text: String { settled.load()?.text ?? "" }
}
