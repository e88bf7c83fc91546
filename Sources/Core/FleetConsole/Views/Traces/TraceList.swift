import CellGrid
import FleetAPI
import FleetModel

/// The table of traces.
enum TraceList {
    private static let columns: [TableLayout.Column] = [
        .init("TIME", minimum: 8, priority: 90), .init("DURATION", alignment: .right, minimum: 8, priority: 100),
        .init("", minimum: 1, priority: 95), .init("SERVICE", minimum: 8, ideal: 14, priority: 80),
        .init("OPERATION", minimum: 10, ideal: 24, priority: 85, isFlexible: true),
        .init("SPANS", alignment: .right, minimum: 5, priority: 60),
        .init("SVC", alignment: .right, minimum: 3, priority: 50),
        .init("ERR", alignment: .right, minimum: 3, priority: 70), .init("TRACE", minimum: 8, priority: 40),
    ]

    static func draw(_ state: ConsoleState, _ layout: TracesLayout, into canvas: inout Canvas) {
        guard layout.list.rows > 0 else { return }
        if !layout.groups.isEmpty { TraceGroups.draw(state, into: &canvas, in: layout.groups) }
        let table = TableLayout(columns: columns)
        let places = table.placements(width: layout.list.columns - 2, startingAt: 1)
        if layout.titles.rows > 0 {
            canvas.grid.writeTitles(of: table, places, row: layout.titles.row, style: .header, glyphs: canvas.glyphs)
        }
        guard let page = state.data.traces, !page.traces.isEmpty else {
            return canvas.placeholder(
                emptyText(state),
                in: layout.list,
                style: state.data.error(.traces) == nil ? .dim : .fail
            )
        }
        let longest = page.traces.map(\.duration).max() ?? .zero
        let visible = page.traces.dropFirst(state.panes.traces.listTop).prefix(layout.list.rows)
        for (offset, trace) in visible.enumerated() {
            let row = layout.list.row + offset
            let fields = fields(trace, state, longest: longest)
            for place in places {
                canvas.grid.write(
                    field: fields[place.index].text,
                    of: table,
                    at: place,
                    row: row,
                    style: fields[place.index].style,
                    glyphs: canvas.glyphs
                )
            }
            if trace.id == state.selection.trace {
                canvas.grid.write(canvas.glyphs.selector, column: 0, row: row)
                canvas.selectRow(row, in: layout.list)
            }
        }
    }

    private static func emptyText(_ state: ConsoleState) -> String {
        if let error = state.data.error(.traces) { return error.message }
        guard let page = state.data.traces else { return "reading traces" }
        if page.keptCount > 0 { return "no trace matches; Esc shows all" }
        let port = state.snapshot?.totals.otlpHTTPPort
        return port.map { "no traces yet; services send them to http://127.0.0.1:\($0)" }
            ?? "no traces: the receiver could not be opened"
    }

    private static func fields(_ trace: TraceSummary, _ state: ConsoleState, longest: Duration) -> [StyledLine.Run] {
        let clock = TimeText(secondsFromUTC: state.screen.secondsFromUTC)
        let mark =
            trace.errorCount > 0 ? state.glyphs.mark(.failed) : trace.isIncomplete ? state.glyphs.mark(.starting) : " "
        return [
            (clock.seconds(trace.start), .dim),
            (
                TimeText.fine(trace.duration, ascii: !state.glyphs.isUnicode),
                trace.duration == longest ? .plain.bold() : .plain
            ),
            (mark, trace.errorCount > 0 ? .fail : .busy),
            (trace.rootService, .source(of: trace.rootService, state)),
            (trace.rootName, .plain),
            ("\(trace.spanCount)", .plain),
            ("\(trace.services.count)", .plain),
            (trace.errorCount > 0 ? "\(trace.errorCount)" : NumberText.missing, trace.errorCount > 0 ? .fail : .dim),
            (String(trace.id.prefix(8)), .dim),
        ]
    }
}
