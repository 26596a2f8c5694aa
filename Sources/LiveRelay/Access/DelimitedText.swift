/// Reads comma-separated values (RFC 4180) from bytes of UTF-8 or GB18030, record by record.
///
/// It works on bytes because neither coding has a comma, a quote or a line end inside a character, so one
/// broken character costs one record and not the file. A record that breaks the rules is reported and reading
/// goes on with the next line. Beyond RFC 4180: lines may end in LF or CR alone, and the last one may lack
/// its end.
struct DelimitedText {
    /// One record: its fields, or that its quotes are wrong.
    struct Record: Hashable {
        /// The number of its first line, from 1.
        let line: Int
        /// The bytes of its fields; nil where the quotes are wrong.
        let fields: [[UInt8]]?
    }

    /// No name, number or 单位 is longer; what is has lost its closing quote.
    static let fieldBytesMaximum = 4_096
    /// Spreadsheets of people have few columns.
    static let fieldsCountMaximum = 64

    private let bytes: [UInt8]
    private var offset: Int
    private var line = 1

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// A reader at the beginning of the text, after the mark that some programs put before UTF-8.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        offset = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The next record that is not an empty line; nil at the end.
    mutating func next() -> Record? {
        while offset < bytes.count {
            let start = (offset: offset, line: line)
            let fields = record()
            guard let fields else {
                (offset, line) = start
                skipLine()
                return Record(line: start.line, fields: nil)
            }
            if fields != [[]] { return Record(line: start.line, fields: fields) }
        }
        return nil
    }

    private mutating func record() -> [[UInt8]]? {
        var fields: [[UInt8]] = []
        while true {
            guard fields.count < Self.fieldsCountMaximum, let field = field() else { return nil }
            fields.append(field)
            guard offset < bytes.count else { return fields }
            switch bytes[offset] {
            case Self.comma:
                offset += 1
            case Self.lineFeed, Self.carriageReturn:
                endLine()
                return fields
            default:
                // Something after a closing quote.
                return nil
            }
        }
    }

    /// The next field; nil where its quotes are wrong or it has no end in sight.
    private mutating func field() -> [UInt8]? {
        guard offset < bytes.count, bytes[offset] == Self.quote else { return plainField() }
        offset += 1
        var field: [UInt8] = []
        while offset < bytes.count, field.count <= Self.fieldBytesMaximum {
            let byte = bytes[offset]
            if byte == Self.lineFeed || byte == Self.carriageReturn {
                let start = offset
                endLine()
                field += bytes[start..<offset]
                continue
            }
            offset += 1
            guard byte == Self.quote else {
                field.append(byte)
                continue
            }
            guard offset < bytes.count, bytes[offset] == Self.quote else { return field }
            field.append(Self.quote)
            offset += 1
        }
        return nil
    }

    private mutating func plainField() -> [UInt8]? {
        let start = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case Self.comma, Self.lineFeed, Self.carriageReturn: return checked(start)
            default: offset += 1
            }
        }
        return checked(start)
    }

    private func checked(_ start: Int) -> [UInt8]? {
        offset - start <= Self.fieldBytesMaximum ? Array(bytes[start..<offset]) : nil
    }

    private mutating func endLine() {
        let isReturn = bytes[offset] == Self.carriageReturn
        offset += 1
        if isReturn, offset < bytes.count, bytes[offset] == Self.lineFeed { offset += 1 }
        line += 1
    }

    private mutating func skipLine() {
        while offset < bytes.count, bytes[offset] != Self.lineFeed, bytes[offset] != Self.carriageReturn {
            offset += 1
        }
        if offset < bytes.count { endLine() }
    }
}
