import CellGrid
import FleetAPI
import FleetModel

/// What a process of the service gets when it is started now, and which layer each variable comes from.
enum ServiceEnvironment {
    static func draw(
        _ service: ServiceSnapshot,
        _ state: ConsoleState,
        _ layout: ServicePageLayout,
        into canvas: inout Canvas
    ) {
        let variables = state.pageVariables
        guard !variables.isEmpty else { return drawEmpty(service, state, into: &canvas, in: layout.list) }
        let table = table(variables)
        let places = table.placements(width: layout.list.columns - 3, startingAt: 2)
        if layout.titles.rows > 0 {
            canvas.grid.writeTitles(of: table, places, row: layout.titles.row, glyphs: canvas.glyphs)
        }
        for (offset, variable) in variables.dropFirst(state.panes.fleet.page.top).prefix(layout.list.rows).enumerated()
        {
            let row = layout.list.row + offset
            let value = value(of: variable, state)
            for place in places {
                let field: StyledLine.Run =
                    switch place.index {
                    case 0: (variable.name, .plain.bold())
                    case 1: (value.text, value.style)
                    default: (layer(variable.layer, width: place.width, canvas.glyphs), .dim)
                    }
                canvas.grid.write(
                    field: field.text,
                    of: table,
                    at: place,
                    row: row,
                    style: field.style,
                    glyphs: canvas.glyphs
                )
            }
            guard state.panes.fleet.page.top + offset == state.panes.fleet.page.variable else { continue }
            canvas.grid.write(canvas.glyphs.selector, column: 0, row: row)
            canvas.selectRow(row, in: layout.list)
        }
        if let variable = state.selectedVariable { drawDetail(variable, state, into: &canvas, in: layout.detail) }
    }

    /// How many there are, and how to see those that are masked.
    static func about(_ state: ConsoleState) -> StyledLine {
        guard let service = state.pageService, let answer = state.data.environment(of: service.id) else {
            return StyledLine()
        }
        let shown = state.pageVariables.count
        let secrets = answer.variables.count(where: \.isSecret)
        var line = StyledLine(
            "\(shown)" + (shown < answer.variables.count ? " of \(answer.variables.count)" : "") + " variables",
            .dim
        )
        guard secrets > 0 else { return line }
        line.add(state.showsSecrets ? "  secrets shown  " : "  \(secrets) masked  ", state.showsSecrets ? .warn : .dim)
        line.add("V", .key)
        line.add(state.showsSecrets ? " hides" : " shows", .dim)
        return line
    }

    private static func drawEmpty(
        _ service: ServiceSnapshot,
        _ state: ConsoleState,
        into canvas: inout Canvas,
        in rect: Rect
    ) {
        if let error = state.data.error(.environment) {
            return canvas.placeholder(error.message, in: rect, style: .fail)
        }
        guard let answer = state.data.environment(of: service.id) else {
            return canvas.placeholder("reading the environment", in: rect)
        }
        let filter = state.panes.fleet.page.filter
        canvas.placeholder(
            answer.variables.isEmpty ? "it gets no variables" : "no variable matches \(filter)",
            in: rect
        )
    }

    private static func table(_ variables: [EnvironmentAnswer.Variable]) -> TableLayout {
        let longest = min(36, variables.map { TextWidth.of($0.name) }.max() ?? 0)
        let layers = min(30, variables.map { TextWidth.of($0.layer) }.max() ?? 0)
        return TableLayout(columns: [
            .init("NAME", minimum: min(12, longest), ideal: longest, priority: 100),
            .init("VALUE", minimum: 12, ideal: 20, priority: 90, isFlexible: true),
            .init("FROM", minimum: min(9, max(4, layers)), ideal: max(4, layers), priority: 80),
        ])
    }

    private static func value(
        of variable: EnvironmentAnswer.Variable,
        _ state: ConsoleState
    ) -> (text: String, style: Style) {
        guard let value = variable.value else { return ("(unset)", .dim) }
        if variable.isSecret, !state.showsSecrets { return (state.glyphs.mask, .dim) }
        return (value, variable.isSecret ? .warn : .plain)
    }

    /// Of a path the end tells more.
    private static func layer(_ text: String, width: Int, _ glyphs: GlyphSet) -> String {
        TextWidth.truncatedFront(text, to: width, ellipsis: glyphs.ellipsis)
    }

    private static func drawDetail(
        _ variable: EnvironmentAnswer.Variable,
        _ state: ConsoleState,
        into canvas: inout Canvas,
        in rect: Rect
    ) {
        guard rect.rows >= 2 else { return }
        canvas.rule(rect.row, width: rect.columns, title: variable.name)
        let area = rect.split(top: 1).rest.inset(columns: 1, rows: 0)
        var origin = StyledLine([("from ", .dim), (variable.layer, .plain)])
        if !variable.hidden.isEmpty {
            origin.runs += [("  hides ", .dim), (variable.hidden.joined(separator: ", "), .plain)]
        }
        let value = value(of: variable, state)
        let room = max(1, area.rows - 1)
        // A value may be a whole certificate.
        let pieces = TextWidth.wrapped(String(value.text.prefix(4000)), to: area.columns).prefix(room)
        canvas.put([origin] + pieces.map { StyledLine($0, value.style) }, in: area)
    }
}
