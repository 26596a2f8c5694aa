/// Immutable bytes that many answers share without copying, such as a page's script.
public final class SharedBytes: Sendable {
    /// The bytes.
    public let bytes: [UInt8]

    /// Shares these bytes.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }
}
