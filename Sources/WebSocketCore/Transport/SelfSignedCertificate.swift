import COpenSSL
import Glibc

/// A certificate made on first run and kept, so that browsers warn once and the terminal can pin it.
public struct SelfSignedCertificate: Sendable, Equatable {
    /// The longest that common platforms accept of a certificate a person trusted by hand is 825 days; one
    /// less, since it begins an hour before it is made.
    static let validSeconds = 824 * 86_400
    /// A certificate with less than this left is made anew, so that no class meets its end.
    static let renewSeconds = 7 * 86_400

    /// The certificate, PEM.
    public let certificatePath: String
    /// The private key, PEM, readable by its owner alone.
    public let keyPath: String
    /// SHA-256 of the certificate's DER: upper-case hexadecimal pairs with colons, as browsers show it.
    public let fingerprint: String

    /// The certificate in this folder (`certificate.pem`, `certificate-key.pem`), made when it is missing or
    /// near its end: P-256, for localhost, 127.0.0.1, ::1, the machine's name, and those given. The folder is
    /// made when missing.
    public static func loadOrCreate(
        folder: String, hostNames: [String] = [], addresses: [String] = []
    ) throws(TLSError) -> SelfSignedCertificate {
        let certificatePath = folder + "/certificate.pem"
        let keyPath = folder + "/certificate-key.pem"
        if access(certificatePath, F_OK) == 0, access(keyPath, F_OK) == 0 {
            // A pair that exists but cannot be used is told, not overwritten: it may be the operator's own.
            _ = try TLSContext.server(certificatePath: certificatePath, keyPath: keyPath)
            let (digest, secondsLeft) = try inspect(certificatePath)
            if secondsLeft > renewSeconds {
                return SelfSignedCertificate(
                    certificatePath: certificatePath, keyPath: keyPath, fingerprint: text(digest))
            }
        }
        try create(certificatePath, keyPath, folder: folder, hostNames: hostNames, addresses: addresses)
        let (digest, _) = try inspect(certificatePath)
        return SelfSignedCertificate(
            certificatePath: certificatePath, keyPath: keyPath, fingerprint: text(digest))
    }

    /// The fingerprint of any PEM certificate, in the same form.
    public static func fingerprint(ofCertificateAt path: String) throws(TLSError) -> String {
        text(try inspect(path).digest)
    }

    /// A digest as upper-case pairs with colons.
    static func text(_ digest: [UInt8]) -> String {
        digest.map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return byte < 16 ? "0" + digits : digits
        }.joined(separator: ":")
    }

    private static func create(
        _ certificatePath: String, _ keyPath: String, folder: String, hostNames: [String], addresses: [String]
    ) throws(TLSError) {
        if mkdir(folder, 0o700) != 0, errno != EEXIST {
            throw .notWritable(path: folder, reason: systemReason(errno))
        }
        let machine = machineName()
        let alternatives = alternativeNames(
            hostNames: ["localhost", machine] + hostNames, addresses: ["127.0.0.1", "::1"] + addresses)
        ERR_clear_error()
        guard let certificate = BIO_new(BIO_s_mem()), let key = BIO_new(BIO_s_mem()) else {
            throw .library(TLSContext.reason())
        }
        defer {
            BIO_free(certificate)
            BIO_free(key)
        }
        // A common name holds at most 64 characters (RFC 5280, ub-common-name).
        let name = machine.isEmpty || machine.utf8.count > 64 ? "localhost" : machine
        guard lr_make_self_signed(name, alternatives, validSeconds, certificate, key) == 1 else {
            throw .library(TLSContext.reason())
        }
        // The key first: a certificate without its key is made anew, the other way round would be a mismatch.
        unlink(certificatePath)
        try write(bytes(key), to: keyPath, mode: 0o600)
        try write(bytes(certificate), to: certificatePath, mode: 0o644)
    }

    /// The value of the subjectAltName extension. Names that are not plain host names or addresses are left
    /// out: the value is a small language of its own.
    private static func alternativeNames(hostNames: [String], addresses: [String]) -> String {
        var parts: [String] = []
        for name in hostNames where isHostName(name) && !parts.contains("DNS:" + name) {
            parts.append("DNS:" + name)
        }
        for address in addresses where Socket.isNumericAddress(address) && !address.contains("%") {
            if !parts.contains("IP:" + address) { parts.append("IP:" + address) }
        }
        return parts.joined(separator: ",")
    }

    private static func isHostName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 253
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
                default: false
                }
            }
    }

    private static func machineName() -> String {
        var name = [UInt8](repeating: 0, count: 256)
        let result = name.withUnsafeMutableBytes { buffer -> Int32 in
            guard let start = buffer.baseAddress else { return -1 }
            return gethostname(start.assumingMemoryBound(to: CChar.self), buffer.count - 1)
        }
        guard result == 0 else { return "" }
        let text = String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
        return isHostName(text) ? text : ""
    }

    private static func bytes(_ bio: OpaquePointer) -> [UInt8] {
        var start: UnsafeMutablePointer<CChar>?
        let count = lr_bio_bytes(bio, &start)
        return UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count).map { $0 }
    }

    private static func write(_ bytes: [UInt8], to path: String, mode: mode_t) throws(TLSError) {
        let temporary = path + ".new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .notWritable(path: path, reason: systemReason(errno)) }
        let written = Glibc.write(descriptor, bytes, bytes.count)
        let failure = errno
        let isSynced = fsync(descriptor) == 0
        close(descriptor)
        guard written == bytes.count, isSynced, rename(temporary, path) == 0 else {
            unlink(temporary)
            let reason = written >= 0 && written < bytes.count ? "no space" : systemReason(failure)
            throw .notWritable(path: path, reason: reason)
        }
    }

    private static func inspect(_ path: String) throws(TLSError) -> (digest: [UInt8], secondsLeft: Int) {
        ERR_clear_error()
        guard let file = BIO_new_file(path, "r") else {
            throw .certificateUnreadable(path: path, reason: TLSContext.reason())
        }
        defer { BIO_free(file) }
        guard let certificate = PEM_read_bio_X509(file, nil, nil, nil) else {
            throw .certificateUnreadable(path: path, reason: TLSContext.reason())
        }
        defer { X509_free(certificate) }
        var digest = [UInt8](repeating: 0, count: 32)
        var isKnown: Int32 = 0
        let left = lr_certificate_seconds_left(certificate, &isKnown)
        guard lr_certificate_digest(certificate, &digest) == 1, isKnown == 1 else {
            throw .certificateUnreadable(path: path, reason: TLSContext.reason())
        }
        return (digest, left)
    }
}
