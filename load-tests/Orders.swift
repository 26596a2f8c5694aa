import Foundation
import LiveRelayClient
import WebSocketCore

/// How a scenario speaks with the program that started it: one JSON object a line.
enum Orders {
    /// Writes one line to standard output.
    static func say(_ value: any Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let bytes = try? encoder.encode(value) else { return }
        FileHandle.standardOutput.write(bytes + [0x0A])
    }
}

extension ServerAddress {
    /// TLS to the server where it speaks it, pinned to a certificate where one is named.
    func trust(pin fingerprint: String?) throws(TLSError) -> TLSContext? {
        guard isSecure else { return nil }
        return try .client(verification: fingerprint.map { .pinned(sha256: $0) } ?? .none)
    }
}
