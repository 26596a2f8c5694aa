import COpenSSL
import Foundation

/// Random bytes, keys in files, and comparisons that tell nothing by how long they take.
public enum Secret {
    /// 256 bits: what HS256 asks for (RFC 7518 §3.2), and beyond any guessing.
    public static let keyBytesCount = 32
    /// A key file holds 43 characters and a line feed; whatever is much longer was not written by us.
    private static let fileBytesMaximum = 4_096

    /// Random bytes from the system, by way of OpenSSL.
    public static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let done = bytes.withUnsafeMutableBufferPointer { RAND_priv_bytes($0.baseAddress, Int32(count)) }
        // Without randomness every key, code and identifier could be guessed: better not to run at all.
        precondition(done == 1, "the system gives no randomness")
        return bytes
    }

    /// Random text for identifiers and keys: `count` bytes in base64url, of the alphabet of identifiers.
    public static func text(bytes count: Int = keyBytesCount) -> String { base64URL(bytes(count)) }

    /// Base64 with the alphabet of URLs and without padding (RFC 4648 §5).
    public static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    /// The bytes behind such text; nil for anything else.
    public static func bytes(base64URL text: String) -> [UInt8]? {
        guard text.utf8.allSatisfy({ isURLByte($0) }), text.utf8.count % 4 != 1 else { return nil }
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        let standard = text.replacing("-", with: "+").replacing("_", with: "/") + padding
        guard let decoded = Data(base64Encoded: standard), base64URL([UInt8](decoded)) == text else {
            return nil
        }
        return [UInt8](decoded)
    }

    private static func isURLByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }

    /// HMAC-SHA-256 (RFC 2104); 32 bytes.
    public static func authenticationCode(key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: 32)
        let done = bytes.withUnsafeBytes { source in
            code.withUnsafeMutableBufferPointer {
                lr_hmac_sha256(key, key.count, source.baseAddress, source.count, $0.baseAddress)
            }
        }
        // Fails only for want of memory; going on would accept or issue a code of zeros.
        precondition(done == 1, "no memory for an authentication code")
        return code
    }

    /// Whether two byte strings are the same; takes as long for a near miss as for a far one.
    public static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }

    /// The text in a key file, made on the first run with mode 0600; two servers that start at once agree on
    /// one.
    ///
    /// Throws `SecretFailure` where the file cannot be read or made, or is not as it should be.
    public static func text(file path: String, make: () -> String) throws(SecretFailure) -> String {
        if let text = try read(path) { return text }
        let text = make()
        let beside = path + "." + Secret.text(bytes: 6) + ".tmp"
        guard write(text + "\n", to: beside) else { throw .notWritable(path: path) }
        // A hard link fails where the name is taken: whoever came first has made the key.
        let isFirst = link(beside, path) == 0
        unlink(beside)
        guard !isFirst else { return text }
        guard let earlier = try read(path) else { throw .notWritable(path: path) }
        return earlier
    }

    private static func read(_ path: String) throws(SecretFailure) -> String? {
        guard access(path, F_OK) == 0 else { return nil }
        guard let file = FileHandle(forReadingAtPath: path),
            let bytes = try? file.read(upToCount: fileBytesMaximum),
            let text = String(bytes: bytes, encoding: .utf8)
        else { throw .notReadable(path: path) }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func write(_ text: String, to path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        return Foundation.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
    }
}

/// Why a key file is of no use.
public enum SecretFailure: Error, Hashable, Sendable {
    /// It is there and cannot be read.
    case notReadable(path: String)
    /// It cannot be made.
    case notWritable(path: String)
    /// It does not hold what it should.
    case malformed(path: String)
}
