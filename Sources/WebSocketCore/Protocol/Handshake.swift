import COpenSSL

/// The opening handshake of RFC 6455 §4.
enum Handshake {
    /// What a request is to a server.
    enum Verdict: Equatable {
        /// An ordinary request.
        case notUpgrade
        /// A handshake to be refused with this status.
        case refused(status: Int, reason: String)
        /// A good handshake; the accept key goes into the answer.
        case acceptable(acceptKey: String)
    }

    /// Appended to the client's key before it is digested (§1.3).
    private static let suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// Judges a request (§4.2.1).
    static func judge(_ request: HTTPRequest) -> Verdict {
        guard request.headers.contains("upgrade", token: "websocket") else { return .notUpgrade }
        guard request.method == .get, request.isVersion11, request.body.isEmpty else {
            return .refused(status: 400, reason: "a handshake is a GET without a body")
        }
        guard request.headers.contains("connection", token: "upgrade") else {
            return .refused(status: 400, reason: "Connection lacks upgrade")
        }
        guard request.headers.values("sec-websocket-version") == ["13"] else {
            return .refused(status: 426, reason: "WebSocket version 13 is spoken here")
        }
        let keys = request.headers.values("sec-websocket-key")
        guard keys.count == 1, let key = keys.first, isKey(key) else {
            return .refused(status: 400, reason: "malformed Sec-WebSocket-Key")
        }
        // §9.1: a malformed list of extensions fails the connection.
        guard WebSocketExtension.list(request.headers.values("sec-websocket-extensions")) != nil else {
            return .refused(status: 400, reason: "malformed Sec-WebSocket-Extensions")
        }
        // §4.1 item 10 and §4.2.1: whatever breaks the grammar of a field is refused, not guessed at.
        let offered = request.offeredSubprotocols
        guard areSubprotocols(offered), !offered.isEmpty || request.headers["sec-websocket-protocol"] == nil
        else { return .refused(status: 400, reason: "malformed Sec-WebSocket-Protocol") }
        return .acceptable(acceptKey: acceptKey(for: key))
    }

    /// The proof that a server understood the key (§4.2.2).
    static func acceptKey(for key: String) -> String {
        let text = Array((key + suffix).utf8)
        var digest = [UInt8](repeating: 0, count: 20)
        precondition(lr_sha1(text, text.count, &digest) == 1, "SHA-1 is part of OpenSSL's default provider")
        return base64(digest)
    }

    /// Whether these may be offered (§4.1 item 10): tokens, each once.
    static func areSubprotocols(_ offered: [String]) -> Bool {
        Set(offered).count == offered.count
            && offered.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(HeadReader.isToken) }
    }

    /// Checks a server's answer for a client (§4.1, "the client MUST validate the server's response"); nil
    /// when it is good, else what is wrong. Extensions are for `DeflateAgreement` to read.
    static func fault(in head: ResponseParser.Head, key: String, offered: [String]) -> String? {
        guard head.headers.values("upgrade").map(\.lowercasedASCII) == ["websocket"] else {
            return "Upgrade is not websocket"
        }
        guard head.headers.contains("connection", token: "upgrade") else { return "Connection lacks upgrade" }
        guard head.headers.values("sec-websocket-accept") == [acceptKey(for: key)] else {
            return "wrong Sec-WebSocket-Accept"
        }
        let chosen = head.headers.values("sec-websocket-protocol")
        // §11.3.4: once at most, and one of ours.
        guard chosen.isEmpty || chosen.count == 1 && offered.contains(chosen[0]) else {
            return "subprotocol that was not offered"
        }
        return nil
    }

    /// Base64 with padding (RFC 4648 §4).
    static func base64(_ bytes: [UInt8]) -> String {
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let count = EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
        return String(decoding: text.prefix(Int(count)), as: UTF8.self)
    }

    /// Whether this is base64 of 16 bytes: 22 characters and two pads, the last of which carries only two
    /// bits.
    private static func isKey(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        guard bytes.count == 24, bytes.suffix(2).elementsEqual([0x3D, 0x3D]) else { return false }
        return bytes.prefix(22).allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F: true
            default: false
            }
        }
    }
}
