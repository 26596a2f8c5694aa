/// The target of a request (RFC 9112 §3.2), decoded once.
struct RequestTarget: Equatable {
    /// Begins with `/`; `*` for the server as a whole.
    let path: String
    /// The query in order.
    let query: [HTTPRequest.QueryItem]
    /// The host of an absolute-form target, which counts in place of the `Host` field (§3.2.2).
    let authority: Authority?
    /// Whether an absolute-form target says `https`.
    let saysTLS: Bool

    /// Reads an origin-form target, an absolute-form one, or `*` with OPTIONS.
    init(_ raw: [UInt8], method: HTTPMethod) throws(HTTPViolation) {
        guard raw.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x23 }) else {
            throw .bad("malformed target")
        }
        if raw == [0x2A], method == .options {
            path = "*"
            query = []
            authority = nil
            saysTLS = false
            return
        }
        let (origin, authority, saysTLS) = try Self.originForm(raw)
        self.authority = authority
        self.saysTLS = saysTLS
        let mark = origin.firstIndex(of: 0x3F) ?? origin.endIndex
        path = try Self.path(origin[..<mark])
        query = try Self.query(origin[mark...].dropFirst())
    }

    /// Path and query, and what an absolute form says beside them.
    private static func originForm(
        _ raw: [UInt8]
    ) throws(HTTPViolation) -> (ArraySlice<UInt8>, Authority?, Bool) {
        if raw.first == 0x2F { return (raw[...], nil, false) }
        let text = String(decoding: raw, as: UTF8.self)
        guard let mark = text.range(ofFirst: "://") else { throw .bad("malformed target") }
        let scheme = text[..<mark.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { throw .bad("malformed target") }
        let rest = Array(text[mark.upperBound...].utf8)
        let slash = rest.firstIndex { $0 == 0x2F || $0 == 0x3F } ?? rest.endIndex
        guard let authority = Authority(String(decoding: rest[..<slash], as: UTF8.self)) else {
            throw .bad("malformed host in the target")
        }
        let hasPath = slash < rest.count && rest[slash] == 0x2F
        return ((hasPath ? [] : [0x2F]) + rest[slash...], authority, scheme == "https")
    }

    /// Decodes once, then looks at the result: a segment `..` leaves the root however it was written.
    private static func path(_ raw: ArraySlice<UInt8>) throws(HTTPViolation) -> String {
        let bytes = try decode(raw, plusIsBlank: false)
        guard UTF8Validator.isValid(bytes[...]) else { throw .bad("path is not UTF-8") }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != 0x5C }) else {
            throw .bad("control character or backslash in the path")
        }
        for segment in bytes.split(separator: 0x2F)
        where segment.elementsEqual([0x2E]) || segment.elementsEqual([0x2E, 0x2E]) {
            throw .bad("dot segment in the path")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func query(_ raw: ArraySlice<UInt8>) throws(HTTPViolation) -> [HTTPRequest.QueryItem] {
        var items: [HTTPRequest.QueryItem] = []
        for part in raw.split(separator: 0x26) {
            let equals = part.firstIndex(of: 0x3D) ?? part.endIndex
            let name = try decode(part[..<equals], plusIsBlank: true)
            let value = try decode(part[equals...].dropFirst(), plusIsBlank: true)
            guard UTF8Validator.isValid(name[...]), UTF8Validator.isValid(value[...]) else {
                throw .bad("query is not UTF-8")
            }
            items.append(
                HTTPRequest.QueryItem(
                    name: String(decoding: name, as: UTF8.self), value: String(decoding: value, as: UTF8.self)
                ))
        }
        return items
    }

    private static func decode(_ raw: ArraySlice<UInt8>, plusIsBlank: Bool) throws(HTTPViolation) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(raw.count)
        var rest = raw
        while let byte = rest.popFirst() {
            if byte == 0x25 {
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit)
                else {
                    throw .bad("malformed percent escape")
                }
                bytes.append(high << 4 | low)
            } else {
                bytes.append(plusIsBlank && byte == 0x2B ? 0x20 : byte)
            }
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
