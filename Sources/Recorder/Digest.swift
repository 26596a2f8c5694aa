import COpenSSL

/// SHA-256 (FIPS 180-4) and the hexadecimal digits it is written in.
public enum Digest {
    /// 32 bytes.
    public static let bytesCount = 32

    /// The digest of some bytes.
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: bytesCount)
        let done = bytes.withUnsafeBytes { source in
            digest.withUnsafeMutableBufferPointer {
                lr_sha256(source.baseAddress, source.count, $0.baseAddress)
            }
        }
        // Fails only for want of memory; going on would put a wrong digest into the log.
        precondition(done == 1, "no memory for a digest")
        return digest
    }

    /// Lower-case hexadecimal digits, two for each byte.
    public static func hex(_ bytes: [UInt8]) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            digits.append(hexDigits[Int(byte >> 4)])
            digits.append(hexDigits[Int(byte & 15)])
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// The bytes behind lower-case hexadecimal digits; nil where there is anything else.
    public static func bytes(hex: String) -> [UInt8]? {
        let digits = Array(hex.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    private static func value(_ digit: UInt8) -> UInt8? {
        if digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") { return digit - UInt8(ascii: "0") }
        if digit >= UInt8(ascii: "a"), digit <= UInt8(ascii: "f") { return digit - UInt8(ascii: "a") + 10 }
        return nil
    }
}

/// A SHA-256 that is fed piece by piece; owns the C context and frees it.
final class RunningDigest {
    private let context: OpaquePointer

    init() {
        // Fails only for want of memory, after which nothing could go on.
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            preconditionFailure("no memory for a digest")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    func update(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    }

    /// The digest of everything fed; call once.
    func finish() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Digest.bytesCount)
        _ = digest.withUnsafeMutableBufferPointer { EVP_DigestFinal_ex(context, $0.baseAddress, nil) }
        return digest
    }
}
