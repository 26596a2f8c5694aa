/// The name of one socket in this process; never used twice.
public struct ConnectionID: Hashable, Sendable, CustomStringConvertible {
    /// A number no other connection of the process has.
    let number: UInt64
    /// The loop that owns the connection.
    public let loopIndex: Int

    /// Number and loop, for logs.
    public var description: String {
        "\(number)@\(loopIndex)"
    }
}
