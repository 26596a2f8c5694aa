/// Collects the head of an HTTP/1.1 message: a start line, then fields, then an empty line (RFC 9112 §2.1).
/// Strict: lines end in CR LF, nothing is folded, names hold only token characters.
struct HeadReader {
    /// A whole head.
    struct Head: Equatable {
        /// The first line, without its end.
        let startLine: [UInt8]
        /// The fields in order.
        let headers: HTTPHeaders
    }

    private let limits: TransportLimits
    private var line: [UInt8] = []
    private var startLine: [UInt8]?
    private var headers = HTTPHeaders()
    private var headBytes = 0
    private var skippedEmptyLine = false

    init(limits: TransportLimits) {
        self.limits = limits
    }

    /// A reader of the fields after the last chunk (RFC 9112 §7.1.2), which have no start line.
    init(trailerOf limits: TransportLimits) {
        self.limits = limits
        startLine = []
    }

    /// Whether any byte of this head has come.
    var hasBegun: Bool {
        headBytes > 0
    }

    /// Takes bytes from `position` on, up to the end of the head; nil when the input is used up.
    mutating func read(_ input: Span<UInt8>, _ position: inout Int) throws(HTTPViolation) -> Head? {
        while position < input.count {
            let byte = input[position]
            position += 1
            headBytes += 1
            try checkSize()
            if byte != 0x0A {
                line.append(byte)
                continue
            }
            // RFC 9112 §2.2: a bare LF could be taken for a line's end; a strict reader does not.
            guard line.popLast() == 0x0D else { throw .bad("bare line feed") }
            guard !line.contains(0x0D) else { throw .bad("bare carriage return") }
            if let head = try endLine() { return head }
        }
        return nil
    }

    private func checkSize() throws(HTTPViolation) {
        if startLine == nil && line.count >= limits.startLineBytesMaximum {
            throw HTTPViolation(status: 414, reason: "start line too long")
        }
        guard headBytes <= limits.headBytesMaximum else {
            throw HTTPViolation(status: 431, reason: "head too long")
        }
    }

    private mutating func endLine() throws(HTTPViolation) -> Head? {
        defer { line.removeAll(keepingCapacity: true) }
        guard let startLine else {
            if line.isEmpty {
                // RFC 9112 §2.2: one empty line before a request is ignored.
                guard !skippedEmptyLine else { throw .bad("empty lines before the head") }
                skippedEmptyLine = true
                headBytes = 0
            } else {
                self.startLine = line
            }
            return nil
        }
        guard line.isEmpty else {
            guard headers.fields.count < limits.fieldCountMaximum else {
                throw HTTPViolation(status: 431, reason: "too many fields")
            }
            try addField()
            return nil
        }
        return Head(startLine: startLine, headers: headers)
    }

    private mutating func addField() throws(HTTPViolation) {
        // RFC 9112 §5.1: no blank before the colon; §5.2: no folded lines (a blank first is not a token
        // character).
        guard let colon = line.firstIndex(of: 0x3A), colon > 0, line[..<colon].allSatisfy(Self.isToken) else {
            throw .bad("malformed field name")
        }
        var value = line[(colon + 1)...]
        while let first = value.first, Self.isBlank(first) { value = value.dropFirst() }
        while let last = value.last, Self.isBlank(last) { value = value.dropLast() }
        guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw .bad("control character in a field")
        }
        headers.add(String(decoding: line[..<colon], as: UTF8.self), Self.text(value))
    }

    /// RFC 9110 §5.5: bytes beyond ASCII are opaque. What is no UTF-8 keeps its bytes as ISO 8859-1, which no
    /// token equals.
    private static func text(_ value: ArraySlice<UInt8>) -> String {
        if UTF8Validator.isValid(value) { return String(decoding: value, as: UTF8.self) }
        return String(String.UnicodeScalarView(value.map { Unicode.Scalar($0) }))
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09
    }

    /// The characters of a token (RFC 9110 §5.6.2).
    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
        default: false
        }
    }
}

extension HTTPHeaders {
    /// The announced length of a body: nil when there is none. One field of digits only (RFC 9110 §8.6); a
    /// list, a sign or a second field could be read differently by a proxy, which is how requests are
    /// smuggled.
    func contentLength() throws(HTTPViolation) -> Int? {
        let announced = values("content-length")
        guard let text = announced.first else { return nil }
        guard announced.count == 1, !text.isEmpty, text.utf8.count <= 15,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(text)
        else { throw .bad("malformed length") }
        return length
    }
}
