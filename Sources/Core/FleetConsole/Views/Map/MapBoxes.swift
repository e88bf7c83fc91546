import CellGrid
import FleetAPI

/// Where the boxes and edges of the map stand, in cells of a picture of its own.
struct MapBoxes {
    struct Box {
        let name: String
        let area: Rect
    }

    /// A stretch of one edge from the right side of a layer to the left side of the next.
    struct Segment {
        let edge: Int
        let from: Point
        let to: Point
        /// Where it turns.
        let turn: Int
        let isFirst: Bool
        let isLast: Bool
    }

    let graph: MapGraph
    private(set) var boxes: [Box] = []
    private(set) var segments: [Segment] = []
    /// Bends pass through a layer as a line.
    private(set) var passages: [(edge: Int, row: Int, columns: Range<Int>)] = []
    private(set) var size = Size.zero
    private(set) var fits = true

    private static let boxHeight = 4
    private static let narrowestBox = 14

    init(_ graph: MapGraph, _ map: ServiceMap, columns: Int, rows: Int) {
        self.graph = graph
        let layerCount = graph.layers.count
        guard layerCount > 0 else { return }
        let longest = map.nodes.map { TextWidth.of($0.name) }.max() ?? 8
        let gutters = graph.gutterTracks.map { max(7, $0 + 5) }
        let spare = columns - 2 - gutters.reduce(0, +)
        let boxWidth = min(max(Self.narrowestBox, longest + 4, 18), 25, spare / layerCount)
        let heights = graph.layers.map { layer in layer.reduce(0) { $0 + ($1.node == nil ? 1 : Self.boxHeight) } }
        let tallest = heights.max() ?? 0
        fits = boxWidth >= Self.narrowestBox && tallest <= rows
        guard fits else { return }
        let widened = Self.widen(gutters, by: spare - boxWidth * layerCount, layers: layerCount)
        place(boxWidth: boxWidth, gutters: widened, rows: rows)
        size = Size(columns: columns, rows: rows)
    }

    /// Left-over columns go between the layers, within reason.
    private static func widen(_ gutters: [Int], by spare: Int, layers: Int) -> [Int] {
        guard !gutters.isEmpty else { return gutters }
        let extra = min(14, max(0, spare) / gutters.count)
        return gutters.map { $0 + extra }
    }

    private mutating func place(boxWidth: Int, gutters: [Int], rows: Int) {
        let found = MapRows(graph, boxHeight: Self.boxHeight, rows: rows)
        var left = 1
        var exits: [[Int: Int]] = []
        var nodeRow: [String: Int] = [:]
        var starts: [Int] = []
        for (index, layer) in graph.layers.enumerated() {
            var bends: [Int: Int] = [:]
            for (place, slot) in layer.enumerated() {
                let row = found.tops[index][place]
                if let name = slot.node {
                    boxes.append(
                        Box(name: name, area: Rect(column: left, row: row, columns: boxWidth, rows: Self.boxHeight))
                    )
                    nodeRow[name] = row + 1
                } else {
                    bends[slot.edge] = row
                    passages.append((slot.edge, row, left..<left + boxWidth))
                }
            }
            exits.append(bends)
            starts.append(left)
            left += boxWidth + (index < gutters.count ? gutters[index] : 0)
        }
        route(nodeRow, exits, starts, boxWidth, gutters)
    }

    private mutating func route(
        _ nodeRow: [String: Int],
        _ bends: [[Int: Int]],
        _ starts: [Int],
        _ boxWidth: Int,
        _ gutters: [Int]
    ) {
        for gutter in gutters.indices {
            let tracks = graph.tracks(in: gutter)
            for (index, edge) in graph.edges.enumerated() {
                let ends = graph.ends(of: index)
                guard ends.first <= gutter, gutter < ends.last else { continue }
                let (near, far) = graph.reversed.contains(index) ? (edge.to, edge.from) : (edge.from, edge.to)
                let isFirst = gutter == ends.first
                let isLast = gutter + 1 == ends.last
                guard let from = isFirst ? nodeRow[near] : bends[gutter][index],
                    let to = isLast ? nodeRow[far] : bends[gutter + 1][index]
                else { continue }
                let start = starts[gutter] + boxWidth
                let key = isFirst ? near : "\(index)"
                segments.append(
                    Segment(
                        edge: index,
                        from: Point(column: start, row: from),
                        to: Point(column: starts[gutter + 1] - 1, row: to),
                        turn: start + 1 + (tracks[key] ?? 0),
                        isFirst: isFirst,
                        isLast: isLast
                    )
                )
            }
        }
    }
}

extension MapGraph {
    /// Layers between which an edge runs, left to right.
    func ends(of index: Int) -> (first: Int, last: Int) {
        let layers = [layerOf[edges[index].from] ?? 0, layerOf[edges[index].to] ?? 0].sorted()
        return (layers[0], layers[1])
    }

    /// Edges that leave one node share a vertical line; each other one has its own.
    func tracks(in gutter: Int) -> [String: Int] {
        var tracks: [String: Int] = [:]
        for (index, edge) in edges.enumerated() {
            let ends = ends(of: index)
            guard ends.first <= gutter, gutter < ends.last else { continue }
            let key = ends.first == gutter ? (reversed.contains(index) ? edge.to : edge.from) : "\(index)"
            if tracks[key] == nil { tracks[key] = tracks.count }
        }
        return tracks
    }

    var gutterTracks: [Int] { layers.indices.dropLast().map { tracks(in: $0).count } }
}
