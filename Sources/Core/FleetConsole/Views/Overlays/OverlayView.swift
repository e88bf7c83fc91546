import CellGrid

/// What is drawn over the pane.
enum OverlayView {
    static func draw(_ overlay: Overlay, _ state: ConsoleState, into canvas: inout Canvas, in layout: ScreenLayout) {
        switch overlay {
        case .help(let help): HelpPanel.draw(help, state, into: &canvas)
        case .palette(let palette): PalettePanel.draw(palette, state, into: &canvas)
        case .menu(let menu): MenuPanel.draw(menu, state, into: &canvas, above: layout.status.row)
        case .chooser(let chooser): ChooserPanel.draw(chooser, state, into: &canvas)
        case .confirm(let confirm): ConfirmPanel.draw(confirm, into: &canvas)
        case .comparison(let comparison): ComparisonPanel.draw(comparison, state, into: &canvas)
        case .reload(let reload): ReloadPanel.draw(reload, state, into: &canvas)
        case .quit: QuitPanel.draw(state, into: &canvas)
        // The status line shows it.
        case .prompt: break
        }
    }

    /// An empty box with a title above and a hint in the lower line; returns what is inside it.
    static func frame(
        _ size: Size,
        title: String,
        hint: String,
        into canvas: inout Canvas,
        at origin: Point? = nil
    ) -> Rect {
        let bounds = canvas.grid.bounds
        let box = origin.map { Rect(origin: $0, size: size).intersection(bounds) } ?? size.centred(in: bounds)
        canvas.grid.clear(box)
        canvas.grid.box(box, title: title, style: .focus, titleStyle: .title.bold(), glyphs: canvas.glyphs, heavy: true)
        if TextWidth.of(hint) + 6 <= box.columns, !hint.isEmpty {
            canvas.put(" \(hint) ", box.column + 2, box.endRow - 1, width: box.columns - 4, style: .dim)
        }
        return box.inset(columns: 2, rows: 1)
    }
}
