import CellGrid
import FleetModel

/// While everything stops: what is still up, for how long, what it waits for, and when it will be killed.
enum StoppingView {
    static func draw(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        let left = services(state)
        var lines = [StyledLine("stopping \(state.snapshot?.name ?? "the fleet")", .title.bold())]
        if rect.rows >= 12 { lines = [StyledLine()] + lines + [StyledLine()] }
        lines.append(summary(left, state))
        let room = max(1, rect.rows - lines.count - 1)
        let isCut = left.count > room
        lines += left.prefix(isCut ? room - 1 : room).map { line($0, state, columns: rect.columns) }
        if isCut { lines.append(StyledLine("  +\(left.count - room + 1) more", .dim)) }
        if case .stoppingFleet(killed: true) = state.departure {
            lines.append(StyledLine("SIGKILL was sent; Ctrl-c leaves the rest to the engine's guardian", .fail))
        }
        canvas.put(lines, in: rect.inset(columns: 2, rows: 0))
    }

    /// What holds up the others comes first, the longest of them at the top.
    private static func services(_ state: ConsoleState) -> [ServiceSnapshot] {
        let alive = (state.snapshot?.services ?? []).filter(\.state.isAlive)
        return alive.filter { $0.state == .stopping }.sorted { $0.since < $1.since }
            + alive.filter { $0.state != .stopping }
    }

    private static func summary(_ left: [ServiceSnapshot], _ state: ConsoleState) -> StyledLine {
        guard !left.isEmpty else { return StyledLine("all services are down; waiting for the engine", .ok) }
        let stopping = left.filter { $0.state == .stopping }
        var line = StyledLine("still up: \(left.count)", .warn)
        guard !stopping.isEmpty, stopping.count < left.count else { return line }
        let names =
            stopping.prefix(3).map(\.id.rawValue).joined(separator: ", ")
            + (stopping.count > 3 ? "\(state.glyphs.ellipsis)" : "")
        line.add("   \(left.count - stopping.count) wait for \(names)", .dim)
        return line
    }

    private static func line(_ service: ServiceSnapshot, _ state: ConsoleState, columns: Int) -> StyledLine {
        let look = StateText(service, glyphs: state.glyphs)
        let isStopping = service.state == .stopping
        var line = StyledLine("  \(look.glyph) ", look.style)
        line.add(state.glyphs.fit(service.id.rawValue, to: columns >= 60 ? 18 : 12) + " ")
        line.add(state.glyphs.fit(look.word, to: 10) + " ", look.style)
        if let pid = service.pid { line.add(state.glyphs.fit("pid \(pid)", to: 12), .dim) }
        // How long a service has been ready says nothing about the stop.
        if isStopping {
            line.add(TimeText.span(service.since.distance(to: state.now)))
            // The engine tells the deadline of the present step; after the stop signal that is SIGKILL's.
            if let due = service.restartAt {
                line.add(", \(TimeText.countdown(from: state.now, to: due)) left", .warn)
            }
            line.add("  ")
        }
        if !service.reason.isEmpty { line.add(CleanText.line(service.reason), isStopping ? .plain : .dim) }
        return line
    }
}
