import CellGrid

/// The keys of the pane, generated from the table; typing filters it.
enum HelpPanel {
    static func draw(_ help: HelpOverlay, _ state: ConsoleState, into canvas: inout Canvas) {
        let size = size(state)
        let title = "help: \(state.pane.name)"
        let area = OverlayView.frame(size, title: title, hint: "type to filter  Enter runs  Esc close", into: &canvas)
        guard area.rows >= 2 else { return }
        canvas.put(StyledLine([("> ", .key), (help.filter.text, .plain)]), area.column, area.row, width: area.columns)
        canvas.cursor = Point(
            column: min(area.endColumn - 1, area.column + 2 + TextWidth.of(help.filter.textBeforeCursor)),
            row: area.row
        )
        let list = area.split(top: 2).rest
        let columns = columns(in: list.columns)
        let lines = lines(help, state)
        let height = max(1, (lines.count + columns - 1) / columns)
        for (index, cell) in list.splitColumns(columns, gap: 2).enumerated() {
            let part = lines.dropFirst(index * height).prefix(height)
            canvas.put(part.dropFirst(help.top), in: cell)
        }
        let hidden = height - help.top - list.rows
        if hidden > 0 {
            let more = " \(hidden) more \(canvas.glyphs.arrowDown) "
            canvas.grid.writeRight(more, endColumn: area.endColumn, row: area.endRow, style: .dim)
        }
        if lines.isEmpty { canvas.placeholder("nothing matches", in: list) }
    }

    static func maximumTop(_ help: HelpOverlay, _ state: ConsoleState) -> Int {
        let area = size(state).bounds.inset(columns: 2, rows: 1).split(top: 2).rest
        let columns = columns(in: area.columns)
        return max(0, (lines(help, state).count + columns - 1) / columns - area.rows)
    }

    private static func size(_ state: ConsoleState) -> Size {
        let screen = state.screen.size
        let wide = screen.columns >= 180 ? 150 : screen.columns >= 110 ? 104 : screen.columns - 2
        return Size(columns: min(wide, screen.columns), rows: min(screen.rows, max(8, min(screen.rows - 2, 40))))
    }

    private static func columns(in width: Int) -> Int { max(1, width / 46) }

    private static func lines(_ help: HelpOverlay, _ state: ConsoleState) -> [StyledLine] {
        HelpItems(help.filter.text, state).sections.filter { !$0.commands.isEmpty }.flatMap { section in
            let hasMarks = section.title == Pane.fleet.title
            return [StyledLine(section.title, .title.bold())] + section.commands.map { line($0, state.glyphs) }
                + (hasMarks ? marks(state.glyphs) : []) + [StyledLine()]
        }
    }

    /// What stands in a row without a title.
    private static func marks(_ glyphs: GlyphSet) -> [StyledLine] {
        let meanings = [
            (glyphs.news, "new errors since its log was looked at"), (glyphs.bullet, "marked"),
            ("~", "differs from the manifest"), ("t", "has a terminal"), ("w", "files are watched"),
            ("w!", "files are watched no more"),
        ]
        return [StyledLine(), StyledLine("Marks in rows", .title.bold())]
            + meanings.map { StyledLine([(" " + glyphs.fit($0.0, to: 12) + " ", .accent), ($0.1, .plain)]) }
    }

    private static func line(_ command: ConsoleCommand, _ glyphs: GlyphSet) -> StyledLine {
        let keys = command.keys.isEmpty ? ":" + command.name : command.keyText
        return StyledLine([
            (" " + glyphs.fit(keys, to: 12) + " ", .key), (command.summary, .plain),
        ])
    }
}
