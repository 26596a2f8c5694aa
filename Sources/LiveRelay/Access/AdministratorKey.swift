/// The key that plans classes and imports rosters; made on the first run, kept in `keys/administrator.key`.
public struct AdministratorKey: Sendable {
    /// `lrk_` and 43 characters.
    public let text: String
    private let bytes: [UInt8]

    /// Tells one of our keys from a token at a glance, also for those who search leaked text for secrets.
    public static let prefix = "lrk_"
    /// The prefix, and 256 bits in base64url.
    public static let charactersCount = 47

    /// A key; nil where the text is none.
    public init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), text.utf8.count == Self.charactersCount,
            Secret.bytes(base64URL: String(text.dropFirst(Self.prefix.count)))?.count == Secret.keyBytesCount
        else { return nil }
        self.text = text
        bytes = Array(text.utf8)
    }

    /// A new random key.
    public static func make() -> AdministratorKey {
        guard let key = AdministratorKey(prefix + Secret.text()) else {
            preconditionFailure("32 bytes are 43 characters")
        }
        return key
    }

    /// The key of a data folder, made where there is none yet. `folder` is the folder of keys and must exist.
    public static func load(folder: String) throws(SecretFailure) -> AdministratorKey {
        let path = folder + "/administrator.key"
        guard let key = AdministratorKey(try Secret.text(file: path) { make().text }) else {
            throw .malformed(path: path)
        }
        return key
    }

    /// Whether somebody presents this key; takes as long for a near miss as for a far one.
    public func matches(_ presented: String) -> Bool {
        Secret.isEqual(bytes, Array(presented.utf8))
    }
}
