import Glibc

@testable import WebSocketCore

/// A blocking TCP client that keeps no rules: for bytes that no proper client sends, and for not reading.
final class RawPeer {
    /// A read that gives nothing for this long ends the test.
    private static let patienceSeconds = 10

    private let descriptor: Int32

    init(port: UInt16, receiveBufferBytes: Int32? = nil) throws {
        guard let address = HostAddress.resolve("127.0.0.1", port: port, forListening: false)?.first else {
            throw UnexpectedEvent()
        }
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var bytes = receiveBufferBytes {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        }
        var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard address.withPointer({ Glibc.connect(descriptor, $0, $1) }) == 0 else { throw UnexpectedEvent() }
    }

    /// Takes over a connected socket.
    init(descriptor: Int32) throws {
        guard descriptor >= 0 else { throw UnexpectedEvent() }
        self.descriptor = descriptor
        var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
    }

    /// Whether nothing has come that was not read: neither bytes nor the end of the stream.
    var isSilent: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT) | Int32(MSG_PEEK)) < 0
            && errno == EAGAIN
    }

    /// Sends no more.
    func endWriting() {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    func send(_ bytes: [UInt8]) {
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    func send(_ text: String) {
        send(Array(text.utf8))
    }

    /// Whatever one read gives; empty at the end of the stream.
    func read(_ maximum: Int = 65_536) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: maximum)
        let got = recv(descriptor, &bytes, bytes.count, 0)
        if got < 0, errno == ECONNRESET { return [] }
        guard got >= 0 else { throw UnexpectedEvent() }
        return Array(bytes.prefix(got))
    }

    /// Everything up to the end of the stream.
    func readToEnd() throws -> String {
        var all: [UInt8] = []
        while true {
            let piece = try read()
            if piece.isEmpty { return String(decoding: all, as: UTF8.self) }
            all += piece
        }
    }

    /// Reads until the text has come.
    func read(until text: String) throws -> String {
        var all: [UInt8] = []
        while true {
            let piece = try read(1)
            all += piece
            let read = String(decoding: all, as: UTF8.self)
            if piece.isEmpty || read.hasSuffix(text) { return read }
        }
    }

    /// Exactly this many bytes.
    func read(exactly count: Int) throws -> [UInt8] {
        var all: [UInt8] = []
        while all.count < count {
            let piece = try read(count - all.count)
            guard !piece.isEmpty else { throw UnexpectedEvent() }
            all += piece
        }
        return all
    }

    /// The server's side of the opening handshake; the key it was asked with.
    @discardableResult
    func answerUpgrade() throws -> String {
        let request = try read(until: "\r\n\r\n")
        let mark = "sec-websocket-key: "
        guard let line = request.split(separator: "\r\n").first(where: { $0.hasPrefix(mark) }) else {
            throw UnexpectedEvent()
        }
        let key = String(line.dropFirst(mark.count))
        send(
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
                + "sec-websocket-accept: \(Handshake.acceptKey(for: key))\r\n\r\n")
        return key
    }

    /// The opening handshake.
    func upgrade() throws {
        send(
            "GET / HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
                + "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        guard try read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 101 ") else { throw UnexpectedEvent() }
    }
}
