import Glibc

@testable import WebSocketCore

/// A second reader of what proxies say: cuts whole fields into pieces and reads addresses with the C library,
/// so that it shares no mistake with the first.
struct PlainForwarded {
    private enum Piece: Equatable {
        case comma
        case semicolon
        case blank
        case word([UInt8])
        case quoted([UInt8])
    }

    private struct Refused: Error {}

    /// 4 or 16 bytes.
    private(set) var address: [UInt8]
    private(set) var isSecure = false
    private(set) var host: String?

    /// As many as the first reader looks at.
    private static let hopsMaximum = 16

    /// Nil when the fields are refused.
    init?(
        _ headers: HTTPHeaders, by kind: ProxyTrust.Fields, from peer: String, isTrusted: ([UInt8]) -> Bool
    ) {
        guard let peer = Self.address(peer) else { return nil }
        address = peer
        do {
            switch kind {
            case .xForwarded: try readXForwarded(headers, isTrusted)
            case .forwarded: try readForwarded(headers, isTrusted)
            }
        } catch {
            return nil
        }
    }

    private mutating func readXForwarded(_ headers: HTTPHeaders, _ isTrusted: ([UInt8]) -> Bool) throws {
        let nodes = Self.list(headers, "x-forwarded-for").suffix(Self.hopsMaximum).reversed().map(Self.node)
        let trusted = nodes.prefix { $0.map(isTrusted) ?? false }
        let hops =
            trusted.count < nodes.count && nodes[trusted.count] != nil ? trusted.count + 1 : trusted.count
        if hops > 0, let last = nodes[hops - 1] { address = last }
        func said(_ name: String) -> [UInt8]? {
            let words = Self.list(headers, name)
            return words.count >= max(hops, 1) ? words[words.count - max(hops, 1)] : words.first
        }
        if let scheme = said("x-forwarded-proto") { isSecure = try Self.isSecure(scheme) }
        if let name = said("x-forwarded-host") { host = try Self.host(name) }
    }

    private mutating func readForwarded(_ headers: HTTPHeaders, _ isTrusted: ([UInt8]) -> Bool) throws {
        let elements = try headers.values("forwarded").flatMap { try Self.elements(Array($0.utf8)) }
        for element in elements.suffix(Self.hopsMaximum).reversed() {
            if let scheme = element["proto"] { isSecure = try Self.isSecure(scheme) }
            if let name = element["host"] { host = try Self.host(name) }
            guard let node = element["for"].flatMap(Self.node) else { return }
            address = node
            guard isTrusted(node) else { return }
        }
    }

