import CellGrid
import FleetAPI
import FleetModel

/// Who calls whom.
enum MapPane {
    static func draw(_ state: ConsoleState, into canvas: inout Canvas) {
        let layout = MapLayout(state)
        guard let map = state.data.serviceMap else {
            return canvas.placeholder(state.data.error(.serviceMap)?.message ?? "reading the map", in: layout.picture)
        }
        guard !map.nodes.isEmpty else { return canvas.placeholder("no services and no calls", in: layout.picture) }
        if MapLayout.usesTree(state) {
            MapTreeView.draw(MapTree(map), state, into: &canvas, in: layout.picture)
        } else {
            MapPicture.draw(map, state, into: &canvas, in: layout.picture)
        }
        MapDetail.draw(map, state, into: &canvas, in: layout.detail)
    }
}

/// Boxes and edges.
enum MapPicture {
    static func draw(_ map: ServiceMap, _ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        let boxes = MapBoxes(MapGraph(map), map, columns: rect.columns, rows: rect.rows)
        let focusEdges = Set(state.focusedEdges.map { "\($0.from)\u{0}\($0.to)" })
        let chosen = state.panes.map.edge.flatMap {
            state.focusedEdges.indices.contains($0) ? state.focusedEdges[$0] : nil
        }
        var ink = EdgeInk()
        for passage in boxes.passages {
            let edge = boxes.graph.edges[passage.edge]
            let (style, look, rank) = pen(edge, focusEdges, chosen)
            ink.horizontal(passage.row, passage.columns.lowerBound - 1, passage.columns.upperBound, style, look, rank)
        }
        for segment in boxes.segments {
            let (style, look, rank) = pen(boxes.graph.edges[segment.edge], focusEdges, chosen)
            ink.draw(from: segment.from, turn: segment.turn, to: segment.to, style: style, look: look, rank: rank)
        }
        ink.paint(&canvas.grid, at: rect.origin, in: rect, glyphs: canvas.glyphs)
        for segment in boxes.segments { drawEnds(segment, boxes, focusEdges, chosen, into: &canvas, in: rect) }
        for box in boxes.boxes { drawBox(box, map, state, into: &canvas, in: rect) }
    }

    private static func pen(
        _ edge: ServiceMap.Edge,
        _ focusEdges: Set<String>,
        _ chosen: ServiceMap.Edge?
    ) -> (style: Style, look: EdgeInk.Look, rank: Int) {
        let isFailing = edge.calls > 0 && edge.errorRatio >= 0.05
        let look: EdgeInk.Look = isFailing ? .double : edge.calls == 0 ? .dotted : .solid
        var style: Style = isFailing ? .fail : edge.calls == 0 ? .dim : .plain
        var rank = isFailing ? 2 : edge.calls == 0 ? 0 : 1
        if focusEdges.contains("\(edge.from)\u{0}\(edge.to)") {
            style = isFailing ? .fail.bold() : .accent.bold()
            rank += 4
        }
        if let chosen, chosen.from == edge.from, chosen.to == edge.to {
            style = .focus.bold()
            rank += 8
        }
        return (style, look, rank)
    }

    /// The tip at the called side, and the rate on the stretch before it.
    private static func drawEnds(
        _ segment: MapBoxes.Segment,
        _ boxes: MapBoxes,
        _ focusEdges: Set<String>,
        _ chosen: ServiceMap.Edge?,
        into canvas: inout Canvas,
        in rect: Rect
    ) {
        let edge = boxes.graph.edges[segment.edge]
        let style = pen(edge, focusEdges, chosen).style
        let isReversed = boxes.graph.reversed.contains(segment.edge)
        if isReversed, segment.isFirst {
            canvas.grid.write(
                canvas.glyphs.tipLeft,
                column: rect.column + segment.from.column,
                row: rect.row + segment.from.row,
                style: style
            )
        } else if !isReversed, segment.isLast {
            canvas.grid.write(
                canvas.glyphs.tipRight,
                column: rect.column + segment.to.column,
                row: rect.row + segment.to.row,
                style: style
            )
        }
        if segment.isLast { drawLabel(segment, boxes, into: &canvas, in: rect) }
    }

    /// Rate and errors of everything that arrives here between two layers; edges to one box share their tip.
    private static func drawLabel(
        _ segment: MapBoxes.Segment,
        _ boxes: MapBoxes,
        into canvas: inout Canvas,
        in rect: Rect
    ) {
        let arriving = boxes.segments.filter { $0.isLast && $0.to == segment.to }
        let edges = arriving.map { boxes.graph.edges[$0.edge] }
        let rate = edges.reduce(0) { $0 + $1.callsPerSecond }
        guard arriving.first?.edge == segment.edge, rate > 0, segment.to.row > 0 else { return }
        let errors = edges.reduce(0) { $0 + $1.callsPerSecond * $1.errorRatio } / rate
        let room = segment.to.column - (arriving.map(\.turn).max() ?? segment.turn) - 1
        let failing = errors >= 0.05 ? " \(NumberText.fixed(errors * 100, 0))% failed" : ""
        let text = rate < 0.005 ? "<0.01/s" : NumberText.short(rate) + "/s"
        let label = TextWidth.of(text + failing) <= room ? text + failing : TextWidth.of(text) <= room ? text : ""
        guard !label.isEmpty else { return }
        let column = rect.column + segment.to.column - TextWidth.of(label)
        let row = rect.row + segment.to.row - 1
        // Labels never cover another edge.
        let isFree = (0..<TextWidth.of(label)).allSatisfy { canvas.grid[column + $0, row].base == " " }
        if isFree { canvas.put(label, column, row, width: room, style: failing.isEmpty ? .dim : .fail) }
    }

