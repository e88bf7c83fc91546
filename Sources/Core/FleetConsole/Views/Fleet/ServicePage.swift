import CellGrid
import FleetModel

/// Everything about one service, in parts that Tab goes through.
enum ServicePage {
    static func draw(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        guard let service = state.pageService else {
            return canvas.placeholder("no service is selected", in: rect)
        }
        let layout = ServicePageLayout(state)
        let facts = ServiceFacts(service: service, state: state)
        canvas.rule(layout.title.row, width: layout.title.columns, title: facts.title, focused: true)
        canvas.cursor = Point(column: 0, row: layout.title.row)
        drawParts(state, into: &canvas, in: layout.parts)
        switch state.panes.fleet.page.part {
        case .overview:
            let lines = lines(facts, in: layout.content.size)
            canvas.put(lines.dropFirst(state.panes.fleet.detailTop), in: layout.content)
        case .history: ServiceHistory.draw(service, state, layout, into: &canvas)
        case .environment: ServiceEnvironment.draw(service, state, layout, into: &canvas)
        }
    }

    private static func drawParts(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        guard !rect.isEmpty else { return }
        var line = StyledLine(" ")
        for part in ServicePageState.Part.allCases {
            let isShown = part == state.panes.fleet.page.part
            line.add(isShown ? "[\(part.rawValue)] " : " \(part.rawValue)  ", isShown ? .title.bold() : .dim)
        }
        canvas.put(line, rect.column, rect.row, width: rect.columns)
        let about = about(state)
        let start = rect.endColumn - about.width - 1
        if start > line.width { canvas.put(about, start, rect.row, width: about.width) }
    }

    private static func about(_ state: ConsoleState) -> StyledLine {
        switch state.panes.fleet.page.part {
        case .overview: return StyledLine()
        case .history:
            let count = state.pageLives.count
            return count == 0 ? StyledLine() : StyledLine("\(count) li\(count == 1 ? "fe" : "ves"), newest first", .dim)
        case .environment: return ServiceEnvironment.about(state)
        }
    }

    static func lineCount(_ state: ConsoleState) -> Int {
        guard let service = state.pageService else { return 0 }
        return lines(ServiceFacts(service: service, state: state), in: ServicePageLayout(state).content.size).count
    }

    /// The log comes last and newest at the bottom: no more of it than fits, or the newest would be out of sight.
    private static let fewestLogLines = 5

    private static func lines(_ facts: ServiceFacts, in area: Size) -> [StyledLine] {
        let service = facts.service
        let width = area.columns
        var lines = service.summary.isEmpty ? [] : [StyledLine(service.summary), StyledLine()]
        lines += [facts.stateLine] + facts.reasonLines(width: width, most: 4)
        lines += [facts.exitLine].compactMap(\.self) + facts.supervisionLines
        lines += [facts.dependencyLine, facts.dependentLine, facts.commandLine, facts.folderLine] + facts.portLines
        // Its line stands beside the port, if that is a declared one.
        if !service.ports.contains(where: { $0.number == service.portConflict?.port }) {
            lines += [facts.conflictLine].compactMap(\.self)
        }
        for link in service.links.sorted(by: { $0.key < $1.key }) {
            lines.append(facts.labelled(link.key, [(link.value, .accent.underline())]))
        }
        let strip = ProbeStrip(results: service.health.history, glyphs: facts.state.glyphs)
        lines += [StyledLine(), StyledLine("Health", .title.bold()), facts.probeLine]
        if !service.health.history.isEmpty {
            lines.append(facts.labelled("latency", strip.line(width: width - 10).runs))
            lines.append(facts.labelled("", [(strip.caption, .dim)]))
        }
        lines += [StyledLine(), StyledLine("Last two minutes", .title.bold())] + facts.trendLines(width: width)
        lines += [StyledLine(), StyledLine("Events", .title.bold())]
        lines += facts.eventLines.isEmpty ? [StyledLine("none", .dim)] : Array(facts.eventLines.prefix(12))
        lines += [StyledLine(), StyledLine("Last lines", .title.bold())]
        let room = max(fewestLogLines, area.rows - lines.count)
        lines += facts.logLines.isEmpty ? [StyledLine("none", .dim)] : Array(facts.logLines.suffix(room))
        return lines
    }
}
