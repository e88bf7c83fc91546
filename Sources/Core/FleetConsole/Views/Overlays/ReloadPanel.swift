import CellGrid
import FleetAPI
import FleetModel

/// The plan of a changed manifest, or its errors.
enum ReloadPanel {
    static func draw(_ reload: ReloadOverlay, _ state: ConsoleState, into canvas: inout Canvas) {
        let plan = state.reloadPlan
        let title = plan?.errors.isEmpty == false ? "the manifest has errors" : "reload ?"
        let area = OverlayView.frame(size(state), title: title, hint: "", into: &canvas)
        guard area.rows >= 3 else { return }
        let (text, buttons) = area.split(bottom: 1)
        let (head, list) = text.split(top: text.rows >= 5 ? 2 : 1)
        canvas.put(heading(plan, state), head.column, head.row, width: head.columns)
        let lines = lines(state, width: list.columns)
        let top = min(reload.top, max(0, lines.count - list.rows))
        canvas.put(lines.dropFirst(top), in: list)
        let hidden = lines.count - top - list.rows
        if hidden > 0 {
            let more = " \(hidden) more \(canvas.glyphs.arrowDown) "
            canvas.grid.writeRight(more, endColumn: area.endColumn, row: area.endRow, style: .dim)
        }
        drawButtons(reload, state, into: &canvas, in: buttons)
    }

    static func buttons(_ state: ConsoleState) -> [ReloadOverlay.Button] {
        let plan = state.reloadPlan
        let canApply = plan.map { $0.errors.isEmpty && !$0.plan.isEmpty } ?? false
        var buttons: [ReloadOverlay.Button] = [.later]
        if state.announcedReload != nil { buttons.append(.ignore) }
        if canApply { buttons.append(.apply) }
        return buttons
    }

    static func maximumTop(_ state: ConsoleState) -> Int {
        let inside = size(state).bounds.inset(columns: 2, rows: 1).split(bottom: 1).rest
        let list = inside.split(top: inside.rows >= 5 ? 2 : 1).rest
        return max(0, lines(state, width: list.columns).count - list.rows)
    }

    private static func size(_ state: ConsoleState) -> Size {
        let screen = state.screen.size
        let wide = screen.columns >= 180 ? 120 : screen.columns >= 110 ? 90 : screen.columns - 4
        let columns = max(0, min(wide, screen.columns))
        let needed = lines(state, width: columns - 4).count + 5
        return Size(columns: columns, rows: min(screen.rows, max(8, min(screen.rows - 4, needed, 30))))
    }

    private static func heading(_ plan: PendingReload?, _ state: ConsoleState) -> StyledLine {
        guard let plan else {
            let text = state.data.error(.reloadPlan)?.message
            return StyledLine(text ?? "reading the manifest", text == nil ? .dim : .fail)
        }
        if !plan.errors.isEmpty { return StyledLine("What runs is not touched until these are mended:") }
        if plan.plan.isEmpty { return StyledLine("The manifest says what runs: nothing to do.", .ok) }
        let count = plan.plan.count
        return StyledLine("\(count) change\(count == 1 ? "" : "s") against what runs:")
    }

    private static func lines(_ state: ConsoleState, width: Int) -> [StyledLine] {
        guard let plan = state.reloadPlan, width > 4 else { return [] }
        if !plan.errors.isEmpty {
            return plan.errors.prefix(200).flatMap { error in
                TextWidth.wrapped(CleanText.line(error), to: width - 2).enumerated().map { index, piece in
                    StyledLine((index == 0 ? "" : "  ") + piece, .fail)
                }
            }
        }
        return plan.plan.prefix(500).map { step(CleanText.line($0), state.glyphs) }
    }

    /// `restart users: command`: a glyph says what is lost by it, as colours are not always there.
    private static func step(_ text: String, _ glyphs: GlyphSet) -> StyledLine {
        let word = text.prefix { $0 != " " }
        let rest = text.dropFirst(word.count)
        let (mark, style): (GlyphSet.Mark, Style) =
            switch word {
            case "restart": (.restarting, .warn)
            case "add": (.ready, .ok)
            case "remove": (.failed, .fail)
            case "scale": (.degraded, .warn)
            default: (.stopped, .plain)
            }
        return StyledLine([
            (" \(glyphs.mark(mark)) ", style), (glyphs.fit(word, to: 8), style), (String(rest), .plain),
        ])
    }

    private static func drawButtons(
        _ reload: ReloadOverlay,
        _ state: ConsoleState,
        into canvas: inout Canvas,
        in rect: Rect
    ) {
        let buttons = buttons(state)
        let focus = buttons.contains(reload.focus) ? reload.focus : .later
        var column = rect.column
        for button in buttons {
            let text = "[ \(title(of: button)) ]"
            let style: Style = button == focus ? Style(.selection, bold: true) : .plain
            canvas.put(text, column, rect.row, width: max(0, rect.endColumn - column), style: style)
            if button == focus { canvas.cursor = Point(column: column, row: rect.row) }
            column += text.count + 2
        }
        var keys = StyledLine()
        if buttons.contains(.apply) { keys.runs += [("y", .key), (" apply  ", .dim)] }
        if buttons.contains(.ignore) { keys.runs += [("i", .key), (" ignore  ", .dim)] }
        keys.runs += [("Esc", .key), (" later", .dim)]
        guard column + 1 + keys.width <= rect.endColumn else { return }
        canvas.put(keys, column + 1, rect.row, width: rect.endColumn - column - 1)
    }

    private static func title(of button: ReloadOverlay.Button) -> String {
        switch button {
        case .later: "Later"
        case .ignore: "Ignore"
        case .apply: "Apply"
        }
    }
}
