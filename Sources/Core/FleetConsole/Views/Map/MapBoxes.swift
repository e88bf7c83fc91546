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
    private static let roomyBox = 18
    private static let widestBox = 25

    init(_ graph: MapGraph, _ map: ServiceMap, columns: Int, rows: Int) {
        self.graph = graph
        let layerCount = graph.layers.count
        guard layerCount > 0 else { return }
        let gutters = graph.gutterTracks.map { max(7, $0 + 5) }
        let spare = columns - 2 - gutters.reduce(0, +)
        let widths = Self.boxWidths(graph.layers, spare: spare)
        let heights = graph.layers.map { layer in layer.reduce(0) { $0 + ($1.node == nil ? 1 : Self.boxHeight) } }
        let tallest = heights.max() ?? 0
        fits = spare >= Self.narrowestBox * layerCount && tallest <= rows
        guard fits else { return }
        let widened = Self.widen(gutters, by: spare - widths.reduce(0, +), layers: layerCount)
        place(widths, gutters: widened, rows: rows)
        size = Size(columns: columns, rows: rows)
    }

    /// Each layer as wide as its longest name wants; without the room for that the widest layers give way.
    private static func boxWidths(_ layers: [[MapGraph.Slot]], spare: Int) -> [Int] {
        var widths = layers.map { layer in
            min(max(narrowestBox, 4 + (layer.compactMap { $0.node.map { TextWidth.of($0) } }.max() ?? 0)), widestBox)
        }
        // On wide screens short names get room around them, so that boxes look alike.
        if widths.map({ max(roomyBox, $0) }).reduce(0, +) + 6 * layers.count <= spare {
            widths = widths.map { max(roomyBox, $0) }
        }
        while widths.reduce(0, +) > spare, let widest = widths.max(), widest > narrowestBox,
            let place = widths.lastIndex(of: widest)
        {
            widths[place] -= 1
        }
        return widths
    }

    /// Left-over columns go between the layers, within reason.
    private static func widen(_ gutters: [Int], by spare: Int, layers: Int) -> [Int] {
        guard !gutters.isEmpty else { return gutters }
        let spare = min(14 * gutters.count, max(0, spare))
        return gutters.enumerated().map { place, width in
            width + spare / gutters.count + (place < spare % gutters.count ? 1 : 0)
        }
    }

    private mutating func place(_ widths: [Int], gutters: [Int], rows: Int) {
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
                        Box(
                            name: name,
                            area: Rect(column: left, row: row, columns: widths[index], rows: Self.boxHeight)
                        )
                    )
                    nodeRow[name] = row + 1
                } else {
                    bends[slot.edge] = row
                    passages.append((slot.edge, row, left..<left + widths[index]))
                }
            }
            exits.append(bends)
            starts.append(left)
            left += widths[index] + (index < gutters.count ? gutters[index] : 0)
        }
        route(nodeRow, exits, starts, widths, gutters)
    }

    private mutating func route(
        _ nodeRow: [String: Int],
        _ bends: [[Int: Int]],
        _ starts: [Int],
        _ widths: [Int],
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
                let start = starts[gutter] + widths[gutter]
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

extension MapBoxes {
    /// The box that one sees beside another: in the next layer the one at its height; of two that are as near, the one
    /// with an edge between them.
    func neighbour(of focus: String?, towards step: Int) -> String? {
        guard let here = boxes.first(where: { $0.name == focus }) else { return nil }
        let beyond = boxes.filter {
            step > 0 ? $0.area.column >= here.area.endColumn : $0.area.endColumn <= here.area.column
        }
        func isLinked(_ name: String) -> Bool {
            graph.edges.contains { ($0.from, $0.to) == (here.name, name) || ($0.from, $0.to) == (name, here.name) }
        }
        return beyond.min { left, right in
            func rank(_ box: Box) -> (Int, Int, Int) {
                (
                    abs(box.area.column - here.area.column), abs(box.area.row - here.area.row),
                    isLinked(box.name) ? 0 : 1
                )
            }
            return rank(left) < rank(right)
        }?.name
    }
}
