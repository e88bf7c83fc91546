import CellGrid

/// The keys that may follow a prefix, at the lower right as in helix.
enum MenuPanel {
    static func draw(_ menu: MenuOverlay, _ state: ConsoleState, into canvas: inout Canvas, above row: Int) {
        let items = menu.items(state)
        let notes = menu.notes(state)
        let widest = max(
            items.map { TextWidth.of($0.title) }.max() ?? 0,
            (notes.map { TextWidth.of($0) }.max() ?? 0) - 5
        )
        let width = min(canvas.grid.columns, max(20, widest + 11))
        let height = min(notes.count + items.count + 3, max(3, row))
        let origin = Point(column: max(0, canvas.grid.columns - width - 2), row: max(0, row - height))
        let area = OverlayView.frame(
            Size(columns: width, rows: height),
            title: menu.title,
            hint: "",
            into: &canvas,
            at: origin
        )
        let lines = items.map {
            StyledLine([(canvas.glyphs.fit($0.key.description, to: 5), .key), ($0.title, .plain)])
        }
        canvas.put(
            notes.map { StyledLine($0, .warn) } + lines + [StyledLine([("Esc  ", .key), ("cancel", .dim)])],
            in: area
        )
        canvas.cursor = Point(column: area.column, row: area.row)
    }
}

/// A list to pick from.
enum ChooserPanel {
    static func draw(_ chooser: ChooserOverlay, _ state: ConsoleState, into canvas: inout Canvas) {
        let items = chooser.items(state)
        let isMultiple = chooser.isMultiple
        let widest = max(items.map { TextWidth.of($0.title) }.max() ?? 0, TextWidth.of(chooser.hint) - 2)
        let size = Size(columns: widest + 12, rows: min(items.count + 2, max(4, canvas.grid.rows - 4)))
        let area = OverlayView.frame(size, title: chooser.title, hint: chooser.hint, into: &canvas)
        let selected = min(chooser.selected, max(0, items.count - 1))
        let top = Scroll.top(0, selected: selected, rows: area.rows, count: items.count)
        for (offset, item) in items.dropFirst(top).prefix(area.rows).enumerated() {
            let row = area.row + offset
            let box = isMultiple ? (item.isOn ? "[x] " : "[ ] ") : (item.isOn ? "\(canvas.glyphs.bullet) " : "  ")
            let style: Style = isMultiple && chooser.purpose != .columns ? .source(of: item.title, state) : .plain
            canvas.put(StyledLine([(box, .plain), (item.title, style)]), area.column + 1, row, width: area.columns - 1)
            if top + offset == selected {
                canvas.grid.write(canvas.glyphs.selector, column: area.column, row: row)
                canvas.selectRow(row, in: area)
            }
        }
    }
}
