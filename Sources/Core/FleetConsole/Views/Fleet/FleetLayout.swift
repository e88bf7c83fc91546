import CellGrid
import FleetModel

/// How the Fleet pane divides its area.
struct FleetLayout {
    /// The whole pane.
    let area: Rect
    let titles: Rect
    /// A line between titles and rows, where there is room for it.
    let rule: Rect
    let table: Rect
    /// What is known about the selected service; empty when there is no room.
    let strip: Rect
    private let isDetailOpen: Bool

    init(_ state: ConsoleState) {
        area = ScreenLayout(state).body
        isDetailOpen = state.panes.fleet.isDetailOpen
        let count = max(1, state.snapshot?.services.count ?? 1)
        var rest = area
        (titles, rest) = rest.split(top: area.rows >= 4 ? 1 : 0)
        (rule, rest) = rest.split(top: area.rows >= 18 ? 1 : 0)
        (table, strip) = rest.split(bottom: Self.stripRows(rest, services: count))
    }

    private static func stripRows(_ rest: Rect, services: Int) -> Int {
        if rest.columns >= 120, rest.rows >= 20 {
            // The table gets what it needs, the strip the rest, but never less than it can use.
            return max(12, rest.rows - services - 1)
        }
        guard rest.columns >= 60, rest.rows >= 12 else { return 0 }
        return min(max(2, rest.rows - services), 8)
    }

    /// Lines and events of the selected service are on the screen.
    var showsService: Bool { isDetailOpen || (strip.columns >= 120 && strip.rows >= 8) }
}
