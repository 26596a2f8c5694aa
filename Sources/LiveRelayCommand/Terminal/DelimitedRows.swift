/// Rows of a CSV (RFC 4180), for showing them as a table.
enum DelimitedRows {
    /// The rows of a text in UTF-8, with or without a byte order mark.
    static func rows(_ bytes: [UInt8]) -> [[String]] {
        var rest = bytes[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        var rows: [[String]] = []
        var row: [String] = []
        var cell: [UInt8] = []
        var isQuoted = false
        var index = rest.startIndex
        func take() {
            row.append(String(decoding: cell, as: UTF8.self))
            cell = []
        }
        while index < rest.endIndex {
            let byte = rest[index]
            let next = rest.index(after: index)
            if isQuoted {
                if byte != UInt8(ascii: "\"") {
                    cell.append(byte)
                } else if next < rest.endIndex, rest[next] == UInt8(ascii: "\"") {
                    cell.append(byte)
                    index = next
                } else {
                    isQuoted = false
                }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isQuoted = true
                case UInt8(ascii: ","): take()
                case 0x0D: break
                case 0x0A:
                    take()
                    rows.append(row)
                    row = []
                default: cell.append(byte)
                }
            }
            index = rest.index(after: index)
        }
        if !cell.isEmpty || !row.isEmpty {
            take()
            rows.append(row)
        }
        return rows
    }
}
