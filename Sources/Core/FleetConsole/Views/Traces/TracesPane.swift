import CellGrid
import FleetAPI
import FleetModel

/// The list of traces, the waterfall of the selected one, and its spans, events and log lines.
enum TracesPane {
    static func draw(_ state: ConsoleState, into canvas: inout Canvas) {
        let layout = TracesLayout(state)
        drawQuery(state, into: &canvas, in: layout.query)
        TraceList.draw(state, layout, into: &canvas)
        guard state.selection.trace != nil, layout.heading.rows > 0 else { return }
        drawHeading(state, into: &canvas, in: layout.heading)
        guard let rows = state.waterfall else {
            let text = state.data.error(.trace)?.message ?? "reading the trace"
            return canvas.placeholder(text, in: layout.waterfall, style: state.data.error(.trace) == nil ? .dim : .fail)
        }
        WaterfallView.draw(rows, state, layout, into: &canvas)
        if let span = rows.selectedSpan, layout.span.rows > 1 {
            SpanPanel.draw(span, rows, state, into: &canvas, in: layout.span)
        }
        if layout.logs.rows > 1 { drawLogs(state, into: &canvas, in: layout.logs) }
    }

    private static func drawQuery(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        guard !rect.isEmpty else { return }
        var line = StyledLine("where> ", .key)
        let query = state.traceQuery.filter
        line.add(query.isEmpty ? "all traces" : query, query.isEmpty ? .dim : .plain)
        if let error = state.data.error(.traces) { line.add("  \(error.message)", .fail) }
        var right = StyledLine()
        if state.panes.traces.isFollowing { right.add("FOLLOW  ", .ok.bold()) }
        if let page = state.data.traces {
            right.add("\(NumberText.grouped(page.matchingCount)) of \(NumberText.grouped(page.keptCount))", .dim)
            if page.evictedTraces > 0, rect.columns >= 100 {
                right.add("  \(NumberText.count(page.evictedTraces)) dropped", .dim)
            }
        }
        canvas.put(line, 1, rect.row, width: rect.columns - right.width - 3)
        canvas.put(right, rect.columns - right.width - 1, rect.row, width: right.width)
    }

    private static func drawHeading(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        var parts = ["trace \(state.selection.trace.map { String($0.prefix(rect.columns >= 100 ? 32 : 8)) } ?? "")"]
        if let summary = state.waterfall?.detail.summary ?? state.selectedTrace {
            parts.append(TimeText.fine(summary.duration, ascii: !state.glyphs.isUnicode))
            parts.append(NumberText.counted(summary.spanCount, "span"))
            parts.append(NumberText.counted(summary.services.count, "service"))
            if summary.errorCount > 0 { parts.append(NumberText.counted(summary.errorCount, "error")) }
            if summary.isIncomplete { parts.append("incomplete") }
        }
        if rect.columns >= 100, state.panes.traces.showsCriticalPath, let path = criticalText(state) {
            parts.append(path)
        }
        canvas.rule(
            rect.row,
            width: rect.columns,
            title: parts.joined(separator: "  "),
            focused: state.panes.traces.focus == .waterfall
        )
    }

    /// Which service the request spent its time in.
    private static func criticalText(_ state: ConsoleState) -> String? {
        guard let detail = state.waterfall?.detail, detail.summary.duration > .zero else { return nil }
        let services = Dictionary(detail.spans.map { ($0.id, $0.service) }, uniquingKeysWith: { first, _ in first })
        var shares: [String: Double] = [:]
        for section in detail.criticalPath {
            guard let service = services[section.spanID] else { continue }
            shares[service, default: 0] += (section.to - section.from).inSeconds
        }
        guard let worst = shares.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return nil }
        let percent = worst.value / max(1e-9, detail.summary.duration.inSeconds) * 100
        return "critical path \(NumberText.fixed(percent, 0))% \(worst.key)"
    }

    private static func drawLogs(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        let records = state.data.logs(.traceLogs)?.records ?? []
        canvas.rule(
            rect.row,
            column: rect.column,
            width: rect.columns,
            title: "log of the trace (\(records.count))  gl opens it"
        )
        canvas.grid.verticalRule(column: rect.column, row: rect.row + 1, rows: rect.rows - 1, glyphs: canvas.glyphs)
        let area = Rect(column: rect.column + 2, row: rect.row + 1, columns: rect.columns - 2, rows: rect.rows - 1)
        if records.isEmpty {
            let error = state.data.error(.traceLogs)?.message
            return canvas.placeholder(error ?? "no line names this trace", in: area)
        }
        canvas.put(records.map { LogLineText($0, state).compact(showsService: true) }, in: area)
    }
}
