import Glibc

@testable import WebSocketCore

/// A self-signed certificate in a folder of its own.
struct TestCertificate {
    let folder: String
    let certificate: SelfSignedCertificate

    init() throws {
        var template = Array("/tmp/liverelay-test-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw UnexpectedEvent() }
        folder = String(cString: made)
        certificate = try SelfSignedCertificate.loadOrCreate(folder: folder)
    }

    func serverContext() throws -> TLSContext {
        try .server(certificatePath: certificate.certificatePath, keyPath: certificate.keyPath)
    }

    /// A client that trusts anybody.
    static func anyContext() throws -> TLSContext { try .client(verification: .none) }

    func pinnedContext() throws -> TLSContext {
        try .client(verification: .pinned(sha256: certificate.fingerprint))
    }
}
