import FleetAPI

/// Finds a row for every slot of the map, so that edges run as straight as the order within the layers allows.
struct MapRows {
    /// First row of each slot, by layer and place.
    private(set) var tops: [[Int]]
    private let heights: [[Int]]
    private let rows: Int
    /// Slots that an edge connects to one in the layer to the left, and to the right.
    private let left: [[[Int]]]
    private let right: [[[Int]]]

    init(_ graph: MapGraph, boxHeight: Int, rows: Int) {
        self.rows = rows
        heights = graph.layers.map { $0.map { $0.node == nil ? 1 : boxHeight } }
        var left = graph.layers.map { $0.map { _ in [Int]() } }
        var right = left
        for index in graph.edges.indices {
            let chain = Self.chain(of: index, in: graph)
            for (near, far) in zip(chain, chain.dropFirst()) {
                right[near.layer][near.place].append(far.place)
                left[far.layer][far.place].append(near.place)
            }
        }
        self.left = left
        self.right = right
        tops = heights.map { Self.packed($0, rows: rows) }
        for _ in 0..<3 {
            for layer in tops.indices.dropFirst() { settle(layer, towards: layer - 1, left[layer]) }
            for layer in tops.indices.dropLast().reversed() { settle(layer, towards: layer + 1, right[layer]) }
        }
    }

    /// The slots that an edge passes, from left to right.
    private static func chain(of index: Int, in graph: MapGraph) -> [(layer: Int, place: Int)] {
        let edge = graph.edges[index]
        let ends = graph.ends(of: index)
        let (near, far) = graph.layerOf[edge.from] == ends.first ? (edge.from, edge.to) : (edge.to, edge.from)
        return (ends.first...ends.last).compactMap { layer in
            let place = graph.layers[layer].firstIndex { slot in
                if layer == ends.first { return slot.node == near }
                if layer == ends.last { return slot.node == far }
                return slot.node == nil && slot.edge == index
            }
            return place.map { (layer, $0) }
        }
    }

    /// Evenly spread over the height.
    private static func packed(_ heights: [Int], rows: Int) -> [Int] {
        let slack = max(0, rows - heights.reduce(0, +))
        let gap = min(2, slack / (heights.count + 1))
        var row = max(0, (slack - gap * max(0, heights.count - 1)) / 2)
        return heights.map { height in
            defer { row += height + gap }
            return row
        }
    }

    /// The middle line of a slot, where its edges arrive; boxes take them in their second row.
    private func port(_ layer: Int, _ place: Int) -> Int { tops[layer][place] + (heights[layer][place] > 1 ? 1 : 0) }

    private mutating func settle(_ layer: Int, towards other: Int, _ neighbours: [[Int]]) {
        guard !heights[layer].isEmpty else { return }
        var wished = tops[layer]
        for place in wished.indices where !neighbours[place].isEmpty {
            let ports = neighbours[place].map { port(other, $0) }.sorted()
            wished[place] = ports[ports.count / 2] - (heights[layer][place] > 1 ? 1 : 0)
        }
        tops[layer] = Self.separated(wished, heights[layer], rows: rows)
    }

    /// Keeps the order and a blank row between boxes where there is room for it.
    private static func separated(_ wished: [Int], _ heights: [Int], rows: Int) -> [Int] {
        let gap = heights.reduce(0, +) + heights.count <= rows ? 1 : 0
        var tops = wished
        var free = 0
        for place in tops.indices {
            tops[place] = max(tops[place], free)
            free = tops[place] + heights[place] + gap
        }
        var limit = rows
        for place in tops.indices.reversed() {
            tops[place] = max(0, min(tops[place], limit - heights[place]))
            limit = tops[place] - gap
        }
        return tops
    }
}
