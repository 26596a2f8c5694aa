import COpenSSL
import Glibc

@testable import WebSocketCore

/// A blocking TLS client straight on OpenSSL, which trusts anybody: for what our own client never does.
final class TLSPeer {
    private static let patienceSeconds = 10

    private let context: OpaquePointer
    private let ssl: OpaquePointer
    private let descriptor: Int32

    /// Connects, and does the handshake as far as it goes. `session` is one of before, to be resumed.
    init(
        port: UInt16, version: Int32 = TLS1_3_VERSION, protocols: [String] = [],
        resuming session: OpaquePointer? = nil
    ) throws {
        guard let address = HostAddress.resolve("127.0.0.1", port: port, forListening: false)?.first,
            let context = SSL_CTX_new(TLS_client_method()), let ssl = SSL_new(context)
        else { throw UnexpectedEvent() }
        self.context = context
        self.ssl = ssl
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard address.withPointer({ connect(descriptor, $0, $1) }) == 0 else { throw UnexpectedEvent() }
        SSL_set_fd(ssl, descriptor)
        SSL_ctrl(ssl, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(version), nil)
        SSL_ctrl(ssl, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil)
        let offered = protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        if !offered.isEmpty { SSL_set_alpn_protos(ssl, offered, UInt32(offered.count)) }
        if let session { SSL_set_session(ssl, session) }
        SSL_set_connect_state(ssl)
    }

    deinit {
        // A session whose connection broke off is not to be resumed; this one ends in order.
        SSL_shutdown(ssl)
        SSL_free(ssl)
        SSL_CTX_free(context)
        close(descriptor)
    }

    /// A whole ClientHello, as any client says it.
    static func hello() throws -> [UInt8] {
        guard let context = SSL_CTX_new(TLS_client_method()), let ssl = SSL_new(context),
            let output = BIO_new(BIO_s_mem())
        else { throw UnexpectedEvent() }
        defer {
            SSL_free(ssl)
            SSL_CTX_free(context)
        }
        SSL_set_bio(ssl, BIO_new(BIO_s_mem()), output)
        SSL_set_connect_state(ssl)
        _ = SSL_do_handshake(ssl)
        var start: UnsafeMutablePointer<CChar>?
        let count = lr_bio_bytes(output, &start)
        return UnsafeRawBufferPointer(start: start, count: count).map { $0 }
    }

    /// Whether the handshake succeeds.
    func handshake() -> Bool {
        ERR_clear_error()
        return SSL_do_handshake(ssl) == 1
    }

    /// Why the last call failed.
    func reason() -> String { TLSContext.reason() }

    /// The protocol that the server chose.
    var chosenProtocol: String {
        var start: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &start, &count)
        return String(decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }

    /// Whether a session of before was resumed.
    var isResumed: Bool { SSL_session_reused(ssl) == 1 }

    /// What it takes to come back; the caller frees it.
    func session() -> OpaquePointer? { SSL_get1_session(ssl) }

    /// Sends text; whether all of it left.
    func send(_ text: String) -> Bool {
        ERR_clear_error()
        let bytes = Array(text.utf8)
        return SSL_write(ssl, bytes, Int32(bytes.count)) == Int32(bytes.count)
    }

    /// One read; empty at the end or where it failed.
    func read() -> String {
        ERR_clear_error()
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let got = SSL_read(ssl, &bytes, Int32(bytes.count))
        return got > 0 ? String(decoding: bytes.prefix(Int(got)), as: UTF8.self) : ""
    }

    /// Changes the key, and asks the server to change its own; whether that left.
    func updateKey() -> Bool {
        ERR_clear_error()
        return SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_do_handshake(ssl) == 1
    }

    /// Begins the handshake anew inside the connection, as TLS 1.2 could; whether the server went along.
    func renegotiate() -> Bool {
        ERR_clear_error()
        guard SSL_renegotiate(ssl) == 1, SSL_do_handshake(ssl) == 1 else { return false }
        return send("GET / HTTP/1.1\r\nhost: a\r\n\r\n") && !read().isEmpty
    }
}
