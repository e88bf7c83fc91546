import CellGrid
import FleetAPI
import FleetModel

/// What happened, newest first.
enum EventsPane {
    static func draw(_ state: ConsoleState, into canvas: inout Canvas) {
        let layout = EventsLayout(state)
        drawFilter(state, into: &canvas, in: layout.filter)
        EventTimeline.draw(state, into: &canvas, in: layout.timeline)
        drawList(state, into: &canvas, in: layout.list)
        if layout.evidence.rows > 1, let event = state.selectedEvent {
            EvidencePanel.draw(event, state, into: &canvas, in: layout.evidence)
        }
    }

    private static func drawFilter(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        guard !rect.isEmpty else { return }
        let only = state.panes.events.onlyService ? state.selection.service : nil
        let events = state.shownEvents
        let errors = events.count { $0.severity == .error }
        let warnings = events.count { $0.severity == .warning }
        var line = StyledLine(only.map { "of \($0)" } ?? "of all services", only == nil ? .plain : .accent)
        line.add("   " + NumberText.counted(events.count, "event"), .dim)
        if errors > 0 { line.add("   " + NumberText.counted(errors, "error"), .fail) }
        if warnings > 0 { line.add("   " + NumberText.counted(warnings, "warning"), .warn) }
        canvas.put(line, 1, rect.row, width: rect.columns - 2)
    }

    private static func drawList(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        let events = state.shownEvents
        guard !events.isEmpty else {
            let text =
                state.data.error(.events)?.message
                ?? (state.data[.events] == nil ? "reading events" : "nothing happened yet")
            return canvas.placeholder(text, in: rect)
        }
        let clock = TimeText(secondsFromUTC: state.screen.secondsFromUTC)
        let tagWidth = LogLineText.tagWidth(state, columns: rect.columns)
        for (offset, event) in events.dropFirst(state.panes.events.top).prefix(rect.rows).enumerated() {
            let row = rect.row + offset
            let mark = event.mark(canvas.glyphs)
            let name = event.service?.rawValue ?? "fleet"
            var line = StyledLine(
                " " + (rect.columns >= 50 ? clock.seconds(event.time) : clock.minutes(event.time)) + " ",
                .dim
            )
            line.add(mark.text + " ", mark.style)
            line.add(canvas.glyphs.fit(name, to: tagWidth) + "  ", .source(of: name, state))
            line.add(event.message, event.severity == .error ? .fail : event.severity == .warning ? .warn : .plain)
            canvas.put(line, rect.column, row, width: rect.columns)
            if state.panes.events.top + offset == state.selectedEventIndex {
                canvas.selectRow(row, in: rect)
                canvas.grid.write(canvas.glyphs.selector, column: rect.column, row: row, style: .selection)
            }
        }
    }
}
