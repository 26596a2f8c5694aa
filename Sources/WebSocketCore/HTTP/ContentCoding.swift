/// Which coding of a body a client wants (RFC 9110 §12.5.3).
public enum ContentCoding: Sendable, Equatable {
    /// The bytes as they are.
    case identity
    /// Packed by gzip (RFC 1952).
    case gzip

    /// The better one of two that are there, as the `Accept-Encoding` of a request weighs them. Where it
    /// wants neither, the bytes as they are.
    public static func preferred(by request: HTTPRequest) -> ContentCoding {
        var weights: [String: Int] = [:]
        for element in request.headers.elements("accept-encoding") {
            let parts = element.lowercasedASCII.split(separator: ";", omittingEmptySubsequences: false).map(
                \.trimmed)
            guard let name = parts.first, let weight = weight(parts.dropFirst()) else { continue }
            // x-gzip is another name of gzip (§8.4.1.3).
            weights[name == "x-gzip" ? "gzip" : String(name)] = weight
        }
        let gzip = weights["gzip"] ?? weights["*"] ?? 0
        // Nobody has to name identity: unless he excludes it, it will do, but is not what he asked for.
        let identity = weights["identity"] ?? (weights["*"] == 0 ? 0 : 1)
        return gzip > 0 && gzip >= identity ? .gzip : .identity
    }

    /// The weight in thousandths (§12.4.2); nil where it is malformed.
    private static func weight(_ parameters: ArraySlice<Substring>) -> Int? {
        guard let parameter = parameters.first else { return 1_000 }
        guard parameters.count == 1, parameter.hasPrefix("q=") else { return nil }
        let digits = Array(parameter.utf8.dropFirst(2))
        guard (1...5).contains(digits.count), digits[0] == 0x30 || digits[0] == 0x31,
            digits.count == 1 || digits[1] == 0x2E,
            digits.dropFirst(2).allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        let thousandths = digits.dropFirst(2).map { Int($0) - 0x30 } + [0, 0, 0]
        let weight =
            Int(digits[0] - 0x30) * 1_000 + thousandths[0] * 100 + thousandths[1] * 10 + thousandths[2]
        return weight <= 1_000 ? weight : nil
    }
}
