import Foundation
import Glibc

/// Standard output and error. Writes at once: what a program says before it dies must be seen.
struct Terminal: Sendable {
    /// Whether standard output is a screen.
    let isScreen: Bool
    /// Whether colours and a status line are wanted.
    let isFancy: Bool

    init(isPlain: Bool, isColourless: Bool, environment: [String: String]) {
        isScreen = isatty(STDOUT_FILENO) == 1
        let forbids =
            isColourless || environment["NO_COLOR"]?.isEmpty == false || environment["TERM"] == "dumb"
        isFancy = isScreen && !isPlain && !forbids
    }

    /// The width of the screen in columns; 80 where there is none.
    var columns: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// A line of what was asked for.
    func say(_ line: String) { Self.write(Array((line + "\n").utf8), to: STDOUT_FILENO) }

    /// A line about what goes on.
    func note(_ line: String) { Self.write(Array((line + "\n").utf8), to: STDERR_FILENO) }

    /// Bytes as they are.
    func put(_ bytes: [UInt8]) { Self.write(bytes, to: STDOUT_FILENO) }

    /// A text in bold where that is wanted.
    func bold(_ text: String) -> String { isFancy ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

    /// A text in grey where that is wanted.
    func faint(_ text: String) -> String { isFancy ? "\u{1B}[2m\(text)\u{1B}[0m" : text }

    /// Writes all bytes to a descriptor; false when nobody reads any more.
    @discardableResult
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wait, 1, -1)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
