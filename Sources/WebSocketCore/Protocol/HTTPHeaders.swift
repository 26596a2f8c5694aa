/// Header fields in the order received; names are compared without regard to case (RFC 9110 §5.1).
public struct HTTPHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// One field: its name in lower case, and its value without surrounding blanks.
    public struct Field: Sendable, Equatable {
        /// Lower case.
        public let name: String
        /// Without surrounding blanks.
        public let value: String
    }

    /// All fields in order.
    public private(set) var fields: [Field] = []

    /// No fields.
    public init() {}

    /// Fields as written in source, in that order.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements {
            add(name, value)
        }
    }

    /// Adds a field after the others, even when one of that name exists.
    public mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: name.lowercased(), value: value))
    }

    /// Replaces all fields of a name by one.
    public mutating func set(_ name: String, _ value: String) {
        let name = name.lowercased()
        fields.removeAll { $0.name == name }
        fields.append(Field(name: name, value: value))
    }

    /// The first value of a name given in lower case.
    public subscript(name: String) -> String? {
        fields.first { $0.name == name }?.value
    }

    /// All values of a name given in lower case.
    public func values(_ name: String) -> [String] {
        fields.filter { $0.name == name }.map(\.value)
    }

    /// The comma-separated elements of all fields of a name, without blanks and without empty ones (RFC 9110
    /// §5.6.1).
    public func elements(_ name: String) -> [String] {
        // By bytes: some characters take a comma behind them into their own, and the word of a proxy would be
        // swallowed by what its client has said before it.
        values(name).flatMap { $0.utf8.split(separator: 0x2C) }.map { String(Substring($0).trimmed) }
            .filter { !$0.isEmpty }
    }

    /// Whether an element of a list field equals this lower-case token, without regard to case.
    public func contains(_ name: String, token: String) -> Bool {
        elements(name).contains { $0.lowercasedASCII == token }
    }
}

extension Substring {
    /// Without blanks and tabs at both ends (the OWS of RFC 9110 §5.6.3).
    var trimmed: Substring {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        var bytes = utf8[...]
        while let first = bytes.first, isBlank(first) { bytes.removeFirst() }
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return Substring(bytes)
    }
}

extension StringProtocol {
    /// With only the letters of ASCII in lower case: to Unicode the sign of the kelvin (U+212A) is a K, to no
    /// other reader of a token.
    var lowercasedASCII: String {
        String(decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
