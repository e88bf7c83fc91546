import CellGrid
import FleetModel

/// The service table, and below it what is known about the selected one.
enum FleetPane {
    static func draw(_ state: ConsoleState, into canvas: inout Canvas) {
        let layout = FleetLayout(state)
        if state.panes.fleet.isDetailOpen {
            ServicePage.draw(state, into: &canvas, in: layout.area)
            return
        }
        drawTable(state, layout, into: &canvas)
        ServiceStrip.draw(state, into: &canvas, in: layout.strip)
    }

    private static func drawTable(_ state: ConsoleState, _ layout: FleetLayout, into canvas: inout Canvas) {
        let rows = FleetRows(state)
        let columns = FleetColumn.allCases.filter {
            $0.isWorthShowing(rows.services, of: state.snapshot?.services ?? [])
                && !state.panes.fleet.hiddenColumns.contains($0)
        }
        let names = rows.services.indices.map { rows.branch(of: $0, canvas.glyphs) + rows.services[$0].id.rawValue }
        let longest = names.map { TextWidth.of($0) }.max() ?? 8
        let nameWidth = min(max(longest, 8), layout.table.columns >= 120 ? 24 : layout.table.columns >= 80 ? 18 : 14)
        let content = FleetColumn.Content(rows.services, nameWidth: nameWidth, columns: layout.table.columns)
        let table = TableLayout(columns: columns.map { $0.layout(content) })
        let places = table.placements(width: layout.table.columns - 4, startingAt: 3)
        let hasMessage = places.contains { columns[$0.index] == .reason }
        if layout.titles.rows > 0 {
            canvas.grid.writeTitles(of: table, places, row: layout.titles.row, style: .header, glyphs: canvas.glyphs)
        }
        if layout.rule.rows > 0 { canvas.rule(layout.rule.row, width: layout.rule.columns) }
        guard !rows.services.isEmpty else {
            let filter = state.panes.fleet.filter
            return canvas.placeholder(
                filter.isEmpty ? "the fleet has no services" : "no service matches \(filter)",
                in: layout.table
            )
        }
        let visible = rows.services.dropFirst(state.panes.fleet.top).prefix(layout.table.rows)
        for (offset, service) in visible.enumerated() {
            let row = layout.table.row + offset
            drawPrefix(service, state, row, isSelected: service.id == rows.selected?.id, into: &canvas)
            for place in places {
                let column = columns[place.index]
                var field = column.field(service, state, width: place.width, hasMessage: hasMessage)
                if column == .service { field.text = names[state.panes.fleet.top + offset] }
                let (text, style) = field
                canvas.grid.write(field: text, of: table, at: place, row: row, style: style, glyphs: canvas.glyphs)
            }
            if service.id == rows.selected?.id { canvas.selectRow(row, in: layout.table) }
        }
    }

    private static func drawPrefix(
        _ service: ServiceSnapshot,
        _ state: ConsoleState,
        _ row: Int,
        isSelected: Bool,
        into canvas: inout Canvas
    ) {
        let look = StateText(service, glyphs: canvas.glyphs)
        if isSelected { canvas.grid.write(canvas.glyphs.selector, column: 0, row: row) }
        canvas.grid.write(look.glyph, column: 1, row: row, style: look.style)
        if state.selection.marked.contains(service.id) {
            canvas.grid.write(canvas.glyphs.bullet, column: 2, row: row, style: .accent.bold())
        } else if service.newErrors(state) > 0 {
            canvas.grid.write(canvas.glyphs.news, column: 2, row: row, style: .warn)
        }
    }
}
