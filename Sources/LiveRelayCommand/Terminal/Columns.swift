/// Rows of cells as aligned columns, with right widths for 汉字.
enum Columns {
    /// A cell wider than this is cut, so that one long name does not push everything off the screen.
    static let cellColumnsMaximum = 40

    /// The rows as lines; the first may be a heading.
    static func lines(_ rows: [[String]]) -> [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            min(
                rows.map { column < $0.count ? TextWidth.columns($0[column]) : 0 }.max() ?? 0,
                cellColumnsMaximum)
        }
        return rows.map { row in
            let cells = row.enumerated().map { TextWidth.fitted($1, widths[$0]) }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
