package import CellGrid
import FleetModel

/// The whole screen as a function of the state.
package enum ConsoleView {
    package static func render(_ state: ConsoleState) -> (grid: Grid, cursor: Point?) {
        var canvas = Canvas(size: state.screen.size, glyphs: state.glyphs)
        let layout = ScreenLayout(state)
        HeaderLine.draw(state, into: &canvas, in: layout.header)
        TabLine.draw(state, into: &canvas, in: layout.tabs)
        if case .stoppingFleet = state.departure {
            StoppingView.draw(state, into: &canvas, in: layout.body)
        } else {
            draw(state.pane, state, into: &canvas, in: layout.body)
        }
        if case .lost = state.fleet.connection { fade(layout.body, in: &canvas) }
        ReloadBanner.draw(state, into: &canvas, in: layout.banner)
        HintLine.draw(state, into: &canvas, in: layout.hints)
        StatusLine.draw(state, into: &canvas, in: layout.status)
        for overlay in state.overlays { OverlayView.draw(overlay, state, into: &canvas, in: layout) }
        let cursor = canvas.cursor.flatMap { canvas.grid.bounds.contains($0) ? $0 : nil }
        return (canvas.grid, cursor)
    }

    /// What is known of an engine that does not answer may be wrong by now, so nothing of it looks healthy.
    private static func fade(_ rect: Rect, in canvas: inout Canvas) {
        canvas.grid.restyle(rect) { style in
            style.role == .selection ? style : Style(.dim, underline: style.isUnderlined, reverse: style.isReversed)
        }
    }

    /// The pane without the lines around it, as text: what `Y` copies.
    static func bodyText(_ state: ConsoleState) -> String {
        var canvas = Canvas(size: state.screen.size, glyphs: state.glyphs)
        let body = ScreenLayout(state).body
        draw(state.pane, state, into: &canvas, in: body)
        var lines = (body.row..<body.endRow).map { row -> String in
            var text = canvas.grid.row(row).map(\.text).joined()
            while text.last == " " { text.removeLast() }
            return text
        }
        while lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n")
    }

    private static func draw(_ pane: Pane, _ state: ConsoleState, into canvas: inout Canvas, in body: Rect) {
        guard state.snapshot != nil else {
            let text: String
            if case .lost(let reason) = state.fleet.connection {
                text = reason
            } else {
                text = "waiting for the engine"
            }
            return canvas.placeholder(text, in: body)
        }
        switch pane {
        case .fleet: FleetPane.draw(state, into: &canvas)
        case .logs: LogsPane.draw(state, into: &canvas)
        case .metrics: MetricsPane.draw(state, into: &canvas)
        case .traces: TracesPane.draw(state, into: &canvas)
        case .map: MapPane.draw(state, into: &canvas)
        case .events: EventsPane.draw(state, into: &canvas)
        }
    }
}
