/// The parameters of one `permessage-deflate` element (RFC 7692 §7.1), each well formed and at most once.
struct DeflateParameters: Equatable, Sendable {
    /// The extension's name.
    static let extensionName = "permessage-deflate"
    /// §7.1.2: a window has 2^8 to 2^15 bytes.
    static let windowBitsRange = 8...15

    /// A limit of the client's window, as an offer may say it (§7.1.2.2).
    enum ClientWindow: Equatable, Sendable {
        /// The client would obey a limit.
        case limitable
        /// The client uses no more than this.
        case limited(Int)
    }

    /// The server compresses each message by itself (§7.1.1.1).
    var serverNoContextTakeover = false
    /// The client does (§7.1.1.2).
    var clientNoContextTakeover = false
    /// The server's window (§7.1.2.1).
    var serverMaxWindowBits: Int?
    /// The client's window; an answer always gives a number.
    var clientMaxWindow: ClientWindow?

    /// No parameters.
    init() {}

    /// The parameters of an offer or an answer. Nil for an unknown name, a doubled one, or a bad value: a
    /// server declines such an offer, a client fails such a connection (§7.1).
    init?(_ element: WebSocketExtension, isOffer: Bool) {
        guard element.name == Self.extensionName else { return nil }
        for parameter in element.parameters {
            switch (parameter.name, parameter.value) {
            case ("server_no_context_takeover", nil) where !serverNoContextTakeover:
                serverNoContextTakeover = true
            case ("client_no_context_takeover", nil) where !clientNoContextTakeover:
                clientNoContextTakeover = true
            case ("server_max_window_bits", let value?) where serverMaxWindowBits == nil:
                guard let bits = Self.windowBits(value) else { return nil }
                serverMaxWindowBits = bits
            case ("client_max_window_bits", let value?) where clientMaxWindow == nil:
                guard let bits = Self.windowBits(value) else { return nil }
                clientMaxWindow = .limited(bits)
            case ("client_max_window_bits", nil) where clientMaxWindow == nil && isOffer:
                clientMaxWindow = .limitable
            case _: return nil
            }
        }
    }

    /// The element as it stands in a field.
    var text: String {
        var text = Self.extensionName
        if serverNoContextTakeover { text += "; server_no_context_takeover" }
        if clientNoContextTakeover { text += "; client_no_context_takeover" }
        if let serverMaxWindowBits { text += "; server_max_window_bits=\(serverMaxWindowBits)" }
        switch clientMaxWindow {
        case .limited(let bits): text += "; client_max_window_bits=\(bits)"
        case .limitable: text += "; client_max_window_bits"
        case nil: break
        }
        return text
    }

    /// A decimal number without leading zeroes (§7.1.2.1).
    private static func windowBits(_ value: String) -> Int? {
        windowBitsRange.first { String($0) == value }
    }
}
