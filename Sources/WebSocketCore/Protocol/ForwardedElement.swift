/// What one proxy says in `Forwarded` of a request that came to it (RFC 7239 §4).
struct ForwardedElement: Equatable {
    /// Somebody on the way (§6).
    enum Node: Equatable {
        case address(IPAddress)
        /// `unknown`, or a name that hides the address (§6.2, §6.3).
        case hidden

        /// Reads an address with or without a port, an IPv6 one in brackets or, as in `X-Forwarded-For`,
        /// bare.
        init(_ text: some StringProtocol) {
            let bytes = Array(text.utf8)
            var end = bytes.endIndex
            if bytes.first == 0x5B {
                end = bytes.firstIndex(of: 0x5D) ?? end
            } else if bytes.count(where: { $0 == 0x3A }) == 1 {
                end = bytes.firstIndex(of: 0x3A) ?? end
            }
            let brackets = bytes.first == 0x5B && end < bytes.endIndex ? 1 : 0
            let bare = bytes[..<end].dropFirst(brackets)
            self = .hidden
            // Brackets are for IPv6 (§6).
            guard Self.isPort(bytes[end...].dropFirst(brackets)), brackets == 0 || bare.contains(0x3A),
                let address = IPAddress(String(decoding: bare, as: UTF8.self))
            else { return }
            self = .address(address)
        }

        /// Nothing, or a colon with digits or a name that hides them (§6.2, §6.3).
        private static func isPort(_ bytes: ArraySlice<UInt8>) -> Bool {
            guard let colon = bytes.first else { return true }
            let port = bytes.dropFirst()
            guard colon == 0x3A, port.first != 0x5F else {
                return colon == 0x3A && port.count > 1 && port.allSatisfy(Authority.isNameByte)
            }
            return (1...5).contains(port.count) && port.allSatisfy { (0x30...0x39).contains($0) }
        }

        /// The address, where one is told.
        var address: IPAddress? {
            switch self {
            case .address(let address): address
            case .hidden: nil
            }
        }
    }

    /// Who came (`for`).
    private(set) var client: Node?
    /// By which scheme (`proto`).
    private(set) var scheme: String?
    /// To which host (`host`).
    private(set) var host: String?

    /// Reads all elements of all fields in order (§4): `;` between pairs, `,` between elements, values bare
    /// or quoted.
    static func list(_ values: [String]) throws(HTTPViolation) -> [ForwardedElement] {
        var elements: [ForwardedElement] = []
        for value in values {
            var reader = Reader(bytes: Array(value.utf8)[...])
            while reader.skipSeparators() { elements.append(try reader.element()) }
        }
        return elements
    }

    private mutating func set(_ name: String, _ value: String, _ seen: inout Set<String>)
        throws(HTTPViolation)
    {
        // §4: each parameter at most once.
        guard seen.insert(name).inserted else { throw .bad("a parameter of Forwarded stands twice") }
        switch name {
        case "for": client = Node(value)
        case "proto": scheme = value
        case "host": host = value
        default: break
        }
    }

    /// Takes pairs off the front of a field.
    private struct Reader {
        var bytes: ArraySlice<UInt8>

        /// Past commas and blanks; whether anything is left.
        mutating func skipSeparators() -> Bool {
            while let byte = bytes.first, byte == 0x2C || byte == 0x20 || byte == 0x09 { bytes.removeFirst() }
            return !bytes.isEmpty
        }

        /// Pairs with `;` between them; a pair may be missing (§4).
        mutating func element() throws(HTTPViolation) -> ForwardedElement {
            var element = ForwardedElement()
            var seen: Set<String> = []
            while true {
                skipBlanks()
                if let byte = bytes.first, byte != 0x3B, byte != 0x2C { try readPair(&element, &seen) }
                skipBlanks()
                switch bytes.first {
                case nil, 0x2C: return element
                case 0x3B: bytes.removeFirst()
                default: throw .bad("malformed Forwarded")
                }
            }
        }

        private mutating func readPair(
            _ element: inout ForwardedElement, _ seen: inout Set<String>
        ) throws(HTTPViolation) {
            let name = bytes.prefix(while: HeadReader.isToken)
            bytes = bytes[name.endIndex...]
            guard !name.isEmpty, bytes.popFirst() == 0x3D else { throw .bad("malformed Forwarded") }
            try element.set(String(decoding: name, as: UTF8.self).lowercased(), try value(), &seen)
        }

        private mutating func skipBlanks() {
            while let byte = bytes.first, byte == 0x20 || byte == 0x09 { bytes.removeFirst() }
        }

        /// A token or a quoted string (RFC 9110 §5.6.4).
        private mutating func value() throws(HTTPViolation) -> String {
            guard bytes.first == 0x22 else {
                // Some proxies leave out the quotes that a port would need.
                let token = bytes.prefix { HeadReader.isToken($0) || $0 == 0x3A || $0 == 0x5B || $0 == 0x5D }
                guard !token.isEmpty else { throw .bad("malformed Forwarded") }
                bytes = bytes[token.endIndex...]
                return String(decoding: token, as: UTF8.self)
            }
            bytes.removeFirst()
            var text: [UInt8] = []
            while let byte = bytes.popFirst() {
                if byte == 0x22 { return String(decoding: text, as: UTF8.self) }
                if byte == 0x5C {
                    guard let escaped = bytes.popFirst() else { break }
                    text.append(escaped)
                } else {
                    text.append(byte)
                }
            }
            throw .bad("malformed Forwarded")
        }
    }
}
