import FleetAPI

/// The service map as an indented list, for narrow screens and many nodes.
struct MapTree {
    struct Row {
        let name: String
        let depth: Int
        /// The edge from the row above it in the tree.
        let edge: ServiceMap.Edge?
        /// Shown with its children further up already.
        let isRepeated: Bool
    }

    let rows: [Row]

    init(_ map: ServiceMap) {
        let names = map.nodes.map(\.name)
        let edges = MapGraph.edges(of: map)
        let reversed = MapGraph.cycleEdges(names, edges)
        var outgoing: [String: [ServiceMap.Edge]] = [:]
        for edge in edges { outgoing[edge.from, default: []].append(edge) }
        let called = Set(edges.indices.filter { !reversed.contains($0) }.map { edges[$0].to })
        var seen: Set<String> = []
        var rows: [Row] = []
        // Roots first; what only a cycle reaches comes last.
        for start in names.filter({ !called.contains($0) }) + names where !seen.contains(start) {
            var stack: [(name: String, depth: Int, edge: ServiceMap.Edge?)] = [(start, 0, nil)]
            while let item = stack.popLast() {
                let isRepeated = !seen.insert(item.name).inserted
                rows.append(Row(name: item.name, depth: item.depth, edge: item.edge, isRepeated: isRepeated))
                guard !isRepeated else { continue }
                for edge in (outgoing[item.name] ?? []).reversed() { stack.append((edge.to, item.depth + 1, edge)) }
            }
        }
        self.rows = rows
    }
}
