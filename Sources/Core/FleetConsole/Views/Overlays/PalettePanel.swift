import CellGrid

/// The command line with what it offers.
enum PalettePanel {
    static func draw(_ palette: PaletteOverlay, _ state: ConsoleState, into canvas: inout Canvas) {
        let screen = state.screen.size
        let width = screen.columns >= 180 ? 120 : screen.columns >= 110 ? 90 : screen.columns - 4
        let size = Size(columns: max(10, width), rows: min(max(4, screen.rows - 4), 18))
        let origin = Point(
            column: max(0, (screen.columns - size.columns) / 2),
            row: min(3, max(0, screen.rows - size.rows))
        )
        let hint = "\(canvas.glyphs.arrowUp)\(canvas.glyphs.arrowDown) choose  Tab complete  Enter run  Esc close"
        let area = OverlayView.frame(size, title: "command", hint: hint, into: &canvas, at: origin)
        guard area.rows >= 1 else { return }
        canvas.put(
            StyledLine([(": ", .key.bold()), (palette.editor.text, .plain)]),
            area.column,
            area.row,
            width: area.columns
        )
        let cursor = area.column + 2 + TextWidth.of(palette.editor.textBeforeCursor)
        drawItems(palette, state, into: &canvas, in: area.split(top: area.rows >= 6 ? 2 : 1).rest)
        canvas.cursor = Point(column: min(cursor, area.endColumn - 1), row: area.row)
    }

    private static func drawItems(
        _ palette: PaletteOverlay,
        _ state: ConsoleState,
        into canvas: inout Canvas,
        in rect: Rect
    ) {
        let offer = Palette(palette.editor.text, state)
        let items = offer.items
        guard !items.isEmpty else { return canvas.placeholder("no command matches", in: rect) }
        let chosen = offer.chosen(palette)
        let selected = chosen ?? 0
        let top = Scroll.top(0, selected: selected, rows: rect.rows, count: items.count)
        let longest = items.map { TextWidth.of($0.text) + 2 }.max() ?? 0
        let nameWidth = min(rect.columns, max(20, rect.columns * 2 / 5, min(longest, rect.columns * 3 / 5)))
        for (offset, item) in items.dropFirst(top).prefix(rect.rows).enumerated() {
            let row = rect.row + offset
            let isSelected = top + offset == chosen
            let keyWidth = TextWidth.of(item.key)
            canvas.put((isSelected ? canvas.glyphs.selector : " ") + item.text, rect.column, row, width: nameWidth)
            canvas.put(
                item.summary,
                rect.column + nameWidth + 1,
                row,
                width: rect.columns - nameWidth - keyWidth - 3,
                style: .dim
            )
            canvas.put(item.key, rect.endColumn - keyWidth, row, width: keyWidth, style: .key)
            if isSelected { canvas.selectRow(row, in: rect) }
        }
    }
}
