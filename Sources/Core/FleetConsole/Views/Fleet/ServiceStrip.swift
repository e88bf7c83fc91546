import CellGrid
import FleetModel

/// Below the table: two lines on a small screen; facts, log and events side by side on a large one.
enum ServiceStrip {
    static func draw(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        guard rect.rows >= 2, let service = FleetRows(state).selected else { return }
        let facts = ServiceFacts(service: service, state: state)
        guard rect.columns >= 120, rect.rows >= 8 else {
            canvas.rule(rect.row, width: rect.columns, title: facts.title)
            let area = rect.split(top: 1).rest.inset(columns: 1, rows: 0)
            canvas.put(brief(facts, in: area.size), in: area)
            return
        }
        drawWide(facts, into: &canvas, in: rect)
    }

    private static func brief(_ facts: ServiceFacts, in area: Size) -> [StyledLine] {
        // The only line is cut, so that one sees that there is more.
        let reason = facts.reasonLines(width: area.columns, most: area.rows >= 3 ? 2 : 1)
        let urgent =
            (facts.conflictLine.map { [$0] } ?? reason) + [facts.statusLine, facts.scheduleLine].compactMap(\.self)
        let suspended = facts.service.watch?.suspension == nil ? nil : facts.watchLine
        let head = urgent + [suspended].compactMap(\.self)
        let probe = head.isEmpty || facts.reasonLine == nil && facts.service.nextRunAt == nil ? [facts.probeLine] : []
        return head + probe + [facts.dependencyLine, facts.dependentLine] + [facts.exitLine].compactMap(\.self)
            + [facts.commandLine]
    }

    private static func drawWide(_ facts: ServiceFacts, into canvas: inout Canvas, in rect: Rect) {
        let isVeryWide = rect.columns >= 180
        let factWidth = isVeryWide ? rect.columns * 2 / 5 : rect.columns / 2
        let (left, others) = rect.split(left: factWidth)
        canvas.rule(rect.row, width: left.columns, title: facts.title)
        var lines = [facts.stateLine] + facts.reasonLines(width: left.columns - 2)
        lines += [facts.conflictLine].compactMap(\.self)
        lines += facts.supervisionLines
        lines += [facts.probeLine, facts.dependencyLine, facts.dependentLine]
        lines += [facts.exitLine].compactMap(\.self) + [facts.commandLine]
        lines += facts.trendLines(width: left.columns - 2)
        if !isVeryWide, rect.rows > lines.count + 3 { lines += [StyledLine()] + facts.eventLines }
        let area = left.split(top: 1).rest.inset(columns: 1, rows: 0)
        canvas.put(lines, in: area)
        drawCharts(facts.service, into: &canvas, in: area.split(top: lines.count + 1).rest)
        var logs = others
        if isVeryWide {
            var events = others
            (logs, events) = others.split(left: others.columns * 3 / 5)
            draw("events", facts.eventLines, fromEnd: false, into: &canvas, in: events)
        }
        draw("log", facts.logLines, fromEnd: true, into: &canvas, in: logs)
    }

    /// The two figures that tell whether users notice, as lines where there is room.
    private static func drawCharts(_ service: ServiceSnapshot, into canvas: inout Canvas, in rect: Rect) {
        guard rect.rows >= 12, rect.columns >= 40 else { return }
        let figures = service.figures
        let charts: [(title: String, values: [Double?], format: @Sendable (Double) -> String)] = [
            ("requests a second, last 2m", figures.rpsHistory, { LineChart.plainNumber($0) }),
            ("p95 latency, last 2m", figures.p95History, { MetricsPanel.Unit.seconds.axisText($0) }),
        ]
        for (area, item) in zip(rect.splitRows(2, gap: 1), charts) where item.values.contains(where: { $0 != nil }) {
            let (head, body) = area.split(top: 1)
            canvas.put(item.title, head.column, head.row, width: head.columns, style: .title)
            LineChart(series: [LineChart.Series(values: item.values)], format: item.format)
                .draw(into: &canvas.grid, in: body.split(top: 12).top, glyphs: canvas.glyphs)
        }
    }

    private static func draw(
        _ title: String,
        _ lines: [StyledLine],
        fromEnd: Bool,
        into canvas: inout Canvas,
        in rect: Rect
    ) {
        canvas.rule(rect.row, column: rect.column, width: rect.columns, title: title)
        canvas.grid.verticalRule(column: rect.column, row: rect.row + 1, rows: rect.rows - 1, glyphs: canvas.glyphs)
        let area = Rect(column: rect.column + 2, row: rect.row + 1, columns: rect.columns - 2, rows: rect.rows - 1)
        if fromEnd { canvas.put(lines.suffix(area.rows), in: area) } else { canvas.put(lines, in: area) }
    }
}