    private static func isSecure(_ word: [UInt8]) throws -> Bool {
        let word = String(decoding: word.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }, as: UTF8.self)
        guard ["http", "https", "ws", "wss"].contains(word) else { throw Refused() }
        return word.hasSuffix("s") && word != "ws"
    }

    private static func host(_ word: [UInt8]) throws -> String {
        guard let authority = Authority(String(decoding: word, as: UTF8.self)) else { throw Refused() }
        return authority.text
    }

    // MARK: Lists

    private static func list(_ headers: HTTPHeaders, _ name: String) -> [[UInt8]] {
        headers.values(name).flatMap { $0.utf8.split(separator: 0x2C) }.map { trim(Array($0)) }
            .filter { !$0.isEmpty }
    }

    private static func trim(_ bytes: [UInt8]) -> [UInt8] {
        let front = bytes.drop { $0 == 0x20 || $0 == 0x09 }
        return front.reversed().drop { $0 == 0x20 || $0 == 0x09 }.reversed()
    }

    private static func elements(_ bytes: [UInt8]) throws -> [[String: [UInt8]]] {
        try pieces(bytes).split(separator: .comma).filter { !$0.allSatisfy { $0 == .blank } }.map { element in
            var pairs: [String: [UInt8]] = [:]
            for pair in element.split(separator: .semicolon) {
                let front = pair.drop { $0 == .blank }
                let bare = Array(front.reversed().drop { $0 == .blank }.reversed())
                guard !bare.isEmpty else { continue }
                let (name, value) = try Self.pair(bare)
                guard pairs.updateValue(value, forKey: name) == nil else { throw Refused() }
            }
            return pairs
        }
    }

    private static func pair(_ pieces: [Piece]) throws -> (String, [UInt8]) {
        guard case .word(let word)? = pieces.first, pieces.count <= 2,
            let equals = word.firstIndex(of: 0x3D), equals > 0, word[..<equals].allSatisfy(isToken)
        else { throw Refused() }
        let name = String(decoding: word[..<equals], as: UTF8.self).lowercased()
        let bare = word[(equals + 1)...]
        if case .quoted(let value)? = pieces.dropFirst().first {
            guard bare.isEmpty else { throw Refused() }
            return (name, value)
        }
        guard pieces.count == 1, !bare.isEmpty, bare.allSatisfy({ isToken($0) || ":[]".utf8.contains($0) })
        else { throw Refused() }
        return (name, Array(bare))
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && !"()<>@,;:\\\"/[]?={}".utf8.contains(byte)
    }

    private static func pieces(_ bytes: [UInt8]) throws -> [Piece] {
        var pieces: [Piece] = []
        var rest = bytes[...]
        while let byte = rest.first {
            switch byte {
            case 0x2C: pieces.append(.comma)
            case 0x3B: pieces.append(.semicolon)
            case 0x20, 0x09: pieces.append(.blank)
            case 0x22:
                pieces.append(.quoted(try unquote(&rest)))
                continue
            default:
                let word = rest.prefix { !" \t,;\"".utf8.contains($0) }
                pieces.append(.word(Array(word)))
                rest = rest[word.endIndex...]
                continue
            }
            rest = rest.dropFirst()
        }
        return pieces
    }

    private static func unquote(_ rest: inout ArraySlice<UInt8>) throws -> [UInt8] {
        var value: [UInt8] = []
        var position = rest.startIndex + 1
        while position < rest.endIndex, rest[position] != 0x22 {
            if rest[position] == 0x5C { position += 1 }
            guard position < rest.endIndex else { throw Refused() }
            value.append(rest[position])
            position += 1
        }
        guard position < rest.endIndex else { throw Refused() }
        rest = rest[(position + 1)...]
        return value
    }

    // MARK: Addresses

    /// 4 or 16 bytes.
    private static func node(_ word: [UInt8]) -> [UInt8]? {
        let text = String(decoding: word, as: UTF8.self)
        if let address = address(text) { return address }
        // A port follows the last colon; before it stands an IPv4 address, or brackets.
        var bare = word
        if let colon = word.lastIndex(of: 0x3A), word.last != 0x5D {
            let port = word[(colon + 1)...]
            let isNumber = port.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } && (1...5).contains(port.count)
            let isName = port.allSatisfy { isToken($0) && !"!#$%&'*+^`|~".utf8.contains($0) }
            guard isNumber || port.first == 0x5F && port.count > 1 && isName else { return nil }
            bare = Array(word[..<colon])
        }
        let isBracketed = bare.first == 0x5B && bare.firstIndex(of: 0x5D) == bare.count - 1
        guard bare.contains(0x3A) == isBracketed else { return nil }
        return address(String(decoding: isBracketed ? bare[1..<bare.count - 1] : bare[...], as: UTF8.self))
    }

    /// What the C library reads; an IPv4 address that is mapped is one.
    static func address(_ text: String) -> [UInt8]? {
        guard !text.utf8.contains(0) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 { return Array(bytes.prefix(4)) }
        let bare =
            text.utf8.contains(0x3A) ? String(decoding: text.utf8.prefix { $0 != 0x25 }, as: UTF8.self) : ""
        guard inet_pton(AF_INET6, bare, &bytes) == 1 else { return nil }
        let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255
        return isMapped ? Array(bytes.suffix(4)) : bytes
    }
}
