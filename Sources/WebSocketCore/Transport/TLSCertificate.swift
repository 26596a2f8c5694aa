import COpenSSL

/// What a server's certificate is like, as far as whoever runs the server should know.
public struct TLSCertificate: Sendable, Equatable {
    /// Something that clients will stumble over. Each leaves the server able to serve.
    public enum Concern: Sendable, Equatable, CustomStringConvertible {
        /// It has ended; every client refuses it.
        case expired(daysAgo: Int)
        /// It has not begun; either it or the clock of this machine is wrong.
        case notYetValid(days: Int)
        /// It ends so soon that it should have been renewed.
        case endsSoon(days: Int)
        /// The file does not hold the chain in order, each certificate issued by the next.
        case chainDisordered
        /// The system does not trust it with the chain that is sent; OpenSSL's words say why.
        case untrusted(reason: String)

        /// One English sentence with what to do.
        public var description: String {
            switch self {
            case .expired(let days):
                "The certificate ended \(days) days ago; renew it and send SIGHUP."
            case .notYetValid(let days):
                "The certificate begins in \(days) days; check it and this machine's clock."
            case .endsSoon(let days):
                "The certificate ends in \(days) days; renew it and send SIGHUP."
            case .chainDisordered:
                "The certificate file is out of order; put the server's own first, then each issuer."
            case .untrusted(let reason):
                "The system does not trust the certificate (\(reason)); give the file with all intermediates."
            }
        }
    }

    /// Automatic renewal happens with a month left; with less than this it has failed.
    public static let renewDays = 14

    private static let secondsPerDay = 86_400

    /// SHA-256 of its DER: upper-case hexadecimal pairs with colons, as browsers show it.
    public let fingerprint: String
    /// Whether it was signed with its own key, so that no client trusts it unasked.
    public let isSelfSigned: Bool
    /// Until it ends; negative once it has.
    public let secondsLeft: Int
    /// What clients will stumble over; nothing of trust is said of a self-signed one.
    public let concerns: [Concern]

    /// Judges the certificate of a server's context.
    init(of context: OpaquePointer) throws(TLSError) {
        ERR_clear_error()
        var digest = [UInt8](repeating: 0, count: 32)
        var isEndKnown: Int32 = 0
        var isBeginKnown: Int32 = 0
        guard let certificate = SSL_CTX_get0_certificate(context),
            lr_certificate_digest(certificate, &digest) == 1
        else { throw .library(TLSContext.reason()) }
        fingerprint = SelfSignedCertificate.text(digest)
        isSelfSigned = lr_certificate_is_self_signed(certificate) == 1
        secondsLeft = lr_certificate_seconds_left(certificate, &isEndKnown)
        let secondsUntil = lr_certificate_seconds_until(certificate, &isBeginKnown)
        guard isEndKnown == 1, isBeginKnown == 1 else {
            throw .library("the certificate's dates are unreadable")
        }
        var concerns = Self.concerns(secondsLeft: secondsLeft, secondsUntil: secondsUntil)
        if lr_context_chain_is_ordered(context) != 1 { concerns.append(.chainDisordered) }
        if !isSelfSigned, let reason = Self.distrust(context) { concerns.append(.untrusted(reason: reason)) }
        self.concerns = concerns
        // What the judgement left behind is nobody's failure.
        ERR_clear_error()
    }

    /// What the dates give reason for.
    static func concerns(secondsLeft: Int, secondsUntil: Int) -> [Concern] {
        if secondsLeft <= 0 { return [.expired(daysAgo: -secondsLeft / secondsPerDay)] }
        if secondsUntil > 0 { return [.notYetValid(days: secondsUntil / secondsPerDay + 1)] }
        let days = secondsLeft / secondsPerDay
        return days < renewDays ? [.endsSoon(days: days)] : []
    }

    private static func distrust(_ context: OpaquePointer) -> String? {
        let verdict = lr_context_verdict(context)
        guard verdict != Int(X509_V_OK) else { return nil }
        return X509_verify_cert_error_string(verdict).map { String(cString: $0) } ?? "\(verdict)"
    }
}
