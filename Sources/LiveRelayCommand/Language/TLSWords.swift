import LiveRelay
import WebSocketCore

extension TLSCertificate.Concern {
    /// One sentence with what to do.
    func sentence(_ words: Words) -> String {
        switch self {
        case .expired(let days): words("serve.certificateExpired", "\(days)")
        case .notYetValid(let days): words("serve.certificateNotYetValid", "\(days)")
        case .endsSoon(let days): words("serve.certificateEndsSoon", "\(days)")
        case .chainDisordered: words("serve.certificateDisordered")
        case .untrusted(let reason): words("serve.certificateUntrusted", reason)
        }
    }
}

extension CommandFailure {
    /// A certificate or key that cannot be used.
    init(_ error: TLSError) {
        switch error {
        case .certificateUnreadable(let path, let reason):
            self.init(.failed, "failure.tlsCertificate", path, reason)
        case .keyUnreadable(let path, let reason): self.init(.failed, "failure.tlsKey", path, reason)
        case .keyMismatch(let certificatePath, let keyPath):
            self.init(.failed, "failure.tlsMismatch", certificatePath, keyPath)
        case .notWritable(let path, let reason): self.init(.failed, "failure.fileUnwritable", path, reason)
        case .fingerprintMalformed(let text): self.init(.usage, "failure.pinInvalid", text)
        case .library(let reason): self.init(.failed, "failure.tls", reason)
        }
    }
}
