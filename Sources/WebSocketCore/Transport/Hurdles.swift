/// What stands between a frame and the socket of a connection. With none of it, a delivery is one system call
/// and nothing is looked up, counted or kept for it.
struct Hurdles: OptionSet {
    let rawValue: UInt8

    /// Frames may not be sent: the upgrade is not done, or a close frame has gone out.
    static let notOpen = Hurdles(rawValue: 1)
    /// The link is not up, or is on its way down.
    static let notEstablished = Hurdles(rawValue: 2)
    /// The socket was full.
    static let blocked = Hurdles(rawValue: 4)
    /// Frames wait that go first.
    static let queued = Hurdles(rawValue: 8)
    /// A client: each frame gets a mask of its own.
    static let masks = Hurdles(rawValue: 16)
    /// Compression was agreed on; it concerns some frames only.
    static let compresses = Hurdles(rawValue: 32)

    /// What a frame may not pass that is never compressed.
    static let any: Hurdles = [.notOpen, .notEstablished, .blocked, .queued, .masks]

    mutating func set(_ hurdle: Hurdles, _ stands: Bool) {
        if stands { insert(hurdle) } else { remove(hurdle) }
    }
}
