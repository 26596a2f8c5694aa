/// The target of a request (RFC 9112 §3.2), decoded once.
struct RequestTarget: Equatable {
    /// Begins with `/`; `*` for the server as a whole.
    let path: String
    /// The query in order.
    let query: [HTTPRequest.QueryItem]

    /// Reads an origin-form target, an absolute-form one for this same host, or `*` with OPTIONS.
    init(_ raw: [UInt8], method: HTTPMethod, host: String?) throws(HTTPViolation) {
        guard raw.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x23 }) else {
            throw .bad("malformed target")
        }
        if raw == [0x2A], method == .options {
            path = "*"
            query = []
            return
        }
        let origin = try Self.originForm(raw, host: host)
        let mark = origin.firstIndex(of: 0x3F) ?? origin.endIndex
        path = try Self.path(origin[..<mark])
        query = try Self.query(origin[mark...].dropFirst())
    }

    private static func originForm(_ raw: [UInt8], host: String?) throws(HTTPViolation) -> ArraySlice<UInt8> {
        if raw.first == 0x2F { return raw[...] }
        // §3.2.2: a server accepts the absolute form; here only when it names the host of the request.
        let text = String(decoding: raw, as: UTF8.self)
        guard let scheme = text.range(ofFirst: "://"),
            ["http", "https"].contains(text[..<scheme.lowerBound].lowercased())
        else { throw .bad("malformed target") }
        let rest = Array(text[scheme.upperBound...].utf8)
        let slash = rest.firstIndex { $0 == 0x2F || $0 == 0x3F } ?? rest.endIndex
        let authority = String(decoding: rest[..<slash], as: UTF8.self)
        guard !authority.isEmpty, authority.lowercased() == host?.lowercased() else {
            throw HTTPViolation(status: 421, reason: "target of another host")
        }
        if slash < rest.count, rest[slash] == 0x2F { return rest[slash...] }
        return ([0x2F] + rest[slash...])[...]
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
