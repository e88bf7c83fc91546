import CellGrid
import FleetAPI

/// The map as an indented list.
enum MapTreeView {
    static func draw(_ tree: MapTree, _ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        guard let map = state.data.serviceMap else { return }
        let selected = tree.rows.firstIndex { $0.name == state.panes.map.focus && !$0.isRepeated } ?? 0
        let top = Scroll.top(state.panes.map.top, selected: selected, rows: rect.rows, count: tree.rows.count)
        let nameWidth = min(
            rect.columns / 2,
            (tree.rows.map { min($0.depth, 12) * 2 + TextWidth.of($0.name) }.max() ?? 0) + 5
        )
        for (offset, item) in tree.rows.dropFirst(top).prefix(rect.rows).enumerated() {
            let row = rect.row + offset
            let node = MapNodeText(item.name, map, state)
            var line = StyledLine(String(repeating: " ", count: min(item.depth, 12) * 2 + 1))
            line.add(node.glyph + " ", node.style)
            line.add(item.name, item.isRepeated ? .dim : .plain)
            if item.isRepeated { line.add(" \(canvas.glyphs.arrowUp)", .dim) }
            canvas.put(line, rect.column, row, width: nameWidth)
            canvas.put(
                about(item, node, canvas.glyphs),
                rect.column + nameWidth + 1,
                row,
                width: rect.columns - nameWidth - 2
            )
            if top + offset == selected { canvas.selectRow(row, in: rect) }
        }
    }

    private static func about(_ item: MapTree.Row, _ node: MapNodeText, _ glyphs: GlyphSet) -> StyledLine {
        var line = StyledLine(glyphs.fit(node.figures, to: 12) + " ", node.isTroubled ? node.style : .plain)
        guard let edge = item.edge else { return line }
        line.runs += EdgeText.runs(edge, withNames: false)
        return line
    }
}

/// An edge in words.
enum EdgeText {
    static func runs(_ edge: ServiceMap.Edge, withNames: Bool) -> [StyledLine.Run] {
        var runs: [StyledLine.Run] = []
        if withNames { runs.append(("\(edge.from) > \(edge.to)  ", .plain.bold())) }
        guard edge.calls > 0 else {
            runs.append(("declared, no calls seen", .dim))
            return runs
        }
        let rate = edge.callsPerSecond < 0.005 ? "<0.01" : NumberText.short(edge.callsPerSecond)
        runs.append((rate + "/s", .plain))
        runs.append(
            (
                // Not the header's "err": that counts answers of servers, this counts calls as spans tell them.
                "  \(NumberText.percent(edge.errorRatio))% failed",
                edge.errorRatio >= 0.05 ? .fail : edge.errorRatio >= 0.01 ? .warn : .dim
            )
        )
        runs.append(("  p95 \(TimeText.latency(edge.p95Seconds))", .dim))
        if withNames { runs.append(("  \(NumberText.count(edge.calls)) calls", .dim)) }
        if edge.isUndeclared { runs.append(("  not declared", .warn)) }
        return runs
    }
}
