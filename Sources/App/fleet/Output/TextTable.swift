import CellGrid

/// Columns of text for `ps`, `traces` and the like: as wide as their widest cell, two blanks between.
struct TextTable {
    enum Alignment { case left, right }

    private let header: [(title: String, alignment: Alignment)]
    private var rows: [[String]] = []

    init(_ header: [(title: String, alignment: Alignment)]) {
        self.header = header
    }

    mutating func add(_ row: [String]) { rows.append(row) }

    var text: String {
        let lines = [header.map(\.title)] + rows
        let widths = header.indices.map { column in lines.map { TextWidth.of($0[column]) }.max() ?? 0 }
        return lines.map { cells in
            let line = header.indices.map { column in
                let blanks = String(repeating: " ", count: max(0, widths[column] - TextWidth.of(cells[column])))
                return header[column].alignment == .right ? blanks + cells[column] : cells[column] + blanks
            }
            .joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
        .joined(separator: "\n")
    }
}
