/// Why TLS could not be set up.
public enum TLSError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The certificate file cannot be read or holds no certificate.
    case certificateUnreadable(path: String, reason: String)
    /// The key file cannot be read or holds no private key.
    case keyUnreadable(path: String, reason: String)
    /// Certificate and key do not belong together.
    case keyMismatch(certificatePath: String, keyPath: String)
    /// A file or folder could not be written.
    case notWritable(path: String, reason: String)
    /// A pinned fingerprint is not 64 hexadecimal digits.
    case fingerprintMalformed(String)
    /// OpenSSL failed otherwise.
    case library(String)

    /// One English sentence with what to do.
    public var description: String {
        switch self {
        case .certificateUnreadable(let path, let reason):
            "The certificate \(path) cannot be used (\(reason)); give a readable PEM file."
        case .keyUnreadable(let path, let reason):
            "The private key \(path) cannot be used (\(reason)); give a readable PEM file without a passphrase."
        case .keyMismatch(let certificatePath, let keyPath):
            "The key \(keyPath) does not belong to the certificate \(certificatePath); give a matching pair."
        case .notWritable(let path, let reason):
            "\(path) cannot be written (\(reason)); choose another folder or change its rights."
        case .fingerprintMalformed(let text):
            "\(text) is not a SHA-256 fingerprint; give 64 hexadecimal digits."
        case .library(let reason):
            "TLS cannot be set up (\(reason))."
        }
    }
}
