import CellGrid
import FleetAPI

/// How the Map pane divides its area, and whether it draws boxes or a tree.
struct MapLayout {
    let picture: Rect
    let detail: Rect

    init(_ state: ConsoleState) {
        let area = ScreenLayout(state).body
        let rows = area.rows >= 30 ? 7 : area.rows >= 14 ? 4 : 0
        (picture, detail) = area.split(bottom: rows)
    }

    /// More boxes than this do not fit any screen in a readable way.
    private static let boxLimit = 30

    static func usesTree(_ state: ConsoleState) -> Bool {
        guard let map = state.data.serviceMap else { return true }
        guard !state.panes.map.forcesTree, map.nodes.count <= boxLimit else { return true }
        let picture = MapLayout(state).picture
        let boxes = MapBoxes(MapGraph(map), map, columns: picture.columns, rows: picture.rows)
        return !boxes.fits
    }
}
