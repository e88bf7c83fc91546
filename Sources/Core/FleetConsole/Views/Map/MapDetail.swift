import CellGrid
import FleetAPI
import FleetModel

/// Below the map: the focused node or edge in words.
enum MapDetail {
    static func draw(_ map: ServiceMap, _ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        guard rect.rows >= 2, let focus = state.panes.map.focus else { return }
        let node = MapNodeText(focus, map, state)
        canvas.rule(rect.row, width: rect.columns, title: "\(focus) \(node.glyph) \(node.figures)")
        canvas.put(lines(focus, map, state), in: rect.split(top: 1).rest.inset(columns: 1, rows: 0))
    }

    private static func lines(_ focus: String, _ map: ServiceMap, _ state: ConsoleState) -> [StyledLine] {
        if let place = state.panes.map.edge, state.focusedEdges.indices.contains(place) {
            return [StyledLine([("edge     ", .dim)] + EdgeText.runs(state.focusedEdges[place], withNames: true))]
        }
        var lines = state.panes.map.showsBlocked ? blocked(state) : []
        if state.panes.map.showsImpact { lines.append(impact(of: focus, map, state)) }
        lines.append(
            neighbours("called by", map.edges.filter { $0.to == focus && $0.from != focus }, \.from, map, state)
        )
        lines.append(neighbours("calls", map.edges.filter { $0.from == focus }, \.to, map, state))
        let undeclared = map.edges.filter { $0.isUndeclared && $0.calls > 0 && ($0.from == focus || $0.to == focus) }
        if !undeclared.isEmpty {
            let text = undeclared.map { "\($0.from) > \($0.to)" }.joined(separator: "  ")
            lines.append(StyledLine([("seen but not declared: ", .dim), (text, .warn)]))
        }
        let unseen = map.edges.filter { $0.isDeclared && $0.calls == 0 && ($0.from == focus || $0.to == focus) }
        if !unseen.isEmpty {
            let text = unseen.map { "\($0.from) > \($0.to)" }.joined(separator: "  ")
            lines.append(StyledLine([("declared but not seen: ", .dim), (text, .plain)]))
        }
        return lines
    }

    /// Everything that cannot go on by itself, of the whole map, with its reason.
    private static func blocked(_ state: ConsoleState) -> [StyledLine] {
        let held = (state.snapshot?.services ?? []).filter {
            $0.state == .waiting || $0.state == .blocked || $0.state == .skipped
        }
        guard !held.isEmpty else { return [StyledLine("nothing waits and nothing is blocked", .ok)] }
        return held.map { service in
            let look = StateText(service, glyphs: state.glyphs)
            let name = state.glyphs.fit(service.id.rawValue, to: 16)
            return StyledLine([("\(look.glyph) \(name) \(look.word)  ", look.style), (service.messageText, .plain)])
        }
    }

    private static func neighbours(
        _ label: String,
        _ edges: [ServiceMap.Edge],
        _ end: KeyPath<ServiceMap.Edge, String>,
        _ map: ServiceMap,
        _ state: ConsoleState
    ) -> StyledLine {
        var line = StyledLine(state.glyphs.fit(label, to: 11), .dim)
        if edges.isEmpty { line.add("nothing", .dim) }
        for edge in edges {
            let node = MapNodeText(edge[keyPath: end], map, state)
            line.add("\(edge[keyPath: end]) ")
            line.add(node.glyph, node.style)
            line.add(edge.calls > 0 ? " \(NumberText.short(edge.callsPerSecond))/s" : "", .plain)
            if edge.errorRatio >= 0.01 {
                line.add(" \(NumberText.percent(edge.errorRatio))% failed", edge.errorRatio >= 0.05 ? .fail : .warn)
            }
            line.add("   ")
        }
        return line
    }

    /// Everything that reaches the node through calls or declared dependencies.
    private static func impact(of focus: String, _ map: ServiceMap, _ state: ConsoleState) -> StyledLine {
        var reached: [String] = []
        var seen: Set<String> = [focus]
        var queue = [focus]
        while let next = queue.popLast() {
            for edge in map.edges where edge.to == next && seen.insert(edge.from).inserted {
                reached.append(edge.from)
                queue.append(edge.from)
            }
        }
        var line = StyledLine("if it stops", .dim)
        line.add("  ")
        line.add(
            reached.isEmpty ? "nothing else is affected" : reached.sorted().joined(separator: "  "),
            reached.isEmpty ? .ok : .warn
        )
        return line
    }
}
