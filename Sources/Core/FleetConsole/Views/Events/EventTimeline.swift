import CellGrid
import FleetModel

/// One strip per service over the last two hours.
enum EventTimeline {
    private static let span = Duration.seconds(7200)

    /// Services that something other than a start happened to, the most troubled first.
    static func services(_ state: ConsoleState) -> [ServiceID] {
        var weights: [ServiceID: Int] = [:]
        for event in state.data.events(.events) {
            guard let service = event.service else { continue }
            weights[service, default: 0] += event.severity == .error ? 100 : event.severity == .warning ? 10 : 1
        }
        return weights.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    }

    static func draw(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        guard rect.rows >= 3 else { return }
        let glyphs = canvas.glyphs
        let shown = state.panes.events.onlyService ? [state.selection.service].compactMap(\.self) : services(state)
        let hidden = max(0, shown.count - (rect.rows - 2))
        let more = hidden > 0 ? "   +\(hidden) more service\(hidden == 1 ? "" : "s")" : ""
        canvas.rule(rect.row, width: rect.columns, title: "last 2h\(more)   \(legend(glyphs))")
        canvas.rule(rect.endRow - 1, width: rect.columns, title: "events")
        let tagWidth = LogLineText.tagWidth(state, columns: rect.columns)
        let line = Rect(
            column: tagWidth + 3,
            row: rect.row + 1,
            columns: rect.columns - tagWidth - 4,
            rows: rect.rows - 2
        )
        for (offset, service) in shown.prefix(line.rows).enumerated() {
            canvas.put(
                service.rawValue,
                1,
                line.row + offset,
                width: tagWidth,
                style: .source(of: service.rawValue, state)
            )
            canvas.grid.horizontalRule(
                row: line.row + offset,
                column: line.column,
                columns: line.columns,
                style: .border,
                glyphs: glyphs
            )
            drawMarks(of: service, state, into: &canvas, row: line.row + offset, in: line)
        }
    }

    /// Every mark that a service's strip can have.
    private static func legend(_ glyphs: GlyphSet) -> String {
        let marks: [(String, String)] = [
            (glyphs.mark(.failed), "failure"), (glyphs.mark(.restarting), "restart"),
            (glyphs.mark(.degraded), "trouble"), (glyphs.mark(.ready), "ready"),
            (glyphs.mark(.starting), "starting, stopping"), (glyphs.mark(.stopped), "ended"),
            (glyphs.arrowRight, "command"), ("i", "news"),
        ]
        return marks.map { "\($0.0) \($0.1)" }.joined(separator: "  ")
    }

    /// Where marks fall on one cell the worse one shows.
    private static func drawMarks(
        of service: ServiceID,
        _ state: ConsoleState,
        into canvas: inout Canvas,
        row: Int,
        in line: Rect
    ) {
        var worst: [Int: FleetEvent.Severity] = [:]
        // In steps of a cell, so that marks move rarely and together.
        let cell = max(1, span.wholeNanoseconds / Int64(max(1, line.columns - 1)))
        let end = Timestamp(nanoseconds: (state.now.nanoseconds / cell + 1) * cell)
        for event in state.data.events(.events) where event.service == service {
            let age = event.time.distance(to: end).inSeconds / span.inSeconds
            guard age >= 0, age <= 1 else { continue }
            let column = line.endColumn - 1 - Int((age * Double(line.columns - 1)).rounded())
            if let present = worst[column], present > event.severity { continue }
            worst[column] = event.severity
            let mark = event.mark(canvas.glyphs)
            canvas.grid.write(mark.text, column: column, row: row, style: mark.style)
        }
    }
}
