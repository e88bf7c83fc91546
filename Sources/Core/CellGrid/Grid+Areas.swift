extension Grid {
    package mutating func fill(_ rect: Rect, _ cell: Cell = .blank) {
        let area = rect.intersection(bounds)
        guard !area.isEmpty else { return }
        let step = max(1, Int(cell.width))
        for row in area.row..<area.endRow {
            for column in stride(from: area.column, to: area.endColumn, by: step) {
                self[column, row] = column + step <= area.endColumn ? cell : Cell(" ", style: cell.style)
            }
        }
    }

    package mutating func clear(_ rect: Rect) { fill(rect, .blank) }

    /// Changes the style of what is already there, for selections and highlights.
    package mutating func restyle(_ rect: Rect, _ change: (Style) -> Style) {
        let area = rect.intersection(bounds)
        guard !area.isEmpty else { return }
        for row in area.row..<area.endRow {
            for column in area.column..<area.endColumn {
                restyleCell(column: column, row: row, style: change(self[column, row].style))
            }
        }
    }

    /// Gives every cell of the area one style.
    package mutating func restyle(_ rect: Rect, _ style: Style) { restyle(rect) { _ in style } }

    /// Copies another grid here; what does not fit is cut.
    package mutating func blit(_ grid: Grid, at origin: Point) {
        for row in 0..<grid.rows {
            for column in 0..<grid.columns {
                let cell = grid[column, row]
                if !cell.isContinuation { self[origin.column + column, origin.row + row] = cell }
            }
        }
    }

    /// A copy of an area, cut to what there is.
    package func crop(_ rect: Rect) -> Grid {
        let area = rect.intersection(bounds)
        var copy = Grid(size: area.size)
        copy.blit(self, at: Point(column: -area.column, row: -area.row))
        return copy
    }

    /// Draws a frame along the inside edge of `rect`, with a title in the top line. A heavy frame marks the focus.
    package mutating func box(
        _ rect: Rect,
        title: String = "",
        style: Style = .border,
        titleStyle: Style? = nil,
        glyphs: GlyphSet,
        heavy: Bool = false
    ) {
        guard rect.columns >= 2, rect.rows >= 2 else { return }
        let lines = glyphs.lines(heavy ? .heavy : .light)
        horizontal(lines.horizontal, from: rect.column + 1, to: rect.endColumn - 1, row: rect.row, style: style)
        horizontal(lines.horizontal, from: rect.column + 1, to: rect.endColumn - 1, row: rect.endRow - 1, style: style)
        for row in rect.row + 1..<rect.endRow - 1 {
            self[rect.column, row] = Cell(lines.vertical, style: style)
            self[rect.endColumn - 1, row] = Cell(lines.vertical, style: style)
        }
        self[rect.column, rect.row] = Cell(lines.topLeft, style: style)
        self[rect.endColumn - 1, rect.row] = Cell(lines.topRight, style: style)
        self[rect.column, rect.endRow - 1] = Cell(lines.bottomLeft, style: style)
        self[rect.endColumn - 1, rect.endRow - 1] = Cell(lines.bottomRight, style: style)
        inlineTitle(
            title,
            column: rect.column + 2,
            room: rect.columns - 4,
            row: rect.row,
            style: titleStyle ?? style,
            glyphs
        )
    }

    /// Draws a line across `row` (or the given columns), with a title set into it near its start.
    package mutating func horizontalRule(
        row: Int,
        column: Int = 0,
        columns width: Int? = nil,
        title: String = "",
        style: Style = .border,
        titleStyle: Style? = nil,
        glyphs: GlyphSet,
        heavy: Bool = false
    ) {
        let end = column + (width ?? columns - column)
        horizontal(glyphs.lines(heavy ? .heavy : .light).horizontal, from: column, to: end, row: row, style: style)
        inlineTitle(title, column: column + 1, room: end - column - 2, row: row, style: titleStyle ?? style, glyphs)
    }

    package mutating func verticalRule(
        column: Int,
        row: Int = 0,
        rows height: Int? = nil,
        style: Style = .border,
        glyphs: GlyphSet,
        heavy: Bool = false
    ) {
        let line = Cell(glyphs.lines(heavy ? .heavy : .light).vertical, style: style)
        for row in max(0, row)..<max(0, row, min(rows, row + (height ?? rows - row))) { self[column, row] = line }
    }

    private mutating func horizontal(_ scalar: Unicode.Scalar, from start: Int, to end: Int, row: Int, style: Style) {
        let cell = Cell(scalar, style: style)
        for column in max(0, start)..<max(0, start, min(columns, end)) { self[column, row] = cell }
    }

    private mutating func inlineTitle(
        _ title: String,
        column: Int,
        room: Int,
        row: Int,
        style: Style,
        _ glyphs: GlyphSet
    ) {
        guard !title.isEmpty, room >= 3 else { return }
        let text = TextWidth.truncated(title, to: room - 2, ellipsis: glyphs.ellipsis)
        write(" \(text) ", column: column, row: row, style: style, maxWidth: room)
    }
}