    private static func drawBox(
        _ box: MapBoxes.Box,
        _ map: ServiceMap,
        _ state: ConsoleState,
        into canvas: inout Canvas,
        in rect: Rect
    ) {
        let area = Rect(
            column: rect.column + box.area.column,
            row: rect.row + box.area.row,
            columns: box.area.columns,
            rows: box.area.rows
        )
        let node = MapNodeText(box.name, map, state)
        let isFocused = state.panes.map.focus == box.name
        frame(area, node, isFocused: isFocused, into: &canvas)
        let inner = area.columns - 2
        var first = StyledLine("\(node.glyph) ", node.style)
        first.add(box.name, isFocused ? .plain.bold() : .plain)
        canvas.put(first, area.column + 1, area.row + 1, width: inner)
        canvas.put(
            node.figures,
            area.column + 1,
            area.row + 2,
            width: inner,
            style: node.isTroubled ? node.style : .dim
        )
        if isFocused { canvas.cursor = Point(column: area.column + 1, row: area.row + 1) }
    }

    /// Heavy for the focus, double for trouble, light otherwise.
    private static func frame(_ area: Rect, _ node: MapNodeText, isFocused: Bool, into canvas: inout Canvas) {
        canvas.grid.clear(area)
        let style: Style = isFocused ? .focus.bold() : node.isTroubled ? node.style : .border
        let lines = canvas.glyphs.lines(isFocused ? .heavy : node.isTroubled ? .double : .light)
        for column in area.column..<area.endColumn {
            canvas.grid[column, area.row] = Cell(lines.horizontal, style: style)
            canvas.grid[column, area.endRow - 1] = Cell(lines.horizontal, style: style)
        }
        for row in area.row..<area.endRow {
            canvas.grid[area.column, row] = Cell(lines.vertical, style: style)
            canvas.grid[area.endColumn - 1, row] = Cell(lines.vertical, style: style)
        }
        canvas.grid[area.column, area.row] = Cell(lines.topLeft, style: style)
        canvas.grid[area.endColumn - 1, area.row] = Cell(lines.topRight, style: style)
        canvas.grid[area.column, area.endRow - 1] = Cell(lines.bottomLeft, style: style)
        canvas.grid[area.endColumn - 1, area.endRow - 1] = Cell(lines.bottomRight, style: style)
    }
}

/// How a node of the map looks.
struct MapNodeText {
    let glyph: String
    let style: Style
    let figures: String
    let isTroubled: Bool

    init(_ name: String, _ map: ServiceMap, _ state: ConsoleState) {
        let services = state.snapshot?.services.filter { $0.name.rawValue == name } ?? []
        guard let worst = services.min(by: { StateText.urgency(of: $0.state) < StateText.urgency(of: $1.state) }) else {
            // A database or an outside service that only spans mention.
            glyph = state.glyphs.bullet
            style = .dim
            figures = Self.outsideWord(name)
            isTroubled = false
            return
        }
        let look = StateText(worst, glyphs: state.glyphs)
        glyph = look.glyph
        style = look.style
        isTroubled = worst.state.isTroubled
        let rate = services.compactMap(\.figures.rps).reduce(0, +)
        if worst.state.isReady, services.contains(where: { $0.figures.rps != nil }) {
            let slowest = services.compactMap(\.figures.p95Seconds).max()
            figures = NumberText.short(rate) + "/s " + (slowest == nil ? "" : TimeText.latency(slowest))
        } else {
            figures = look.word
        }
    }

    /// Nodes that are no services are named by their system and what they are called there: `sqlite:users`,
    /// `stomp:orders`; all others by their host.
    fileprivate static func outsideWord(_ name: String) -> String {
        let system = name.prefix { $0 != ":" }
        if databaseSystems.contains(where: { system.hasPrefix($0) }) { return "database" }
        return messagingSystems.contains { system.hasPrefix($0) } ? "queue" : "outside"
    }

    /// Beginnings of `messaging.system`.
    private static let messagingSystems = [
        "stomp", "kafka", "rabbitmq", "amqp", "activemq", "nats", "pulsar", "mqtt", "rocketmq", "jms", "aws_sqs",
        "aws.sqs", "aws.sns", "servicebus", "eventhubs", "eventgrid", "gcp_pubsub",
    ]

    /// Beginnings of `db.system.name` and `db.system` of the OpenTelemetry semantic conventions for databases.
    private static let databaseSystems = [
        "sqlite", "postgres", "mysql", "mariadb", "redis", "mongo", "mssql", "microsoft.sql", "oracle", "cassandra",
        "elasticsearch", "opensearch", "memcached", "clickhouse", "cockroachdb", "couch", "dynamodb", "aws.dynamodb",
        "neo4j", "influxdb", "h2", "hbase", "db2", "ibm.db2", "azure.cosmosdb", "gcp.spanner", "trino", "derby",
        "other_sql",
    ]
}

extension ServiceMap.Edge {
    /// The manifest should have this dependency. A database or queue within a server (`sqlite:users`) cannot be declared.
    var isUndeclared: Bool { !isDeclared && !(to.contains(":") && MapNodeText.outsideWord(to) != "outside") }
}
