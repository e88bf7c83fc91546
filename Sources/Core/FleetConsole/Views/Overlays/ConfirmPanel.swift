import CellGrid
import FleetModel

/// Asks before something is lost. Its size never changes, so the hand learns where the buttons are.
enum ConfirmPanel {
    static func draw(_ confirm: ConfirmOverlay, into canvas: inout Canvas) {
        let screen = canvas.grid.size
        let size = Size(columns: min(66, screen.columns), rows: min(12, screen.rows))
        let area = OverlayView.frame(size, title: confirm.title, hint: "", into: &canvas)
        guard area.rows >= 2 else { return }
        let (text, buttons) = area.split(bottom: 1)
        // A no-break space keeps a name and its mark together; no terminal needs to see it.
        let lines = confirm.lines.flatMap { TextWidth.wrapped($0, to: text.columns) }.map { line in
            String(line.map { $0 == "\u{A0}" ? " " : $0 })
        }
        let body = area.rows >= 6 ? text.split(top: 1).rest : text
        canvas.put(lines.map { StyledLine($0) }, in: body)
        if let word = confirm.word {
            drawWord(word, confirm, into: &canvas, in: buttons)
        } else {
            drawButtons(confirm, into: &canvas, in: buttons)
        }
    }

    private static func drawButtons(_ confirm: ConfirmOverlay, into canvas: inout Canvas, in rect: Rect) {
        let cancel = "[ Cancel ]"
        let accept = "[ \(confirm.verb) ]"
        let chosen = Style(.selection, bold: true)
        canvas.put(cancel, rect.column, rect.row, width: rect.columns, style: confirm.isAccepting ? .plain : chosen)
        let start = rect.column + cancel.count + 2
        canvas.put(accept, start, rect.row, width: rect.endColumn - start, style: confirm.isAccepting ? chosen : .plain)
        canvas.cursor = Point(column: confirm.isAccepting ? start : rect.column, row: rect.row)
        let hint = start + accept.count + 3
        canvas.put(
            StyledLine([("y", .key), (" \(confirm.verb.lowercased())  ", .dim), ("n Esc", .key), (" cancel", .dim)]),
            hint,
            rect.row,
            width: rect.endColumn - hint
        )
    }

    private static func drawWord(_ word: String, _ confirm: ConfirmOverlay, into canvas: inout Canvas, in rect: Rect) {
        let matches = LogFilterText.trimmed(confirm.editor.text) == word
        let label = "type \(word) > "
        canvas.put(label, rect.column, rect.row, width: rect.columns, style: .warn)
        let start = rect.column + TextWidth.of(label)
        canvas.put(
            confirm.editor.text,
            start,
            rect.row,
            width: rect.endColumn - start,
            style: matches ? .ok.bold() : .plain
        )
        let tail = matches ? "Enter \(confirm.verb.lowercased())s" : "Esc cancel"
        let end = start + TextWidth.of(confirm.editor.text) + 2
        canvas.put(
            tail,
            max(end, rect.endColumn - tail.count),
            rect.row,
            width: max(0, rect.endColumn - end),
            style: .dim
        )
        canvas.cursor = Point(
            column: min(rect.endColumn - 1, start + TextWidth.of(confirm.editor.textBeforeCursor)),
            row: rect.row
        )
    }
}

/// What becomes of the fleet when the console goes.
enum QuitPanel {
    static func draw(_ state: ConsoleState, into canvas: inout Canvas) {
        let screen = canvas.grid.size
        let size = Size(columns: min(66, screen.columns), rows: min(9, screen.rows))
        let area = OverlayView.frame(size, title: "quit ?", hint: "", into: &canvas)
        let running = state.snapshot?.services.count { $0.state.isAlive } ?? 0
        if case .lost(let reason) = state.fleet.connection { return drawLost(reason, area, into: &canvas) }
        let sentence = running == 1 ? "1 service is running." : "\(running) services are running."
        let options: [(String, String)] = [
            (
                "d",
                area.columns >= 58
                    ? "detach: leave them running; `fleet attach` comes back" : "detach: leave them running"
            ),
            ("k", area.columns >= 58 ? "stop all in reverse dependency order, then quit" : "stop all, then quit"),
            ("Esc", "stay"),
        ]
        put(sentence, options, area, into: &canvas)
    }

    /// Without an engine there is nothing to detach from and nothing to stop.
    private static func drawLost(_ reason: String, _ area: Rect, into canvas: inout Canvas) {
        let options = [("d", "leave; `fleet up` starts it again"), ("Esc", "stay: the next engine is found by itself")]
        put("No connection: \(reason).", options, area, into: &canvas)
    }

    private static func put(
        _ sentence: String,
        _ options: [(String, String)],
        _ area: Rect,
        into canvas: inout Canvas
    ) {
        let lines =
            [StyledLine(sentence), StyledLine()]
            + options.map {
                StyledLine([(canvas.glyphs.fit($0.0, to: 5), .key.bold()), ($0.1, .plain)])
            }
        canvas.put(area.rows >= 7 ? [StyledLine()] + lines : lines.filter { !$0.runs.isEmpty }, in: area)
        canvas.cursor = Point(column: area.column, row: area.row)
    }
}
