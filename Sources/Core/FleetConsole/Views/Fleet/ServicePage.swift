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
        let lines = lines(facts, width: area.columns)
        canvas.put(lines.dropFirst(state.panes.fleet.detailTop), in: area)
        canvas.cursor = Point(column: 0, row: rect.row)
    }

    static func lineCount(_ state: ConsoleState) -> Int {
        guard let service = FleetRows(state).selected else { return 0 }
        let facts = ServiceFacts(service: service, state: state)
        return lines(facts, width: state.screen.size.columns).count + 1
    }

    private static func lines(_ facts: ServiceFacts, width: Int) -> [StyledLine] {
        let service = facts.service
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
        lines += facts.logLines.isEmpty ? [StyledLine("none", .dim)] : facts.logLines
        return lines
    }
}
