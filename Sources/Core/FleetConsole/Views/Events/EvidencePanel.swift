import CellGrid
import FleetAPI
import FleetModel

/// What helps to understand one event: the last words of the service, how it ended, who depends on it.
enum EvidencePanel {
    static func draw(_ event: FleetEvent, _ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        let name = event.service?.rawValue ?? state.snapshot?.name ?? "fleet"
        canvas.rule(
            rect.row,
            width: rect.columns,
            title: "\(name) \(event.kind.rawValue)",
            focused: state.panes.events.isEvidenceOpen
        )
        canvas.put(lines(event, state, rows: rect.rows - 1), in: rect.split(top: 1).rest.inset(columns: 1, rows: 0))
    }

    private static func lines(_ event: FleetEvent, _ state: ConsoleState, rows: Int) -> [StyledLine] {
        let clock = TimeText(secondsFromUTC: state.screen.secondsFromUTC)
        var lines = [
            StyledLine([
                (state.glyphs.fit("event", to: 10), .dim), (clock.milliseconds(event.time) + "  ", .dim),
                (event.message, .plain),
            ])
        ]
        guard let id = event.service, let service = state.snapshot?[id] else { return lines }
        let facts = ServiceFacts(service: service, state: state)
        lines.append(facts.stateLine)
        if service.reason != event.message, let reason = facts.reasonLine { lines.append(reason) }
        lines.append(facts.dependentLine)
        if let exit = facts.exitLine { lines.append(exit) }
        let more = [
            facts.labelled("restarts", [("\(service.restarts)", service.restarts > 0 ? .warn : .plain)]),
            facts.trendLine(
                "memory",
                service.figures.memoryHistory,
                now: NumberText.bytes(service.figures.memoryBytes),
                width: 80
            ),
            facts.trendLine(
                "cpu %",
                service.figures.cpuHistory,
                now: NumberText.cpu(service.figures.cpuPercent),
                width: 80
            ),
        ]
        // The last words matter most; figures come before them only where both fit.
        if rows >= lines.count + more.count + 6 { lines += more }
        lines.append(StyledLine("last words before it", .title))
        let words = lastWords(before: event, state)
        if words.isEmpty { lines.append(StyledLine("no line in memory", .dim)) }
        return lines
            + words.suffix(max(1, rows - lines.count)).map { LogLineText($0, state).compact(showsService: false) }
    }

    /// Its lines up to a moment after the event; what it wrote to standard error comes first to mind when there is any.
    private static func lastWords(before event: FleetEvent, _ state: ConsoleState) -> [LogRecord] {
        let records = (state.data.logs(.evidenceLogs)?.records ?? []).filter {
            $0.service == event.service && $0.stream != .fleet && $0.time <= event.time + .seconds(1)
        }
        let errors = records.suffix(100).filter { $0.stream == .stderr || $0.severity >= .warning }
        return errors.isEmpty ? records : errors
    }
}
