import CNet
import Glibc

/// One non-blocking stream socket. Owns its descriptor.
final class Socket {
    /// What a read gave.
    enum Read {
        case bytes(Int)
        case wouldBlock
        case end
        case failed(String)
    }

    /// Longest numeric address with a zone.
    private static let addressBytesMaximum = 128

    /// The descriptor; -1 once closed.
    private(set) var descriptor: Int32

    init(descriptor: Int32, limits: TransportLimits) {
        self.descriptor = descriptor
        cnet_tune(descriptor, limits.notSentLowWaterBytes)
        if let bytes = limits.sendBufferBytes { _ = cnet_set_send_buffer(descriptor, bytes) }
    }

    deinit {
        close()
    }

    /// Receives into the buffer.
    func read(into buffer: inout [UInt8]) -> Read {
        let got = buffer.withUnsafeMutableBytes { cnet_receive(descriptor, $0.baseAddress, $0.count) }
        if got > 0 { return .bytes(got) }
        if got == 0 { return .end }
        return Self.isWaiting(errno) ? .wouldBlock : .failed(systemReason(errno))
    }

    /// The first byte, left in the socket.
    func peek() -> (Read, UInt8) {
        var byte: UInt8 = 0
        let got = cnet_peek(descriptor, &byte, 1)
        if got > 0 { return (.bytes(1), byte) }
        if got == 0 { return (.end, 0) }
        return (Self.isWaiting(errno) ? .wouldBlock : .failed(systemReason(errno)), 0)
    }

    /// How many bytes wait, and the length that the TLS record among the first five announces; all stay in
    /// the socket.
    func peekRecord() -> (available: Int, length: Int) {
        var header: [UInt8] = [0, 0, 0, 0, 0]
        guard cnet_peek(descriptor, &header, header.count) == header.count else {
            return (Int(cnet_available(descriptor)), 0)
        }
        return (Int(cnet_available(descriptor)), Int(header[3]) << 8 | Int(header[4]))
    }

    /// From now on so many bytes make the socket ready to be read; its end always does.
    func wake(atBytes count: Int) {
        cnet_set_read_low_water(descriptor, Int32(clamping: count))
    }

    /// Sends no more; the peer reads the end of the stream after what is on its way.
    func endWriting() {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    /// The pending failure of a connect.
    func takeError() -> Int32 {
        cnet_socket_error(descriptor)
    }

    func close() {
        guard descriptor >= 0 else { return }
        _ = Glibc.close(descriptor)
        descriptor = -1
    }

    /// The far end's numeric address.
    static func peerAddress(_ descriptor: Int32) -> String {
        var text = [CChar](repeating: 0, count: addressBytesMaximum)
        guard cnet_peer_address(descriptor, &text, text.count) >= 0 else { return "" }
        return text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }

    /// The numeric address a socket is bound to.
    static func localAddress(_ descriptor: Int32) -> String {
        var text = [CChar](repeating: 0, count: addressBytesMaximum)
        guard cnet_local_address(descriptor, &text, text.count) >= 0 else { return "" }
        return text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }

    /// The port a socket is bound to.
    static func localPort(_ descriptor: Int32) -> UInt16? {
        var text = [CChar](repeating: 0, count: addressBytesMaximum)
        return UInt16(exactly: cnet_local_address(descriptor, &text, text.count))
    }

    /// Whether text is an IPv4 or IPv6 address.
    static func isNumericAddress(_ host: String) -> Bool {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &found) == 0 else { return false }
        freeaddrinfo(found)
        return true
    }

    /// Whether a call that failed so is to be made again later.
    static func isWaiting(_ number: Int32) -> Bool {
        number == EAGAIN || number == EWOULDBLOCK || number == EINTR
    }
}
