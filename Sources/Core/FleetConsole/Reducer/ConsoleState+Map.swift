import CellGrid
import FleetAPI
import FleetModel

extension ConsoleState {
    mutating func settleMap(_ map: ServiceMap) {
        if let focus = panes.map.focus, map.nodes.contains(where: { $0.name == focus }) { return }
        let chosen = selection.service.flatMap { snapshot?[$0]?.name.rawValue }
        panes.map.focus = map.nodes.first { $0.name == chosen }?.name ?? map.nodes.first?.name
        panes.map.edge = nil
    }

    /// Edges of the focused node: callers first, then what it calls.
    var focusedEdges: [ServiceMap.Edge] {
        guard let map = data.serviceMap, let focus = panes.map.focus else { return [] }
        return map.edges.filter { $0.to == focus && $0.from != focus } + map.edges.filter { $0.from == focus }
    }

    mutating func stepEdge(by step: Int) {
        let count = focusedEdges.count
        guard count > 0 else { return }
        let place = panes.map.edge.map { $0 + step } ?? (step > 0 ? 0 : count - 1)
        panes.map.edge = place >= 0 && place < count ? place : nil
    }

    mutating func runMap(_ action: Action) {
        switch action {
        case .mapService: openMapNode()
        case .impact: panes.map.showsImpact.toggle()
        case .blocked: panes.map.showsBlocked.toggle()
        case .tree:
            panes.map.forcesTree.toggle()
            if !panes.map.forcesTree, MapLayout.usesTree(self) {
                message = Message(.note, "boxes need a larger screen or fewer services")
            }
        case .findNode: overlays.append(.prompt(PromptOverlay(.mapFind, text: "")))
        default: break
        }
    }

    private mutating func openMapNode() {
        guard let focus = panes.map.focus, let service = services(named: focus).first else {
            message = Message(.note, "\(panes.map.focus ?? "nothing") is not a service of this fleet")
            return
        }
        selection.service = service
        jumpToService()
    }

    mutating func moveInMap(rows: Int = 0, columns: Int = 0) {
        guard let map = data.serviceMap else { return }
        if MapLayout.usesTree(self) {
            moveInTree(MapTree(map), by: rows)
        } else {
            let picture = MapLayout(self).picture
            let graph = MapGraph(map)
            let boxes = MapBoxes(graph, map, columns: picture.columns, rows: picture.rows)
            let beside = columns == 0 ? nil : boxes.neighbour(of: panes.map.focus, towards: columns)
            focus(beside ?? graph.neighbour(of: panes.map.focus, rows: rows, columns: columns))
        }
    }

    private mutating func moveInTree(_ tree: MapTree, by step: Int) {
        guard !tree.rows.isEmpty else { return }
        let index = tree.rows.firstIndex { $0.name == panes.map.focus && !$0.isRepeated } ?? 0
        var target = min(max(0, index + step), tree.rows.count - 1)
        // A node that was shown further up is only a reference; the cursor skips it.
        while tree.rows[target].isRepeated, target + step.signum() >= 0, target + step.signum() < tree.rows.count,
            step != 0
        {
            target += step.signum()
        }
        guard !tree.rows[target].isRepeated else { return }
        focus(tree.rows[target].name)
    }

    mutating func focus(_ name: String?) {
        guard let name, name != panes.map.focus else { return }
        panes.map.focus = name
        panes.map.edge = nil
        if let service = services(named: name).first { selection.service = service }
    }
}
