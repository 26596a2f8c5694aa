/// An IPv4 or IPv6 address as a number; an IPv4 address counts as IPv4-mapped (RFC 4291 §2.5.5.2), so that it
/// is the same on every kind of socket.
public struct IPAddress: Sendable, Hashable {
    let high: UInt64
    let low: UInt64

    /// `::ffff:0:0/96`.
    private static let mappedPrefix: UInt64 = 0xFFFF_0000_0000

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The address in these 4 or 16 bytes, most significant first; nil for any other count.
    init?(bytes: some Collection<UInt8>) {
        let number = bytes.reduce((high: UInt64(0), low: UInt64(0))) { number, byte in
            (number.high << 8 | number.low >> 56, number.low << 8 | UInt64(byte))
        }
        switch bytes.count {
        case 4: self.init(high: 0, low: Self.mappedPrefix | number.low)
        case 16: self.init(high: number.high, low: number.low)
        default: return nil
        }
    }

    /// Reads `192.0.2.1`, `2001:db8::1` or `::ffff:192.0.2.1` (RFC 4291 §2.2); the zone of an IPv6 address
    /// is dropped.
    public init?(_ text: some StringProtocol) {
        if text.utf8.contains(0x3A) {
            guard let groups = Self.groups(String(decoding: text.utf8.prefix { $0 != 0x25 }, as: UTF8.self))
            else { return nil }
            self.init(bytes: groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })
        } else {
            guard let bytes = Self.ipv4(text) else { return nil }
            self.init(bytes: bytes)
        }
    }

    /// Whether it is an IPv4 address.
    public var isIPv4: Bool {
        high == 0 && low >> 32 == Self.mappedPrefix >> 32
    }

    /// Whether it leads back to this machine: 127.0.0.0/8 or ::1.
    public var isLoopback: Bool {
        isIPv4 ? low >> 24 & 0xFF == 127 : high == 0 && low == 1
    }

    /// The usual form: dotted, or RFC 5952.
    public var text: String {
        if isIPv4 {
            return [24, 16, 8, 0].map { String(low >> UInt64($0) & 0xFF) }.joined(separator: ".")
        }
        let groups =
            [48, 32, 16, 0].map { high >> UInt64($0) & 0xFFFF }
            + [48, 32, 16, 0].map { low >> UInt64($0) & 0xFFFF }
        let zeros = Self.longestZeros(groups)
        let words = groups.map { String($0, radix: 16) }
        guard zeros.count > 1 else { return words.joined(separator: ":") }
        return words[..<zeros.lowerBound].joined(separator: ":") + "::"
            + words[zeros.upperBound...].joined(separator: ":")
    }

    /// The first of the longest runs of zero groups (RFC 5952 §4.2).
    private static func longestZeros(_ groups: [UInt64]) -> Range<Int> {
        var longest = 0..<0
        var start: Int?
        for index in 0...groups.count {
            if index < groups.count, groups[index] == 0 {
                start = start ?? index
                continue
            }
            if let begun = start, index - begun > longest.count { longest = begun..<index }
            start = nil
        }
        return longest
    }

    private static func ipv4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            // No leading zeros: some read them as octal.
            guard (1...3).contains(part.utf8.count), part.utf8.count == 1 || part.first != "0",
                part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let byte = UInt8(part)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// The eight groups, with `::` filled in.
    private static func groups(_ text: some StringProtocol) -> [UInt16]? {
        guard let gap = text.range(ofFirst: "::") else {
            guard let groups = someGroups(text), groups.count == 8 else { return nil }
            return groups
        }
        let (before, after) = (text[..<gap.lowerBound], text[gap.upperBound...])
        guard let head = before.isEmpty ? [] : someGroups(before),
            let tail = after.isEmpty ? [] : someGroups(after),
            !before.contains("."), head.count + tail.count <= 7
        else { return nil }
        return head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    private static func someGroups(_ text: some StringProtocol) -> [UInt16]? {
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(".") {
                guard let bytes = ipv4(part) else { return nil }
                groups += [
                    UInt16(bytes[0]) << 8 | UInt16(bytes[1]), UInt16(bytes[2]) << 8 | UInt16(bytes[3]),
                ]
            } else {
                guard (1...4).contains(part.utf8.count), part.first != "+", part.first != "-",
                    let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups.count <= 8 ? groups : nil
    }
}
