import CellGrid
import FleetAPI
import FleetModel

/// The bottom line: where we are, what was said, or the line being typed.
enum StatusLine {
    static func draw(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        guard !rect.isEmpty else { return }
        if case .prompt(let prompt) = state.overlays.last { return draw(prompt, into: &canvas, in: rect) }
        let crumbs = breadcrumb(state)
        canvas.put(crumbs, 1, rect.row, width: rect.columns - 1)
        let start = 1 + crumbs.width + 2
        let right = right(state)
        let rightStart = rect.columns - right.width - 1
        if let message = state.message ?? lossMessage(state) ?? reloadMessage(state) {
            canvas.put(message.text, start, rect.row, width: rect.columns - start, style: message.kind.style)
        } else if rightStart > start {
            canvas.put(right, rightStart, rect.row, width: right.width)
        }
    }

    private static func lossMessage(_ state: ConsoleState) -> Message? {
        guard case .lost(let reason) = state.fleet.connection else { return nil }
        let clock = TimeText(secondsFromUTC: state.screen.secondsFromUTC)
        let age = state.snapshot.map { "  (all this is of \(clock.seconds($0.time)))" } ?? ""
        return Message(.failure, "no connection: \(reason)\(age)")
    }

    /// Where there is no row for the banner.
    private static func reloadMessage(_ state: ConsoleState) -> Message? {
        guard ScreenLayout(state).banner.isEmpty, state.announcedReload != nil else { return nil }
        return ReloadBanner.message(state)
    }

    private static func draw(_ prompt: PromptOverlay, into canvas: inout Canvas, in rect: Rect) {
        let label = " \(prompt.purpose.label)> "
        canvas.put(label, 0, rect.row, width: rect.columns, style: .key.bold())
        let start = min(TextWidth.of(label), rect.columns - 1)
        let room = max(1, rect.columns - start - 1)
        // The text moves left so that the cursor stays visible.
        let before = TextWidth.of(prompt.editor.textBeforeCursor)
        let shift = max(0, before - room)
        canvas.grid.write(TextWidth.dropping(prompt.editor.text, columns: shift), column: start, row: rect.row)
        canvas.cursor = Point(column: min(start + before - shift, rect.columns - 1), row: rect.row)
    }

    private static func breadcrumb(_ state: ConsoleState) -> StyledLine {
        var line = StyledLine(state.pane.name, .title)
        var parts: [String] = []
        switch state.pane {
        case .fleet:
            if let service = FleetRows(state).selected { parts.append(service.id.rawValue) }
            let page = state.panes.fleet.page
            if state.panes.fleet.isDetailOpen, page.part != .overview { parts.append(page.part.rawValue) }
        case .logs: if state.panes.logs.onlyService, let id = state.selection.service { parts.append(id.rawValue) }
        case .metrics:
            if state.panes.metrics.onlyService, let id = state.selection.service { parts.append(id.rawValue) }
            let panels = state.metricsPanels
            if panels.indices.contains(state.panes.metrics.panel) {
                parts.append(panels[state.panes.metrics.panel].title)
            }
        case .traces:
            if let trace = state.selection.trace { parts.append(String(trace.prefix(8))) }
            if let span = state.selectedSpan { parts.append(span.name) }
        case .map: if let focus = state.panes.map.focus { parts.append(focus) }
        case .events: if state.panes.events.onlyService, let id = state.selection.service { parts.append(id.rawValue) }
        }
        for part in parts {
            line.add(" > ", .dim)
            line.add(TextWidth.truncated(part, to: 30, ellipsis: state.glyphs.ellipsis))
        }
        if state.pane == .fleet, !state.selection.marked.isEmpty {
            line.add("  \(state.selection.marked.count) marked", .accent)
        }
        return line
    }

    private static func right(_ state: ConsoleState) -> StyledLine {
        guard let snapshot = state.snapshot else { return StyledLine() }
        let troubled = snapshot.services.count(where: \.state.isTroubled)
        guard troubled > 0 else { return StyledLine() }
        return StyledLine([("\(troubled) in trouble  ", .warn), ("!", .key), (" jump", .dim)])
    }
}

extension Message.Kind {
    var style: Style {
        switch self {
        case .note: .plain
        case .success: .ok
        case .warning: .warn
        case .failure: .fail.bold()
        }
    }
}
