import CellGrid
import FleetModel

/// The services beside the log: which are shown, how they are, and which have errors that nobody looked at.
enum LogSources {
    static func draw(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        canvas.grid.verticalRule(column: rect.endColumn - 1, row: rect.row, rows: rect.rows, glyphs: canvas.glyphs)
        let area = Rect(column: rect.column + 1, row: rect.row, columns: rect.columns - 3, rows: rect.rows)
        let services = state.snapshot?.services ?? []
        let lines = services.map { service -> StyledLine in
            let look = StateText(service, glyphs: canvas.glyphs)
            let name = service.id.rawValue
            let isOn = isShown(service.id, state)
            var line = StyledLine(isOn ? "[x]" : "[ ]", isOn ? .plain : .dim)
            line.add(look.glyph, look.style)
            // Where nothing is counted the name has that room too.
            let nameWidth = area.columns - (service.errorLines > 0 ? 10 : 5)
            line.add(" " + canvas.glyphs.fit(name, to: nameWidth), isOn ? .source(of: name, state) : .dim)
            if service.errorLines > 0 {
                line.add(canvas.glyphs.fit(NumberText.count(service.errorLines), to: 5, alignment: .right), .fail)
            }
            return line
        }
        var heading = StyledLine(canvas.glyphs.fit("SOURCES", to: area.columns - 6), .header)
        heading.add("errors", .dim)
        canvas.put([heading] + lines, in: area)
    }

    private static func isShown(_ service: ServiceID, _ state: ConsoleState) -> Bool {
        if state.panes.logs.onlyService, let only = state.selection.service { return only == service }
        return !state.panes.logs.hidden.contains(service)
    }
}
