/// One element of `Sec-WebSocket-Extensions` (RFC 6455 §9.1): what a client offers, or a server accepted.
struct WebSocketExtension: Equatable, Sendable {
    /// A name, with or without a value.
    struct Parameter: Equatable, Sendable {
        /// What stands before the `=`.
        let name: String
        /// What stands after it, without quotes.
        let value: String?
    }

    /// The token that names the extension.
    let name: String
    /// Its parameters in order, doubled ones included: what they mean is the extension's own business.
    let parameters: [Parameter]

    /// The elements of all fields in order. Nil when a field breaks the grammar: then the connection is to be
    /// failed (§9.1).
    static func list(_ fields: [String]) -> [WebSocketExtension]? {
        var all: [WebSocketExtension] = []
        for field in fields {
            var reader = Reader(bytes: Array(field.utf8))
            guard let elements = reader.list() else { return nil }
            all += elements
        }
        return all
    }

    /// Reads one field. The head of a request bounds its length.
    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        private var isAtEnd: Bool {
            position == bytes.count
        }

        /// A list of at least one element; empty elements do not count (RFC 9110 §5.6.1).
        mutating func list() -> [WebSocketExtension]? {
            var elements: [WebSocketExtension] = []
            while !isAtEnd {
                if take(0x2C) { continue }
                guard let element = element() else { return nil }
                elements.append(element)
                guard isAtEnd || take(0x2C) else { return nil }
            }
            return elements.isEmpty ? nil : elements
        }

        private mutating func element() -> WebSocketExtension? {
            guard let name = token() else { return nil }
            var parameters: [Parameter] = []
            while take(0x3B) {
                guard let name = token() else { return nil }
                guard take(0x3D) else {
                    parameters.append(Parameter(name: name, value: nil))
                    continue
                }
                guard let value = take(0x22) ? quotedToken() : token() else { return nil }
                parameters.append(Parameter(name: name, value: value))
            }
            return WebSocketExtension(name: name, parameters: parameters)
        }

        /// Takes a separator with the blanks around it.
        private mutating func take(_ separator: UInt8) -> Bool {
            skipBlanks()
            guard !isAtEnd, bytes[position] == separator else { return false }
            position += 1
            skipBlanks()
            return true
        }

        private mutating func skipBlanks() {
            while !isAtEnd, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
        }

        private mutating func token() -> String? {
            let start = position
            while !isAtEnd, HeadReader.isToken(bytes[position]) { position += 1 }
            guard position > start else { return nil }
            return String(decoding: bytes[start..<position], as: UTF8.self)
        }

        /// The rest of a quoted string, which must be a token once its backslashes are resolved (§9.1).
        private mutating func quotedToken() -> String? {
            var value: [UInt8] = []
            while !isAtEnd {
                var byte = bytes[position]
                position += 1
                if byte == 0x22 { return value.isEmpty ? nil : String(decoding: value, as: UTF8.self) }
                if byte == 0x5C {
                    guard !isAtEnd else { return nil }
                    byte = bytes[position]
                    position += 1
                }
                guard HeadReader.isToken(byte) else { return nil }
                value.append(byte)
            }
            return nil
        }
    }
}
