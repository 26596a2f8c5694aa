import COpenSSL

/// The certificate, key and rules of TLS for a server, or the trust of a client. Immutable; shared by all
/// loops.
///
/// `@unchecked Sendable` is sound: the C objects, keys of tickets among them, are set up before the
/// initialiser returns and never changed after; OpenSSL counts references to them atomically and documents
/// SSL_CTX as safe to share for making connections.
public final class TLSContext: @unchecked Sendable {
    /// What a client trusts.
    public enum Verification: Sendable, Equatable {
        /// The certificate authorities of the system, and the host's name.
        case system
        /// Anything; only for tests and for showing a fingerprint.
        case none
        /// One certificate, by the SHA-256 of its DER in hexadecimal, with or without colons.
        case pinned(sha256: String)
    }

    let pointer: OpaquePointer
    /// The socket BIO's method table; connections made from this context keep the context.
    let method: OpaquePointer
    /// What a client checks; nil for a server.
    let verification: Verification?
    /// A ticket lets its holder resume for a school day; longer would only lengthen what a stolen key opens.
    public static let ticketSeconds = 8 * 3_600

    private init(
        method kind: OpaquePointer?, verification: Verification?,
        _ prepare: (OpaquePointer) throws(TLSError) -> Void
    ) throws(TLSError) {
        ERR_clear_error()
        guard let pointer = SSL_CTX_new(kind) else { throw .library(TLSContext.reason()) }
        guard let method = lr_bio_method_new() else {
            SSL_CTX_free(pointer)
            throw .library(TLSContext.reason())
        }
        self.pointer = pointer
        self.method = method
        self.verification = verification
        // From here on `deinit` frees both.
        guard lr_context_harden(pointer) == 1 else { throw .library(TLSContext.reason()) }
        try prepare(pointer)
    }

    deinit {
        // Every connection keeps its context, so that none is left that could ask for the keys.
        lr_context_forget_tickets(pointer)
        SSL_CTX_free(pointer)
        BIO_meth_free(method)
    }

    /// A server's context from two PEM files. The certificate file may hold the chain.
    public static func server(certificatePath: String, keyPath: String) throws(TLSError) -> TLSContext {
        try TLSContext(method: TLS_server_method(), verification: nil) { (context) throws(TLSError) in
            guard lr_context_serve(context) == 1 else { throw .library(reason()) }
            guard SSL_CTX_use_certificate_chain_file(context, certificatePath) == 1 else {
                throw .certificateUnreadable(path: certificatePath, reason: reason())
            }
            guard SSL_CTX_use_PrivateKey_file(context, keyPath, SSL_FILETYPE_PEM) == 1 else {
                throw keyFailure(certificatePath: certificatePath, keyPath: keyPath)
            }
            guard SSL_CTX_check_private_key(context) == 1 else {
                throw .keyMismatch(certificatePath: certificatePath, keyPath: keyPath)
            }
            guard lr_context_use_tickets(context, nil, ticketSeconds) == 1 else { throw .library(reason()) }
        }
    }

    /// A server's context with the same certificate and fresh keys for tickets; tickets of this one are good
    /// for as long as the new one is in use. `ticketSeconds` after it was made a context should give place.
    public func withFreshTicketKeys() throws(TLSError) -> TLSContext {
        let before = pointer
        return try TLSContext(method: TLS_server_method(), verification: nil) { (context) throws(TLSError) in
            guard lr_context_serve(context) == 1, lr_context_adopt(context, before) == 1,
                lr_context_use_tickets(context, before, Self.ticketSeconds) == 1
            else { throw .library(Self.reason()) }
        }
    }

    /// What the certificate of a server's context is like.
    public func certificate() throws(TLSError) -> TLSCertificate {
        try TLSCertificate(of: pointer)
    }

    /// A client's context.
    public static func client(verification: Verification) throws(TLSError) -> TLSContext {
        if case .pinned(let fingerprint) = verification, digits(fingerprint).count != 64 {
            throw .fingerprintMalformed(fingerprint)
        }
        return try TLSContext(method: TLS_client_method(), verification: verification) {
            (context) throws(TLSError) in
            guard lr_context_offer_http11(context) == 1 else { throw .library(reason()) }
            switch verification {
            case .system:
                guard SSL_CTX_set_default_verify_paths(context) == 1 else { throw .library(reason()) }
                lr_context_check_names_strictly(context)
                SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
            case .none, .pinned:
                // A pin is compared after the handshake, before a byte of the application is sent.
                SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nil)
            }
        }
    }

    /// The hexadecimal digits of a fingerprint, lower case; empty when it holds anything else but colons.
    static func digits(_ fingerprint: String) -> String {
        let text = fingerprint.lowercased().filter { $0 != ":" }
        return text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) } ? text : ""
    }

    /// OpenSSL's words for the first failure on this thread, and an empty queue of failures.
    static func reason() -> String {
        let number = ERR_get_error()
        ERR_clear_error()
        guard number != 0 else { return "no reason given" }
        guard let words = ERR_reason_error_string(number) else { return "error \(number)" }
        return String(cString: words)
    }

    /// OpenSSL reports a key of another certificate while it loads the key; told apart from an unreadable
    /// one.
    private static func keyFailure(certificatePath: String, keyPath: String) -> TLSError {
        let number = ERR_peek_error()
        let words = reason()
        if lr_error_is_mismatch(number) == 1 {
            return .keyMismatch(certificatePath: certificatePath, keyPath: keyPath)
        }
        return .keyUnreadable(path: keyPath, reason: words)
    }
}
