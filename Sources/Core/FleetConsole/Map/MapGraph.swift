import FleetAPI

/// The service map arranged in layers from callers to called, for drawing boxes.
///
/// The arrangement depends on names and edges alone, never on rates, so nodes do not move because a number changed.
struct MapGraph {
    struct Slot: Hashable {
        /// `nil` for a bend of an edge that passes through the layer.
        var node: String?
        var edge: Int
    }

    /// Top to bottom within a layer.
    let layers: [[Slot]]
    let layerOf: [String: Int]
    let edges: [ServiceMap.Edge]
    /// Edges against the direction of the layers, by index.
    let reversed: Set<Int>

    init(_ map: ServiceMap) {
        let names = map.nodes.map(\.name)
        edges = Self.edges(of: map)
        reversed = Self.cycleEdges(names, edges)
        let levels = Self.levels(names, edges, reversed)
        layerOf = levels
        var layers = [[Slot]](repeating: [], count: (levels.values.max() ?? -1) + 1)
        for name in names { layers[levels[name] ?? 0].append(Slot(node: name, edge: -1)) }
        for (index, edge) in edges.enumerated() {
            let ends = [levels[edge.from] ?? 0, levels[edge.to] ?? 0].sorted()
            for layer in ends[0] + 1..<max(ends[0] + 1, ends[1]) { layers[layer].append(Slot(node: nil, edge: index)) }
        }
        self.layers = Self.ordered(layers, edges)
    }

    /// Edges between known, different nodes in an order that does not depend on rates.
    static func edges(of map: ServiceMap) -> [ServiceMap.Edge] {
        let known = Set(map.nodes.map(\.name))
        return map.edges.filter { $0.from != $0.to && known.contains($0.from) && known.contains($0.to) }
            .sorted { ($0.from, $0.to) < ($1.from, $1.to) }
    }

    /// Edges that close a cycle, found depth first in the order of the manifest; without a stack of our own a long
    /// chain from outside could exhaust the real one.
    static func cycleEdges(_ names: [String], _ edges: [ServiceMap.Edge]) -> Set<Int> {
        var outgoing: [String: [Int]] = [:]
        for (index, edge) in edges.enumerated() { outgoing[edge.from, default: []].append(index) }
        var state: [String: Int] = [:]
        var closing: Set<Int> = []
        for start in names where state[start] == nil {
            var stack: [(name: String, next: Int)] = [(start, 0)]
            state[start] = 1
            while let top = stack.last {
                let list = outgoing[top.name] ?? []
                guard top.next < list.count else {
                    state[top.name] = 2
                    stack.removeLast()
                    continue
                }
                stack[stack.count - 1].next += 1
                let edge = list[top.next]
                switch state[edges[edge].to] {
                case nil:
                    state[edges[edge].to] = 1
                    stack.append((edges[edge].to, 0))
                case 1: closing.insert(edge)
                default: break
                }
            }
        }
        return closing
    }

    /// Longest path from a node that nobody calls.
    private static func levels(_ names: [String], _ edges: [ServiceMap.Edge], _ reversed: Set<Int>) -> [String: Int] {
        var incoming: [String: Int] = [:]
        var outgoing: [String: [String]] = [:]
        for (index, edge) in edges.enumerated() {
            let (from, to) = reversed.contains(index) ? (edge.to, edge.from) : (edge.from, edge.to)
            incoming[to, default: 0] += 1
            outgoing[from, default: []].append(to)
        }
        var levels = Dictionary(names.map { ($0, 0) }, uniquingKeysWith: { first, _ in first })
        var ready = names.filter { incoming[$0] == nil }
        var place = 0
        while place < ready.count {
            let name = ready[place]
            place += 1
            for next in outgoing[name] ?? [] {
                levels[next] = max(levels[next] ?? 0, (levels[name] ?? 0) + 1)
                incoming[next, default: 1] -= 1
                if incoming[next] == 0 { ready.append(next) }
            }
        }
        return levels
    }

    /// A few sweeps that put every slot at the average height of its neighbours; ties keep the order of the manifest.
    private static func ordered(_ layers: [[Slot]], _ edges: [ServiceMap.Edge]) -> [[Slot]] {
        var layers = layers
        for sweep in 0..<4 {
            let order =
                sweep.isMultiple(of: 2)
                ? Array(layers.indices.dropFirst()) : Array(layers.indices.dropLast().reversed())
            for layer in order {
                let other = layers[sweep.isMultiple(of: 2) ? layer - 1 : layer + 1]
                let places = Places(other, edges)
                let keyed = layers[layer].enumerated().map { offset, slot in
                    (key: places.average(of: slot, edges) ?? Double(offset), offset: offset, slot: slot)
                }
                layers[layer] = keyed.sorted { ($0.key, $0.offset) < ($1.key, $1.offset) }.map(\.slot)
            }
        }
        return layers
    }

    /// Heights in a neighbouring layer.
    private struct Places {
        var nodes: [String: Int] = [:]
        var bends: [Int: Int] = [:]
        var neighbours: [String: [Int]] = [:]

        init(_ layer: [Slot], _ edges: [ServiceMap.Edge]) {
            for (place, slot) in layer.enumerated() {
                if let node = slot.node { nodes[node] = place } else { bends[slot.edge] = place }
            }
            for (index, edge) in edges.enumerated() {
                if let place = bends[index] ?? nodes[edge.to] { neighbours[edge.from, default: []].append(place) }
                if let place = bends[index] ?? nodes[edge.from] { neighbours[edge.to, default: []].append(place) }
            }
        }

        func average(of slot: Slot, _ edges: [ServiceMap.Edge]) -> Double? {
            let places: [Int]
            if let node = slot.node {
                places = neighbours[node] ?? []
            } else {
                let edge = edges[slot.edge]
                places = [bends[slot.edge], nodes[edge.from], nodes[edge.to]].compactMap(\.self)
            }
            return places.isEmpty ? nil : Double(places.reduce(0, +)) / Double(places.count)
        }
    }

    /// The node that lies next in a direction.
    func neighbour(of focus: String?, rows: Int, columns: Int) -> String? {
        guard let focus, let layer = layerOf[focus] else { return layers.first?.first { $0.node != nil }?.node }
        let nodes = layers[layer].compactMap(\.node)
        let place = nodes.firstIndex(of: focus) ?? 0
        if rows != 0 { return nodes[min(max(0, place + rows), nodes.count - 1)] }
        var target = layer + columns.signum()
        while layers.indices.contains(target) {
            let candidates = layers[target].compactMap(\.node)
            let linked = candidates.first { name in
                edges.contains { ($0.from == focus && $0.to == name) || ($0.to == focus && $0.from == name) }
            }
            if let linked { return linked }
            if let near = candidates.isEmpty ? nil : candidates[min(place, candidates.count - 1)] { return near }
            target += columns.signum()
        }
        return focus
    }
}
