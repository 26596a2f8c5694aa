/// The certificate, key and rules of TLS for a server, or the trust of a client. Immutable; shared by all loops.
public final class TLSContext: Sendable {
    /// What a client trusts.
    public enum Verification: Sendable, Equatable {
        /// The certificate authorities of the system, and the host's name.
        case system
        /// Anything; only for tests and for showing a fingerprint.
        case none
        /// One certificate, by the SHA-256 of its DER in hexadecimal, with or without colons.
        case pinned(sha256: String)
    }

    init() {}

    /// A server's context from two PEM files.
    public static func server(certificatePath: String, keyPath: String) throws(TLSError) -> TLSContext {
        TLSContext()
    }

    /// A client's context.
    public static func client(verification: Verification) throws(TLSError) -> TLSContext {
        TLSContext()
    }
}
