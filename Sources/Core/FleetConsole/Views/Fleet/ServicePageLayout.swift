import CellGrid
import FleetModel

/// How the page of a service divides its area.
struct ServicePageLayout {
    let title: Rect
    /// The names of the parts.
    let parts: Rect
    /// All of the part.
    let content: Rect
    /// Of the parts that have a list with a cursor: its titles, its rows, and what is under the cursor.
    let titles: Rect
    let list: Rect
    let detail: Rect
    private let isOverview: Bool

    init(_ state: ConsoleState) {
        let area = ScreenLayout(state).body
        var rest = area
        (title, rest) = rest.split(top: 1)
        (parts, rest) = rest.split(top: rest.rows >= 6 ? 1 : 0)
        content = rest.inset(columns: 1, rows: 0)
        let part = state.panes.fleet.page.part
        isOverview = part == .overview
        (titles, rest) = rest.split(top: rest.rows >= 4 ? 1 : 0)
        switch part {
        case .overview: (list, detail) = rest.split(bottom: 0)
        case .history:
            let wanted = min(max(1, state.pageLives.count), LifeRecord.kept)
            (list, detail) = rest.split(top: rest.rows >= 8 ? min(wanted, max(3, rest.rows * 2 / 5)) : rest.rows)
        case .environment: (list, detail) = rest.split(bottom: rest.rows >= 9 ? 4 : 0)
        }
    }

    /// What page-wise movement goes through.
    var scrolled: Rect { isOverview ? content : list }
}
