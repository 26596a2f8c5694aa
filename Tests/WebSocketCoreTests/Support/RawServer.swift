import Glibc

@testable import WebSocketCore

/// A blocking TCP server that keeps no rules: for what no proper server says.
final class RawServer {
    /// Whoever does not come within this time fails the test.
    private static let patienceMilliseconds: Int32 = 10_000

    private let sockets: ListeningSockets

    var port: UInt16 {
        sockets.port
    }

    init() throws {
        sockets = try ListeningSockets.bind(host: "127.0.0.1", port: 0)
    }

    /// Whether somebody waits to be accepted.
    var hasCaller: Bool {
        var waiting = pollfd(fd: sockets.descriptors[0], events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) == 1
    }

    /// The next that calls.
    func accept() throws -> RawPeer {
        var waiting = pollfd(fd: sockets.descriptors[0], events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, Self.patienceMilliseconds) == 1 else { throw UnexpectedEvent() }
        return try RawPeer(descriptor: Glibc.accept(sockets.descriptors[0], nil, nil))
    }

    /// The next that calls, after an answer to its handshake.
    func acceptUpgrade() throws -> RawPeer {
        let peer = try accept()
        try peer.answerUpgrade()
        return peer
    }
}
