import COpenSSL
import Foundation
public import SessionModel

/// The end of a log, signed: whoever holds the folder alone can neither cut the log off nor write it anew
/// unnoticed.
public struct SignedHead: Hashable, Sendable {
    /// The class.
    public let session: SessionID
    /// The identity of the log.
    public let epoch: String
    /// The number of the last event that is covered.
    public let n: UInt64
    /// SHA-256 of its line, in hexadecimal digits.
    public let digest: String
    /// When it was signed.
    public let at: WallTime
    /// Which key: the first sixteen hexadecimal digits of SHA-256 of the public key.
    public let keyID: String
    /// Ed25519 (RFC 8032), in hexadecimal digits.
    public let signature: String

    /// The bytes that are signed: a line for each of a fixed word, class, epoch, number, digest and time.
    static func signedBytes(
        _ session: SessionID, epoch: String, n: UInt64, digest: String, at: WallTime
    ) -> [UInt8] {
        Array("liverelay head 1\n\(session)\n\(epoch)\n\(n)\n\(digest)\n\(CalendarTime.text(at))\n".utf8)
    }

    /// Whether the signature is by the holder of the key with this public half, 32 bytes.
    public func isSigned(by publicKey: [UInt8]) -> Bool {
        guard publicKey.count == HeadSigner.keyBytesCount, let signature = Digest.bytes(hex: signature),
            signature.count == HeadSigner.signatureBytesCount, keyID == HeadSigner.keyID(of: publicKey)
        else { return false }
        let bytes = Self.signedBytes(session, epoch: epoch, n: n, digest: digest, at: at)
        return bytes.withUnsafeBytes { lr_ed25519_verify(publicKey, $0.baseAddress, $0.count, signature) }
            == 1
    }
}

extension SignedHead: JSONLine {
    private struct Coded: Codable {
        var v = 1
        let session: SessionID
        let epoch: String
        let n: UInt64
        let digest: Commitment
        let at: String
        let keyID: String
        let signature: String
    }

    init?(line: [UInt8], decoder: JSONDecoder) {
        guard let coded = try? decoder.decode(Coded.self, from: Foundation.Data(line)), coded.v == 1,
            let at = CalendarTime(coded.at)
        else { return nil }
        self.init(
            session: coded.session, epoch: coded.epoch, n: coded.n, digest: coded.digest.hex, at: at.wall,
            keyID: coded.keyID, signature: coded.signature)
    }

    func line(encoder: JSONEncoder) throws -> [UInt8] {
        guard let digest = Commitment(hex: digest) else { throw EventLineFailure.unknownForm }
        let coded = Coded(
            session: session, epoch: epoch, n: n, digest: digest, at: CalendarTime.text(at), keyID: keyID,
            signature: signature)
        return [UInt8](try encoder.encode(coded))
    }
}
