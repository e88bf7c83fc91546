import CellGrid
import FleetAPI
import FleetModel

/// Beside the charts: the panels, the metrics there are, and the targets they come from.
enum MetricsSide {
    static func draw(_ state: ConsoleState, _ panels: [MetricsPanel], into canvas: inout Canvas, in rect: Rect) {
        canvas.grid.verticalRule(column: rect.endColumn - 2, row: rect.row, rows: rect.rows, glyphs: canvas.glyphs)
        let area = Rect(column: rect.column + 1, row: rect.row, columns: rect.columns - 4, rows: rect.rows)
        var lines = [StyledLine("PANELS", .header)]
        for (index, panel) in panels.enumerated() {
            let isSelected = index == state.panes.metrics.panel
            lines.append(
                StyledLine([
                    (isSelected ? canvas.glyphs.selector : " ", .focus), ("\(index + 1) ", .dim),
                    (panel.title, isSelected ? .plain.bold() : .plain),
                ])
            )
        }
        guard let catalogue = state.data.catalogue else { return canvas.put(lines, in: area) }
        let targets = targetLines(catalogue, state, width: area.columns)
        let store = [
            StyledLine(),
            StyledLine("\(NumberText.count(catalogue.seriesCount)) series", .dim),
            StyledLine("\(NumberText.count(catalogue.sampleCount)) samples", .dim),
        ]
        let room = area.rows - lines.count - store.count - 2
        let targetRoom = rect.rows >= 30 ? min(targets.count, max(0, room / 2)) : 0
        let metricRoom = max(0, room - targetRoom - (targetRoom > 0 ? 2 : 0))
        lines += [StyledLine(), StyledLine("METRICS \(catalogue.metrics.count)", .header)]
        let place = state.panes.metrics.listPlace
        let first = Scroll.top(0, selected: place ?? 0, rows: metricRoom, count: catalogue.metrics.count)
        let firstRow = area.row + lines.count
        lines += metricLines(state, width: area.columns).dropFirst(first).prefix(metricRoom)
        if targetRoom > 0 { lines += [StyledLine(), StyledLine("TARGETS", .header)] + targets.prefix(targetRoom) }
        canvas.put(lines + store, in: area)
        if let place, place - first < metricRoom { canvas.selectRow(firstRow + place - first, in: area) }
    }

    private static func metricLines(_ state: ConsoleState, width: Int) -> [StyledLine] {
        state.listedMetrics.map { metric in
            let letter = metric.type.prefix(1).uppercased()
            return StyledLine([
                (state.glyphs.fit(metric.name, to: max(4, width - 7)) + " ", .plain),
                (letter.isEmpty ? "?" : letter, .accent),
                (state.glyphs.fit(NumberText.count(metric.seriesCount), to: 5, alignment: .right), .dim),
            ])
        }
    }

    private static func targetLines(_ catalogue: MetricCatalogue, _ state: ConsoleState, width: Int) -> [StyledLine] {
        let longest = catalogue.targets.map { TextWidth.of($0.service.rawValue) }.max() ?? 0
        let nameWidth = min(max(longest, min(14, width / 2)), max(8, width - 10))
        return catalogue.targets.map { target in
            let mark = state.glyphs.mark(target.isUp ? .ready : .failed)
            let detail =
                target.isUp
                ? TimeText.latency(target.duration?.inSeconds) + " \(NumberText.count(target.samples))" : target.error
            return StyledLine([
                (mark + " ", target.isUp ? .ok : .fail),
                (state.glyphs.fit(target.service.rawValue, to: nameWidth) + " ", .plain),
                (detail, target.isUp ? .dim : .warn),
            ])
        }
    }
}
