@testable import WebSocketCore

/// The header with which a proxy begins (PROXY, version 2): the same however it is cut, not a byte beyond it
/// taken, and the same as a second telling of the specification.
enum ProxyFuzz {
    private struct Outcome: Equatable {
        var step: ProxyHeaderReader.Step
        /// Of a header that is whole.
        var taken: Int?
    }

    /// What HAProxy's specification calls the signature.
    private static let signature = Array("\r\n\r\n\0\r\nQUIT\n".utf8)
    /// Signature, version, family and length; then what we take at most.
    private static let bytesMaximum = 16 + 4_096

    static func check(_ input: FuzzInput) throws(FuzzFault) {
        // A fuzzer would take long to find the signature: most inputs begin behind it.
        let bytes = input.chooses(0) ? input.bytes : signature + input.bytes
        let outcome = try FuzzInput(input, bytes: bytes).read(read)
        let plain = plainly(bytes)
        try require(outcome == plain, "\(outcome), plainly \(plain)")
        guard case .done(.client(let address)) = outcome.step else { return }
        try require(IPAddress(address.text) == address, "\(address.text) is another address")
    }

    private static func read(_ bytes: [UInt8], _ pieces: [Range<Int>]) -> Outcome {
        var reader = ProxyHeaderReader()
        var taken = 0
        for piece in pieces {
            while case .needs(let count) = reader.next, taken < piece.upperBound {
                let more = bytes[taken..<piece.upperBound].prefix(count)
                reader.take(more)
                taken += more.count
            }
        }
        guard case .done = reader.next else { return Outcome(step: reader.next) }
        return Outcome(step: reader.next, taken: taken)
    }

    private static func plainly(_ bytes: [UInt8]) -> Outcome {
        for (given, right) in zip(bytes, signature) where given != right { return Outcome(step: .malformed) }
        guard bytes.count >= 16 else { return Outcome(step: .needs(16 - bytes.count)) }
        let count = 16 + Int(bytes[14]) * 256 + Int(bytes[15])
        guard count <= bytesMaximum else { return Outcome(step: .malformed) }
        guard bytes.count >= count else { return Outcome(step: .needs(count - bytes.count)) }
        let addresses = bytes[16..<count]
        // §2.2: the version is the high half; 0 is LOCAL and 1 is PROXY, other commands are refused.
        guard bytes[12] >> 4 == 2, bytes[12] & 15 < 2 else { return Outcome(step: .malformed) }
        if bytes[12] & 15 == 0 || bytes[13] == 0 { return Outcome(step: .done(.peer), taken: count) }
        let (size, least) = bytes[13] == 0x11 ? (4, 12) : bytes[13] == 0x21 ? (16, 36) : (0, .max)
        guard addresses.count >= least, let address = IPAddress(bytes: addresses.prefix(size)) else {
            return Outcome(step: .malformed)
        }
        return Outcome(step: .done(.client(address)), taken: count)
    }
}
