@testable import WebSocketCore

/// A second reader of chunked bodies (RFC 9112 §7.1): from whole bytes, line by line and without states, so
/// that it shares no mistake with the first.
struct PlainChunks {
    private(set) var body: [UInt8] = []
    private(set) var isEnded = false
    private(set) var bytesLeft = 0
    /// The status of a refusal.
    private(set) var refusal: Int?
    private var extensionBytes = 0

    /// The first reader's own bounds, told again.
    private static let lineBytesMaximum = 256
    private static let extensionBytesMaximum = 16_384

    init(_ bytes: [UInt8], limits: TransportLimits) {
        readChunks(bytes, limits)
    }

    private mutating func readChunks(_ bytes: [UInt8], _ limits: TransportLimits) {
        var rest = bytes[...]
        while refusal == nil, let line = sizeLine(&rest), let size = size(of: line) {
            guard size > 0 else { return readTrailer(rest, limits) }
            let chunk = rest.prefix(size)
            body += chunk
            rest = rest.dropFirst(size)
            let end = rest.prefix(2)
            guard end.elementsEqual([0x0D, 0x0A].prefix(end.count)) else { return refusal = 400 }
            guard end.count == 2 else { return }
            rest = rest.dropFirst(2)
        }
    }

    /// The next line without its end; nil when it is not whole or breaks the rules.
    private mutating func sizeLine(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let end = rest.firstIndex(of: 0x0A)
        let line = rest[..<(end ?? rest.endIndex)]
        guard line.count < Self.lineBytesMaximum || end == nil && line.count == Self.lineBytesMaximum else {
            refusal = 400
            return nil
        }
        guard let end else { return nil }
        guard line.last == 0x0D else {
            refusal = 400
            return nil
        }
        rest = rest[(end + 1)...]
        return line.dropLast()
    }

    private mutating func size(of line: ArraySlice<UInt8>) -> Int? {
        let parts = line.split(separator: 0x3B, maxSplits: 1, omittingEmptySubsequences: false)
        var digits = parts[0]
        if parts.count > 1 {
            while digits.last == 0x20 || digits.last == 0x09 { digits.removeLast() }
        }
        extensionBytes += line.count - digits.count
        let isPlain = line.allSatisfy { $0 == 0x09 || $0 >= 0x20 && $0 != 0x7F }
        let text = String(decoding: digits, as: UTF8.self)
        guard isPlain, (1...8).contains(digits.count), digits.first != 0x2B, digits.first != 0x2D,
            let size = Int(text, radix: 16), extensionBytes <= Self.extensionBytesMaximum
        else {
            refusal = 400
            return nil
        }
        return size
    }

    private mutating func readTrailer(_ bytes: ArraySlice<UInt8>, _ limits: TransportLimits) {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        let unended = lines.removeLast()
        var position = 0
        var count = 0
        for line in lines {
            position += line.count + 1
            guard position <= limits.headBytesMaximum else { return refusal = 431 }
            let content = line.dropLast()
            guard line.last == 0x0D, !content.contains(0x0D) else { return refusal = 400 }
            guard !content.isEmpty else {
                isEnded = true
                bytesLeft = bytes.count - position
                return
            }
            guard count < limits.fieldCountMaximum else { return refusal = 431 }
            count += 1
            guard Self.isField(content) else { return refusal = 400 }
        }
        if position + unended.count > limits.headBytesMaximum { refusal = 431 }
    }

    /// RFC 9110 §5.1 and §5.5.
    private static func isField(_ line: ArraySlice<UInt8>) -> Bool {
        let parts = line.split(separator: 0x3A, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { return false }
        let others = Set("()<>@,;:\\\"/[]?={}".utf8)
        return parts[0].allSatisfy { $0 > 0x20 && $0 < 0x7F && !others.contains($0) }
            && parts[1].allSatisfy { $0 == 0x09 || $0 >= 0x20 && $0 != 0x7F }
    }
}
