import CellGrid
import FleetAPI

/// How the Traces pane divides its area.
struct TracesLayout {
    let query: Rect
    let titles: Rect
    let list: Rect
    /// What the listed traces have in common, beside the list on very wide screens.
    let groups: Rect
    /// The line above the waterfall that names the trace, and the time axis below it.
    let heading: Rect
    let axis: Rect
    let waterfall: Rect
    let span: Rect
    let logs: Rect

    init(_ state: ConsoleState) {
        let area = ScreenLayout(state).body
        let traces = state.panes.traces
        let hasTrace = state.selection.trace != nil
        let opensWaterfall = traces.focus == .waterfall
        var rest = area
        (query, rest) = rest.split(top: area.rows >= 5 ? 1 : 0)
        let listRows: Int
        if !hasTrace || (!opensWaterfall && area.rows < 16) {
            listRows = rest.rows
        } else if opensWaterfall, area.rows < 26 || traces.showsAttributes {
            // On a small screen an open trace gets everything.
            listRows = 0
        } else {
            let wanted = (state.data.traces?.traces.count ?? 0) + 1
            listRows = max(5, min(wanted, rest.rows * (opensWaterfall ? 25 : 40) / 100))
        }
        var listArea: Rect
        (listArea, rest) = rest.split(top: listRows)
        (listArea, groups) = listArea.split(right: area.columns >= 180 && listRows >= 6 ? 70 : 0)
        (titles, listArea) = listArea.split(top: listArea.rows >= 4 ? 1 : 0)
        list = listArea
        (heading, rest) = rest.split(top: rest.rows >= 2 ? 1 : 0)
        var detail: Rect
        (rest, detail) = rest.split(bottom: Self.detailRows(rest, showsAttributes: traces.showsAttributes))
        (axis, rest) = rest.split(top: rest.rows >= 4 ? 1 : 0)
        waterfall = rest
        if area.columns >= 120, detail.rows >= 6 {
            (span, logs) = detail.split(left: detail.columns / 2)
        } else {
            span = detail
            logs = Rect(column: 0, row: 0, columns: 0, rows: 0)
        }
    }

    private static func detailRows(_ rest: Rect, showsAttributes: Bool) -> Int {
        if showsAttributes { return rest.rows * 2 / 3 }
        switch rest.rows {
        case ..<9: return 0
        case ..<16: return 4
        case ..<26: return rest.rows / 2 - 1
        default: return rest.rows / 2
        }
    }
}
