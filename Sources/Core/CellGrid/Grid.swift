/// A rectangle of styled cells: what a view returns and what the terminal draws.
///
/// Writing clips at the edges, replaces control bytes and keeps wide characters whole, so every row's cell widths always
/// add up to the number of columns.
package struct Grid: Hashable, Sendable {
    package let size: Size
    private(set) var cells: ContiguousArray<Cell>

    package init(size: Size, style: Style = .plain) {
        self.size = size
        cells = ContiguousArray(repeating: Cell(" ", style: style), count: size.columns * size.rows)
    }

    package var columns: Int { size.columns }
    package var rows: Int { size.rows }
    package var bounds: Rect { size.bounds }

    /// The cell at a position. Reading outside gives a blank, writing outside does nothing; writing over one half of a
    /// wide character blanks the other half, and a wide cell that does not fit becomes a blank.
    package subscript(column: Int, row: Int) -> Cell {
        get { contains(column, row) ? cells[index(column, row)] : .blank }
        set {
            guard contains(column, row) else { return }
            put(newValue, column, row)
        }
    }

    package subscript(point: Point) -> Cell {
        get { self[point.column, point.row] }
        set { self[point.column, point.row] = newValue }
    }

    package func row(_ row: Int) -> ArraySlice<Cell> {
        guard row >= 0, row < rows else { return [] }
        return ArraySlice(cells[row * columns..<(row + 1) * columns])
    }

    /// Calls `body` with the cells of one row without copying them.
    package func withRow<Result>(_ row: Int, _ body: (UnsafeBufferPointer<Cell>) -> Result) -> Result? {
        guard row >= 0, row < rows else { return nil }
        return cells.withUnsafeBufferPointer {
            body(UnsafeBufferPointer(rebasing: $0[row * columns..<(row + 1) * columns]))
        }
    }

    /// Whether one row of two grids of the same width shows the same.
    package func rowEquals(_ row: Int, of other: Grid) -> Bool {
        guard columns == other.columns, row >= 0, row < rows, row < other.rows else { return false }
        return cells[row * columns..<(row + 1) * columns] == other.cells[row * columns..<(row + 1) * columns]
    }

    private func contains(_ column: Int, _ row: Int) -> Bool {
        column >= 0 && row >= 0 && column < columns && row < rows
    }

    private func index(_ column: Int, _ row: Int) -> Int { row * columns + column }

    /// Stores a cell inside the bounds and repairs halves of wide characters around it.
    private mutating func put(_ cell: Cell, _ column: Int, _ row: Int) {
        let position = index(column, row)
        detach(column, row)
        switch cell.width {
        case 2 where column + 1 < columns:
            detach(column + 1, row)
            cells[position] = cell
            cells[position + 1] = .continuation(style: cell.style)
        case 1:
            cells[position] = cell
        default:
            cells[position] = Cell(known: " ", width: 1, style: cell.style)
        }
    }

    /// Changes only the look of a cell; both halves of a wide character can differ for a moment, which terminals ignore.
    mutating func restyleCell(column: Int, row: Int, style: Style) {
        guard contains(column, row) else { return }
        cells[index(column, row)].style = style
    }

    /// Blanks the other half of a wide character that covers this position.
    private mutating func detach(_ column: Int, _ row: Int) {
        let position = index(column, row)
        if cells[position].isContinuation, column > 0 {
            cells[position - 1] = Cell(known: " ", width: 1, style: cells[position - 1].style)
        } else if cells[position].isWide, column + 1 < columns {
            cells[position + 1] = Cell(known: " ", width: 1, style: cells[position + 1].style)
        }
    }
}

// MARK: Text

extension Grid {
    /// Writes one line of text and returns the columns it covered.
    ///
    /// Text left of column 0, right of the edge or beyond `maxWidth` columns is cut; a wide character is never cut in half.
    /// Control bytes (line feeds too) and unassigned scalars show as U+FFFD; joiners and variation selectors vanish.
    @discardableResult
    package mutating func write(
        _ text: some StringProtocol,
        column: Int,
        row: Int,
        style: Style = .plain,
        maxWidth: Int? = nil
    ) -> Int {
        guard row >= 0, row < rows, column < columns else { return 0 }
        let end = min(columns, maxWidth.map { column.addingClamped(max(0, $0)) } ?? columns)
        var at = column
        for scalar in text.unicodeScalars {
            switch TextWidth.of(scalar) {
            case .columns(let width):
                guard at + width <= end else { return max(0, at - max(column, 0)) }
                if at >= 0 { put(Cell(known: scalar, width: width, style: style), at, row) }
                at += width
            case .combining:
                if at > column { combine(scalar, before: at, row) }
            case .stripped:
                continue
            case .unprintable:
                guard at < end else { return max(0, at - max(column, 0)) }
                if at >= 0 { put(Cell(known: "\u{FFFD}", width: 1, style: style), at, row) }
                at += 1
            }
        }
        return max(0, at - max(column, 0))
    }

    /// Writes text so that its last column is the one before `endColumn`; returns the columns it covered.
    @discardableResult
    package mutating func writeRight(
        _ text: some StringProtocol,
        endColumn: Int,
        row: Int,
        style: Style = .plain
    ) -> Int {
        write(text, column: endColumn - TextWidth.of(text), row: row, style: style)
    }

    /// Writes text into exactly `width` columns: padded with blanks, or cut with an ellipsis when it is too long.
    package mutating func write(
        _ text: some StringProtocol,
        column: Int,
        row: Int,
        width: Int,
        alignment: Alignment = .left,
        style: Style = .plain,
        ellipsis: String = "…"
    ) {
        write(
            TextWidth.padded(text, to: width, alignment: alignment, ellipsis: ellipsis),
            column: column,
            row: row,
            style: style,
            maxWidth: width
        )
    }

    /// Writes pieces of different styles one after the other; returns the columns they covered.
    @discardableResult
    package mutating func write(
        _ runs: [(text: String, style: Style)],
        column: Int,
        row: Int,
        maxWidth: Int? = nil
    ) -> Int {
        var used = 0
        for run in runs {
            let left = maxWidth.map { $0 - used }
            if let left, left <= 0 { break }
            used += write(run.text, column: column + used, row: row, style: run.style, maxWidth: left)
        }
        return used
    }

    private mutating func combine(_ mark: Unicode.Scalar, before column: Int, _ row: Int) {
        var target = column - 1
        guard contains(target, row) else { return }
        if cells[index(target, row)].isContinuation { target -= 1 }
        guard contains(target, row) else { return }
        cells[index(target, row)].add(mark: mark)
    }
}

extension Int {
    fileprivate func addingClamped(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? Int.max : sum
    }
}
