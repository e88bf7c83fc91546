import CellGrid
import FleetModel

/// Everything about one service on one page.
enum ServicePage {
    static func draw(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        guard let service = FleetRows(state).selected else {
            return canvas.placeholder("no service is selected", in: rect)
        }
        let facts = ServiceFacts(service: service, state: state)
        canvas.rule(rect.row, width: rect.columns, title: facts.title, focused: true)
        let area = rect.split(top: 1).rest.inset(columns: 1, rows: 0)
        let lines = lines(facts, in: area.size)
        canvas.put(lines.dropFirst(state.panes.fleet.detailTop), in: area)
        canvas.cursor = Point(column: 0, row: rect.row)
    }

    static func lineCount(_ state: ConsoleState) -> Int {
        guard let service = FleetRows(state).selected else { return 0 }
        let facts = ServiceFacts(service: service, state: state)
        let area = ScreenLayout(state).body.split(top: 1).rest.size
        return lines(facts, in: area).count + 1
    }

    /// The log comes last and newest at the bottom: no more of it than fits, or the newest would be out of sight.
    private static let fewestLogLines = 5

    private static func lines(_ facts: ServiceFacts, in area: Size) -> [StyledLine] {
        let service = facts.service
        let width = area.columns
        var lines = service.summary.isEmpty ? [] : [StyledLine(service.summary), StyledLine()]
        lines += [facts.stateLine] + [facts.reasonLine, facts.exitLine].compactMap(\.self)
        lines += [facts.dependencyLine, facts.dependentLine, facts.commandLine, facts.folderLine]
        if !service.ports.isEmpty {
            let ports = service.ports.map { "\($0.name) \($0.host):\($0.number)/\($0.transport.rawValue)" }
            lines.append(facts.labelled("ports", [(ports.joined(separator: "  "), .plain)]))
        }
        for link in service.links.sorted(by: { $0.key < $1.key }) {
            lines.append(facts.labelled(link.key, [(link.value, .accent.underline())]))
        }
        lines += [StyledLine(), StyledLine("Health", .title.bold()), facts.probeLine]
        lines.append(
            facts.trendLine(
                "latency",
                service.health.history,
                now: TimeText.latency(service.health.latency?.inSeconds),
                width: width
            )
        )
        lines += [StyledLine(), StyledLine("Last two minutes", .title.bold())] + facts.trendLines(width: width)
        lines += [StyledLine(), StyledLine("Events", .title.bold())]
        lines += facts.eventLines.isEmpty ? [StyledLine("none", .dim)] : Array(facts.eventLines.prefix(12))
        lines += [StyledLine(), StyledLine("Last lines", .title.bold())]
        let room = max(fewestLogLines, area.rows - lines.count)
        lines += facts.logLines.isEmpty ? [StyledLine("none", .dim)] : Array(facts.logLines.suffix(room))
        return lines
    }
}
