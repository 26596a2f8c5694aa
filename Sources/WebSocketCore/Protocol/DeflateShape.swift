/// The forms in which a message is compressed by itself for many connections. There are few, so that a
/// broadcast is compressed once or twice however many negotiated what.
enum DeflateShape: CaseIterable, Sendable {
    /// For everybody whose window has at least 4 KiB: all that do not ask for less.
    case wide
    /// For the rest.
    case narrow

    /// What a connection with this window can read.
    init(windowBits: Int) {
        self = windowBits >= Self.wide.windowBits ? .wide : .narrow
    }

    /// The window as a power of two. Our messages gain nothing from more than 4 KiB; see
    /// `docs/decisions/005-compression.md`.
    var windowBits: Int {
        switch self {
        case .wide: 12
        case .narrow: 9
        }
    }
}
