import CellGrid
import FleetAPI
import FleetModel

/// Charts of PromQL expressions.
enum MetricsPane {
    static func draw(_ state: ConsoleState, into canvas: inout Canvas) {
        let layout = MetricsLayout(state)
        let panels = state.metricsPanels
        drawExpression(state, panels, into: &canvas, in: layout.expression)
        if layout.expression.rows > 0,
            layout.side.row > layout.expression.endRow
                || (layout.charts.first?.area.row ?? 0) > layout.expression.endRow
        {
            canvas.rule(layout.expression.endRow, width: layout.expression.columns)
        }
        if !layout.side.isEmpty { MetricsSide.draw(state, panels, into: &canvas, in: layout.side) }
        for chart in layout.charts { ChartPanel.draw(chart, panels[chart.panel], state, into: &canvas) }
    }

    private static func drawExpression(
        _ state: ConsoleState,
        _ panels: [MetricsPanel],
        into canvas: inout Canvas,
        in rect: Rect
    ) {
        guard !rect.isEmpty, panels.indices.contains(state.panes.metrics.panel) else { return }
        var line = StyledLine("expr> ", .key)
        line.add(LogLineText.oneLine(panels[state.panes.metrics.panel].expression))
        var right = StyledLine()
        if let id = state.selection.service {
            right.add(state.panes.metrics.onlyService ? "only \(id)" : "service \(id)", .accent)
        }
        canvas.put(line, 1, rect.row, width: rect.columns - right.width - 4)
        canvas.put(right, rect.columns - right.width - 1, rect.row, width: right.width)
    }
}

/// One panel: title, chart, legend.
enum ChartPanel {
    static func draw(
        _ chart: MetricsLayout.Chart,
        _ panel: MetricsPanel,
        _ state: ConsoleState,
        into canvas: inout Canvas
    ) {
        let isSelected = chart.panel == state.panes.metrics.panel
        let (head, rest) = chart.area.split(top: 1)
        drawTitle(chart, panel, state, into: &canvas, in: head)
        let (body, legend) = rest.split(bottom: rest.rows >= 5 ? 1 : 0)
        if let error = state.data.error(.panel(chart.panel)) {
            return canvas.placeholder(error.message, in: body, style: .fail)
        }
        guard let result = state.data.metric(chart.panel) else {
            return canvas.placeholder(state.data[.panel(chart.panel)] == nil ? "reading" : "no data", in: body)
        }
        let all = ChartSeries.lines(of: result, state)
        guard !all.isEmpty else { return canvas.placeholder(emptyText(result, state), in: body) }
        let lines = all.filter { !state.panes.metrics.hides($0.name, in: chart.panel) }
        guard !lines.isEmpty else { return canvas.placeholder("all lines are off; Space chooses", in: body) }
        let isLogarithmic = state.panes.metrics.logarithmic.contains(chart.panel)
        drawChart(lines, panel, isLogarithmic, state, into: &canvas, in: body)
        drawLegend(lines, panel, state, into: &canvas, in: legend)
        if isSelected, state.panes.metrics.listPlace == nil {
            canvas.cursor = Point(column: head.column, row: head.row)
        }
    }

    private static func emptyText(_ result: MetricResult, _ state: ConsoleState) -> String {
        if !result.warnings.isEmpty { return result.warnings[0] }
        if state.panes.metrics.onlyService, let id = state.selection.service, !result.series.isEmpty {
            return "no data of \(id)"
        }
        return result.text.isEmpty ? "no data" : result.text
    }

    private static func drawTitle(
        _ chart: MetricsLayout.Chart,
        _ panel: MetricsPanel,
        _ state: ConsoleState,
        into canvas: inout Canvas,
        in rect: Rect
    ) {
        let isSelected = chart.panel == state.panes.metrics.panel
        var line = StyledLine(isSelected ? "\(canvas.glyphs.selector)" : " ", .focus)
        line.add(panel.title, isSelected ? .title.bold() : .title)
        if panel.isOwn, panel.title != panel.expression { line.add("  edited", .accent) }
        if state.panes.metrics.logarithmic.contains(chart.panel) { line.add("  log scale", .accent) }
        let off = state.panes.metrics.hiddenSeries[chart.panel]?.count ?? 0
        if off > 0 { line.add("  \(NumberText.counted(off, "line")) off", .dim) }
        canvas.put(line, rect.column, rect.row, width: rect.columns)
    }

    private static func drawChart(
        _ lines: [ChartSeries],
        _ panel: MetricsPanel,
        _ isLogarithmic: Bool,
        _ state: ConsoleState,
        into canvas: inout Canvas,
        in rect: Rect
    ) {
        let unit = panel.unit
        let scale = unit.scale
        let series = lines.reversed().map { line in
            LineChart.Series(values: line.values.map { $0.map { $0 / scale } }, style: line.style)
        }
        var chart = LineChart(series: series) { unit.axisText($0) }
        chart.isLogarithmic = isLogarithmic
        if rect.rows >= 5 { chart.timeLabels = timeLabels(state, columns: rect.columns) }
        let window = ChartWindow(state)
        if state.panes.metrics.isCursorOn, let time = state.selection.time { chart.cursor = window.place(of: time) }
        chart.markers = restarts(state).map { LineChart.Marker(position: window.place(of: $0)) }.filter {
            (0...1).contains($0.position)
        }
        chart.draw(into: &canvas.grid, in: rect, glyphs: canvas.glyphs)
    }

    /// When the present lives of the charted services began, if that was a restart.
    private static func restarts(_ state: ConsoleState) -> [Timestamp] {
        (state.snapshot?.services ?? []).compactMap { service in
            let isCharted = !state.panes.metrics.onlyService || service.id == state.selection.service
            return isCharted && service.incarnation.ordinal > 1 ? service.startedAt : nil
        }
    }

    private static func timeLabels(_ state: ConsoleState, columns: Int) -> [String] {
        let clock = TimeText(secondsFromUTC: state.screen.secondsFromUTC)
        let window = ChartWindow(state)
        let (end, range) = (window.end, window.span)
        let count = columns >= 100 ? 5 : columns >= 50 ? 3 : 2
        // Parts of a short range are no whole minutes.
        let isShort = range <= .seconds(300)
        return (0..<count).map { place in
            let time = end - range + range / (count - 1) * place
            return isShort ? clock.seconds(time) : clock.minutes(time)
        }
    }

    private static func drawLegend(
        _ lines: [ChartSeries],
        _ panel: MetricsPanel,
        _ state: ConsoleState,
        into canvas: inout Canvas,
        in rect: Rect
    ) {
        guard !rect.isEmpty else { return }
        let fraction =
            state.panes.metrics.isCursorOn ? state.selection.time.map { ChartWindow(state).place(of: $0) } : nil
        var column = rect.column + 1
        for (index, line) in lines.enumerated() {
            let text = "\(line.name) \(panel.unit.text(line.value(at: fraction)))"
            // The chart gets the lines in reverse, so that the first one lies on top.
            let mark = LineChart.legendMark(ofSeries: lines.count - 1 - index, glyphs: canvas.glyphs) + " "
            let more = lines.count - index
            guard column + TextWidth.of(mark + text) + (more > 1 ? 9 : 0) <= rect.endColumn else {
                canvas.put("+\(more) more", column, rect.row, width: rect.endColumn - column, style: .dim)
                return
            }
            canvas.put(
                StyledLine([(mark, line.style), (text, line.isHighlighted ? .plain.bold() : .plain)]),
                column,
                rect.row,
                width: rect.endColumn - column
            )
            column += TextWidth.of(mark + text) + 2
        }
    }
}
