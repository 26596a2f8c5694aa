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
        values(name).flatMap { $0.split(separator: ",") }.map { String($0.trimmed) }.filter { !$0.isEmpty }
    }

    /// Whether an element of a list field equals this lower-case token, without regard to case.
    public func contains(_ name: String, token: String) -> Bool {
        elements(name).contains { $0.lowercased() == token }
    }
}

extension StringProtocol {
    /// Without blanks and tabs at both ends (the OWS of RFC 9110 §5.6.3).
    var trimmed: SubSequence {
        var part = self[...]
        while let first = part.unicodeScalars.first, first == " " || first == "\t" { part = part.dropFirst() }
        while let last = part.unicodeScalars.last, last == " " || last == "\t" { part = part.dropLast() }
        return part
    }
}
