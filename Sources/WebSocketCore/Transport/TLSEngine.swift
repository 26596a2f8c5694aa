import COpenSSL

/// One TLS connection over a descriptor it does not own. The only type that touches `SSL`.
final class TLSEngine {
    /// How far the handshake came.
    enum Handshake: Equatable {
        case done
        case wantsRead
        case wantsWrite
        case failed(ConnectionFailure)
    }

    /// What a read gave.
    enum Read: Equatable {
        case bytes(Int)
        case wouldBlock
        case end
        case failed(String)
    }

    /// What became of a write.
    enum Write: Equatable {
        case sent(Int)
        /// The same bytes must be offered again.
        case wouldBlock
        case failed(String)
    }

    /// What one step of a handshake may read: the largest flight of a client, with a certificate, has less.
    private static let handshakeBytesPerStep = 65_536

    private let context: TLSContext
    private let ssl: OpaquePointer

    /// A server's or client's side. A client names the host for SNI and, with system trust, for the check.
    init(_ context: TLSContext, descriptor: Int32, expecting host: String?) throws(TLSError) {
        ERR_clear_error()
        guard let ssl = SSL_new(context.pointer) else { throw .library(TLSContext.reason()) }
        self.context = context
        self.ssl = ssl
        guard lr_ssl_attach(ssl, context.method, descriptor) == 1 else { throw .library(TLSContext.reason()) }
        guard let host else {
            SSL_set_accept_state(ssl)
            return
        }
        SSL_set_connect_state(ssl)
        guard lr_ssl_expect_host(ssl, host, Socket.isNumericAddress(host) ? 1 : 0) == 1 else {
            throw .library(TLSContext.reason())
        }
    }

    deinit {
        SSL_free(ssl)
    }

    /// From now on this many bytes may be read from the socket; then a read says that it would block, until
    /// more are allowed. Bytes that stay in the socket make it ready again.
    func allow(bytes count: Int) {
        lr_ssl_allow(ssl, count)
    }

    /// The handshake is done: from now on no more than so many messages of TLS itself are taken in one read.
    func limitMessages(to maximum: Int) {
        lr_ssl_limit_messages(ssl, Int32(clamping: max(1, maximum)))
    }

    /// How many messages of TLS itself the peer has sent, or made us send, since this was asked: key updates,
    /// tickets, warnings. Each costs about as much as a key, and carries nothing.
    func takeMessageCount() -> Int {
        Int(lr_ssl_take_messages(ssl))
    }

    /// Whether this side resumed a session of before instead of proving the certificate anew.
    var isResumed: Bool {
        SSL_session_reused(ssl) == 1
    }

    /// Goes on with the handshake.
    func handshake() -> Handshake {
        allow(bytes: Self.handshakeBytesPerStep)
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        guard result != 1 else { return checkPin() }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_WANT_WRITE: return .wantsWrite
        default: return .failed(handshakeFailure())
        }
    }

    /// Decrypts into the buffer.
    func read(into buffer: inout [UInt8]) -> Read {
        ERR_clear_error()
        var count = 0
        let result = buffer.withUnsafeMutableBytes { SSL_read_ex(ssl, $0.baseAddress, $0.count, &count) }
        guard result != 1 else { return .bytes(count) }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wouldBlock
        case SSL_ERROR_ZERO_RETURN: return .end
        default: return lr_error_is_end_of_stream(ERR_peek_error()) == 1 ? .end : .failed(TLSContext.reason())
        }
    }

    /// Encrypts and sends; at most one record.
    func write(_ bytes: UnsafeRawBufferPointer) -> Write {
        ERR_clear_error()
        var count = 0
        let result = SSL_write_ex(ssl, bytes.baseAddress, bytes.count, &count)
        guard result != 1 else { return .sent(count) }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wouldBlock
        default: return .failed(TLSContext.reason())
        }
    }

    /// Tells the peer that no more will be sent, as far as the socket takes it now.
    func sayEnd() {
        ERR_clear_error()
        _ = SSL_shutdown(ssl)
    }

    private func checkPin() -> Handshake {
        guard case .pinned(let fingerprint) = context.verification else { return .done }
        var digest = [UInt8](repeating: 0, count: 32)
        guard lr_peer_digest(ssl, &digest) == 1 else { return .failed(.notTrusted("no certificate")) }
        let found = SelfSignedCertificate.text(digest)
        guard TLSContext.digits(found) == TLSContext.digits(fingerprint) else {
            return .failed(.notTrusted("the certificate's fingerprint is \(found)"))
        }
        return .done
    }

    private func handshakeFailure() -> ConnectionFailure {
        let verdict = SSL_get_verify_result(ssl)
        if context.verification == .system, verdict != Int(X509_V_OK) {
            ERR_clear_error()
            guard let words = X509_verify_cert_error_string(verdict) else { return .notTrusted("\(verdict)") }
            return .notTrusted(String(cString: words))
        }
        let number = ERR_peek_error()
        if number == 0 || lr_error_is_end_of_stream(number) == 1 {
            ERR_clear_error()
            return .endOfStream
        }
        return .tls(TLSContext.reason())
    }
}
