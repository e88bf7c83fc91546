import CellGrid
import FleetModel

/// The keys that matter in the pane, as many as fit; always the way to all the others.
enum HintLine {
    static func draw(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        guard !rect.isEmpty else { return }
        if case .stoppingFleet(let wasKilled) = state.departure {
            put(
                wasKilled
                    ? [("Ctrl-c d", "leave now"), ("Esc", "stay")]
                    : [("x Ctrl-c", "kill what is left"), ("d", "leave now"), ("Esc", "stay")],
                into: &canvas,
                in: rect,
                until: rect.columns
            )
            return
        }
        let tail = tail(columns: rect.columns)
        let end = rect.columns - tail.width - 1
        let isPage = state.pane == .fleet && state.panes.fleet.isDetailOpen
        put(isPage ? pagePairs(state) : pairs(state), into: &canvas, in: rect, until: end - 1)
        canvas.put(tail, end, rect.row, width: tail.width)
    }

    /// Keys and words, in the order of the table; keys of one word are joined.
    static func pairs(_ state: ConsoleState) -> [(key: String, label: String)] {
        var pairs: [(key: String, label: String)] = []
        for command in CommandTable.standard.reachable(on: state.pane) {
            guard let hint = command.hint else { continue }
            if let last = pairs.last, last.label == hint {
                pairs[pairs.count - 1].key = last.key + " " + command.mainKey
            } else {
                pairs.append((command.mainKey, hint))
            }
        }
        return pairs
    }

    /// On the page of a service other commands matter than in the table.
    private static func pagePairs(_ state: ConsoleState) -> [(key: String, label: String)] {
        let service = state.pageService
        var wanted: [(action: Action, label: String)] = [(.nextPart, "next part")]
        if state.panes.fleet.page.part == .environment {
            let isHiding = state.panes.fleet.page.revealed == nil
            wanted += [(.revealSecrets, isHiding ? "show secrets" : "hide secrets"), (.filterServices, "filter")]
        }
        if service?.portConflict != nil { wanted.append((.portMenu, "taken port")) }
        if service?.watch?.suspension != nil { wanted.append((.resumeWatch, "watch again")) }
        wanted += [(.goLogs, "logs"), (.restart, "restart"), (.startStop, "start/stop"), (.actMenu, "act")]
        wanted.append((.back, "back"))
        return wanted.compactMap { action, label in
            // A command has several rows in the table; the key that works on this pane is meant.
            let rows = CommandTable.standard.reachable(on: .fleet).filter { $0.action == action }
            let row = rows.first { $0.scope == .pane(.fleet) } ?? rows.first
            return row.map { ($0.mainKey, label) }
        }
    }

    private static func put(
        _ pairs: [(key: String, label: String)],
        into canvas: inout Canvas,
        in rect: Rect,
        until end: Int
    ) {
        var column = 1
        for pair in pairs {
            let width = TextWidth.of(pair.key) + 1 + TextWidth.of(pair.label)
            guard column + width <= end else { return }
            canvas.put(StyledLine([(pair.key, .key), (" \(pair.label)", .dim)]), column, rect.row, width: width)
            column += width + 2
        }
    }

    private static func tail(columns: Int) -> StyledLine {
        switch columns {
        case ..<60: StyledLine([(":", .key), (" ", .dim), ("?", .key)])
        case ..<100: StyledLine([(":", .key), (" cmd ", .dim), ("?", .key), (" help", .dim)])
        default: StyledLine([(":", .key), (" command  ", .dim), ("?", .key), (" help", .dim)])
        }
    }
}
