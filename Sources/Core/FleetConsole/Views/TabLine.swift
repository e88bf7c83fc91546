import CellGrid
import FleetAPI
import FleetModel

/// The second line: panes, what is new in them, and how the present one is set up.
enum TabLine {
    static func draw(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        guard !rect.isEmpty else { return }
        var end = 1
        for tab in tabs(state, columns: rect.columns) {
            let isShown = tab.pane == state.pane
            canvas.put(
                tab.text,
                tab.column,
                rect.row,
                width: rect.columns - tab.column,
                style: isShown ? .title.bold() : .plain
            )
            if let badge = tab.badge {
                canvas.put(badge, tab.badgeColumn, rect.row, width: rect.columns - tab.badgeColumn, style: .warn.bold())
            }
            end = tab.end
        }
        let about = about(state)
        let width = TextWidth.of(about)
        if end + 2 + width < rect.columns {
            canvas.put(about, rect.columns - width - 1, rect.row, width: width, style: .dim)
        }
    }

    /// The pane whose tab covers a column.
    static func pane(at column: Int, _ state: ConsoleState) -> Pane? {
        tabs(state, columns: state.screen.size.columns).first { column >= $0.column && column < $0.end }?.pane
    }

    private struct Tab {
        var pane: Pane
        var text: String
        var column: Int
        var badge: String?

        var badgeColumn: Int { column + text.count - 1 - (badge?.count ?? 0) }
        var end: Int { column + text.count }
    }

    private static func tabs(_ state: ConsoleState, columns: Int) -> [Tab] {
        var column = columns >= 80 ? 1 : 0
        let gap = columns >= 110 ? 2 : columns >= 80 ? 1 : 0
        return Pane.allCases.map { pane in
            let badge = badge(of: pane, state)
            let title = columns >= 64 ? "\(pane.rawValue) \(pane.title)" : "\(pane.rawValue)\(pane.title)"
            let inner = title + (badge ?? "")
            let tab = Tab(
                pane: pane,
                text: pane == state.pane ? "[\(inner)]" : " \(inner) ",
                column: column,
                badge: nil
            )
            column = tab.end + gap
            guard let badge else { return tab }
            return Tab(pane: tab.pane, text: tab.text, column: tab.column, badge: badge)
        }
    }

    /// News since the pane was last looked at.
    private static func badge(of pane: Pane, _ state: ConsoleState) -> String? {
        guard let snapshot = state.snapshot, pane != state.pane else { return nil }
        switch pane {
        case .logs:
            let errors = snapshot.services.reduce(0) { $0 &+ $1.newErrors(state) }
            return errors > 0 ? "(\(NumberText.count(errors))!)" : nil
        case .events:
            // Starts and other good news are no reason to look.
            let news = state.data.events(.news).filter {
                $0.sequence > state.fleet.seenEvent && $0.severity != .info
            }
            guard !news.isEmpty else { return nil }
            return "(\(NumberText.count(news.count))\(news.contains { $0.severity == .error } ? "!" : ""))"
        default: return nil
        }
    }

    private static func about(_ state: ConsoleState) -> String {
        switch state.pane {
        case .fleet:
            let filter = state.panes.fleet.filter
            return "sort: \(state.panes.fleet.sort.title)\(state.panes.fleet.isReversed ? " reversed" : "")"
                + (filter.isEmpty ? "" : "   filter: \(filter)")
        case .logs: return ""
        case .metrics:
            let (range, step) = state.metricRange
            let end = state.panes.metrics.end == nil ? "" : "   not live: 0"
            return "range \(TimeText.span(range))  step \(TimeText.span(step))\(end)"
        case .traces: return "\(state.panes.traces.isSlowestFirst ? "slowest" : "newest") first"
        case .map: return state.data.serviceMap.map { "calls of the last \(TimeText.span($0.window))" } ?? ""
        case .events: return "newest first"
        }
    }
}

extension ServiceSnapshot {
    /// Error lines that the operator has not looked at.
    func newErrors(_ state: ConsoleState) -> Int { max(0, errorLines &- (state.fleet.seenErrors[id] ?? 0)) }
}
