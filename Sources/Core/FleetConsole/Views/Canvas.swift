import CellGrid

/// What a view draws on: the grid, the characters to use, and where the hardware cursor ends up.
struct Canvas {
    var grid: Grid
    /// Screen readers and braille displays follow it; it sits on the selected row or in the line being typed.
    var cursor: Point?
    let glyphs: GlyphSet

    init(size: Size, glyphs: GlyphSet) {
        grid = Grid(size: size)
        self.glyphs = glyphs
    }

    /// One line of text cut with an ellipsis.
    mutating func put(_ text: String, _ column: Int, _ row: Int, width: Int, style: Style = .plain) {
        guard width > 0 else { return }
        if TextWidth.of(text) <= width {
            grid.write(text, column: column, row: row, style: style, maxWidth: width)
        } else {
            grid.write(
                TextWidth.truncated(text, to: width, ellipsis: glyphs.ellipsis),
                column: column,
                row: row,
                style: style
            )
        }
    }

    /// Pieces of different styles, cut at the width with an ellipsis.
    mutating func put(_ line: StyledLine, _ column: Int, _ row: Int, width: Int) {
        guard width > 0 else { return }
        var used = 0
        for run in line.runs {
            let room = width - used
            let needed = TextWidth.of(run.text)
            if needed > room {
                grid.write(
                    TextWidth.truncated(run.text, to: room, ellipsis: glyphs.ellipsis),
                    column: column + used,
                    row: row,
                    style: run.style
                )
                if room == 0 { grid.write(glyphs.ellipsis, column: column + width - 1, row: row, style: run.style) }
                return
            }
            used += grid.write(run.text, column: column + used, row: row, style: run.style)
        }
    }

    /// As many lines as the rectangle has rows.
    mutating func put(_ lines: some Sequence<StyledLine>, in rect: Rect) {
        for (offset, line) in lines.prefix(rect.rows).enumerated() {
            put(line, rect.column, rect.row + offset, width: rect.columns)
        }
    }

    mutating func rule(_ row: Int, column: Int = 0, width: Int, title: String = "", focused: Bool = false) {
        grid.horizontalRule(
            row: row,
            column: column,
            columns: width,
            title: title,
            style: focused ? .focus : .border,
            titleStyle: focused ? .title.bold() : .title,
            glyphs: glyphs,
            heavy: focused
        )
    }

    mutating func selectRow(_ row: Int, in rect: Rect) {
        grid.restyle(Rect(column: rect.column, row: row, columns: rect.columns, rows: 1)) { style in
            Style(.selection, bold: style.isBold, underline: style.isUnderlined)
        }
        cursor = Point(column: rect.column, row: row)
    }

    /// A message in the middle of an area that has nothing to show.
    mutating func placeholder(_ text: String, in rect: Rect, style: Style = .dim) {
        guard !rect.isEmpty else { return }
        let lines = TextWidth.wrapped(text, to: max(1, rect.columns - 2))
        let first = rect.row + max(0, (rect.rows - lines.count) / 2)
        for (offset, line) in lines.prefix(rect.rows).enumerated() {
            let width = TextWidth.of(line)
            put(
                line,
                rect.column + max(0, (rect.columns - width) / 2),
                first + offset,
                width: rect.columns,
                style: style
            )
        }
    }
}

/// Text in pieces of different styles.
struct StyledLine {
    typealias Run = (text: String, style: Style)

    var runs: [Run]

    init(_ runs: [Run] = []) { self.runs = runs }

    init(_ text: String, _ style: Style = .plain) { runs = [(text, style)] }

    mutating func add(_ text: String, _ style: Style = .plain) { runs.append((text, style)) }

    /// Broken between words onto at most `most` lines; all but the first are indented. What does not fit stays on the
    /// last one, so that it is cut where it is drawn.
    func wrapped(to width: Int, indent: Int, most: Int) -> [StyledLine] {
        var lines = [StyledLine()]
        var used = 0
        for (index, run) in runs.enumerated() {
            // The label is one piece.
            for piece in index == 0 ? [run.text] : run.text.wordsWithBlanks {
                let needed = TextWidth.of(piece)
                let blanks = piece.prefix { $0 == " " }
                if used + needed > width, used > indent, lines.count < most, blanks.count < piece.count {
                    lines.append(StyledLine(String(repeating: " ", count: indent)))
                    used = indent
                    lines[lines.count - 1].add(String(piece.dropFirst(blanks.count)), run.style)
                    used += needed - blanks.count
                } else {
                    lines[lines.count - 1].add(piece, run.style)
                    used += needed
                }
            }
        }
        return lines
    }

    var text: String { runs.map(\.text).joined() }
    var width: Int { runs.reduce(0) { $0 + TextWidth.of($1.text) } }
}

extension String {
    /// Each word with the blanks before it.
    fileprivate var wordsWithBlanks: [String] {
        var words: [String] = []
        var current = ""
        for character in self {
            if character == " ", let last = current.last, last != " " {
                words.append(current)
                current = ""
            }
            current.append(character)
        }
        return current.isEmpty ? words : words + [current]
    }
}
