import CellGrid
import FleetAPI

/// How the Metrics pane divides its area, and which panels are visible.
struct MetricsLayout {
    struct Chart: Hashable {
        let panel: Int
        let area: Rect
    }

    let expression: Rect
    /// Panels, metrics and targets; empty on narrow screens.
    let side: Rect
    let charts: [Chart]
    /// The first visible panel.
    let top: Int

    init(_ state: ConsoleState) {
        let area = ScreenLayout(state).body
        var rest = area
        (expression, rest) = rest.split(top: area.rows >= 6 ? 1 : 0)
        if rest.rows >= 12 { rest = rest.split(top: 1).rest }
        (side, rest) = rest.split(left: area.columns >= 160 ? 34 : area.columns >= 120 ? 28 : 0)
        let count = state.metricsPanels.count
        let selected = min(max(0, state.panes.metrics.panel), max(0, count - 1))
        guard count > 0, !rest.isEmpty else {
            charts = []
            top = 0
            return
        }
        if state.panes.metrics.isZoomed || rest.rows < 14 {
            charts = [Chart(panel: selected, area: rest)]
            top = selected
            return
        }
        let across = rest.columns >= 150 ? 2 : 1
        let allRows = (count + across - 1) / across
        let down = max(1, min(allRows, rest.rows / 9))
        // Panels scroll by whole rows.
        var firstRow = min(state.panes.metrics.top, max(0, count - 1)) / across
        firstRow = min(firstRow, selected / across)
        firstRow = max(firstRow, selected / across - down + 1)
        // On a screen that grew, what was scrolled away comes back before room stays empty.
        firstRow = min(firstRow, allRows - down)
        top = firstRow * across
        var charts: [Chart] = []
        for (line, strip) in rest.splitRows(down).enumerated() {
            for (place, cell) in strip.splitColumns(across, gap: 2).enumerated() {
                let panel = (firstRow + line) * across + place
                if panel < count { charts.append(Chart(panel: panel, area: cell)) }
            }
        }
        self.charts = charts
    }
}
