import Foundation

/// Something that is kept as one line of JSON in an erasable store.
protocol JSONLine: Sendable {
    /// Reads a line without its LF; nil where it is none of this kind.
    init?(line: [UInt8], decoder: JSONDecoder)
    /// The line without its LF.
    func line(encoder: JSONEncoder) throws -> [UInt8]
}

/// An erasable store: lines without a chain, appended while the class runs, rewritten when something is
/// erased.
///
/// A last line without LF is what a torn write leaves; it is cut off. Any other broken line is left where it
/// is and reported: what it held is missing, as if it had been erased, and nothing else is.
struct JSONLines<Entry: JSONLine> {
    /// What was read, in the order of the file.
    var entries: [Entry] = []
    /// How long the file is without a torn last line.
    var validBytes = 0
    /// Numbers of lines that could not be read, from 1.
    var damagedLines: [Int] = []
    /// Whether a torn last line follows `validBytes`.
    var isTorn = false

    /// Reads a whole store.
    init(_ bytes: [UInt8]) {
        let decoder = JSONDecoder()
        var number = 0
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: LineFeed.byte) {
            number += 1
            if let entry = Entry(line: Array(bytes[start..<end]), decoder: decoder) {
                entries.append(entry)
            } else {
                damagedLines.append(number)
            }
            start = end + 1
        }
        validBytes = start
        isTorn = start < bytes.count
    }

    /// The bytes of some entries, each with its LF.
    static func bytes(of entries: [Entry]) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var bytes: [UInt8] = []
        for entry in entries {
            bytes += try entry.line(encoder: encoder)
            bytes.append(LineFeed.byte)
        }
        return bytes
    }
}

/// The end of every line in every store.
enum LineFeed {
    static let byte = UInt8(ascii: "\n")
}
