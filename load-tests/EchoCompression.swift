import WebSocketCore

/// How the echo compresses.
enum EchoCompression: String, CaseIterable {
    case off
    /// Each message by itself, as the class server does.
    case fresh
    /// With what came before in mind, both ways.
    case kept

    /// Everything is compressed, so that everything is judged.
    var settings: Compression? {
        guard self != .off else { return nil }
        var compression = Compression()
        compression.keepsOwnContext = self == .kept
        compression.keepsPeerContext = self == .kept
        compression.messageBytesMinimum = 0
        compression.compressesBinary = true
        return compression
    }

    /// What was said, or `fresh`; nil where it is none of the three.
    init?(said: String?) {
        guard let said else {
            self = .fresh
            return
        }
        self.init(rawValue: said)
    }
}
