import CellGrid
import FleetAPI
import FleetModel

extension ConsoleState {
    /// True when the action was a movement.
    mutating func move(_ action: Action) -> Bool {
        let page = max(1, rowsOnScreen - 1)
        switch action {
        case .lineDown: move(by: 1)
        case .lineUp: move(by: -1)
        case .halfDown: move(by: max(1, page / 2))
        case .halfUp: move(by: -max(1, page / 2))
        case .pageDown: move(by: page)
        case .pageUp: move(by: -page)
        case .scrollDown: scroll(by: 1)
        case .scrollUp: scroll(by: -1)
        case .top: moveToTop()
        case .bottom: moveToBottom()
        case .left: moveSideways(-1)
        case .right: moveSideways(1)
        default: return false
        }
        return true
    }

    mutating func move(by step: Int) {
        switch pane {
        case .fleet where panes.fleet.isDetailOpen: moveInPage(by: step)
        case .fleet: moveInFleet(by: step)
        case .logs: moveInLogs(by: step)
        case .metrics: moveInMetrics(by: step)
        case .traces: moveInTraces(by: step)
        case .map: moveInMap(rows: step)
        case .events: moveInEvents(by: step)
        }
    }

    private mutating func moveToTop() {
        // `move` clamps; no list is longer than this.
        if pane == .logs, let first = panes.logs.window.records.first {
            guard panes.logs.window.olderCount > 0 else { return move(by: -panes.logs.window.records.count) }
            // The oldest line kept: everything is after it.
            goToLine(min(first.id, 0))
        } else {
            move(by: -100_000)
        }
    }

    private mutating func moveToBottom() {
        if pane == .logs { followLogs() } else { move(by: 100_000) }
    }

    private mutating func moveSideways(_ step: Int) {
        switch pane {
        case .logs: panes.logs.look.shift = min(2000, max(0, panes.logs.look.shift + step * 8))
        case .metrics: panMetrics(by: step)
        case .map: moveInMap(columns: step)
        case .fleet, .traces, .events: break
        }
    }

    private mutating func moveInFleet(by step: Int) {
        let rows = FleetRows(self)
        guard let index = rows.selectedIndex else { return }
        selection.service = rows.services[min(max(0, index + step), rows.services.count - 1)].id
    }

    private mutating func moveInEvents(by step: Int) {
        let events = shownEvents
        guard !events.isEmpty else { return }
        let index = selectedEventIndex ?? 0
        let target = min(max(0, index + step), events.count - 1)
        // On the newest line the cursor stays with the newest.
        panes.events.selected = target == 0 ? nil : events[target].sequence
        if let service = events[target].service, !panes.events.onlyService { selection.service = service }
    }

    /// Moves the view and leaves the cursor where it is as far as it stays visible.
    private mutating func scroll(by step: Int) {
        switch pane {
        case .fleet where !panes.fleet.isDetailOpen:
            panes.fleet.top = max(0, panes.fleet.top + step)
            let rows = FleetRows(self)
            guard let index = rows.selectedIndex else { return }
            let visible = panes.fleet.top...(panes.fleet.top + max(0, rowsOnScreen - 1))
            let kept = min(max(index, visible.lowerBound), visible.upperBound)
            selection.service = rows.services[min(kept, rows.services.count - 1)].id
        default: move(by: step)
        }
    }

    /// A click on a row of the pane's list.
    mutating func select(row: Int, in body: Rect) {
        switch pane {
        case .fleet where !panes.fleet.isDetailOpen:
            let table = FleetLayout(self).table
            let rows = FleetRows(self)
            let index = row - table.row + panes.fleet.top
            if row >= table.row, row < table.endRow, rows.services.indices.contains(index) {
                selection.service = rows.services[index].id
            }
        case .events:
            let list = EventsLayout(self).list
            if row >= list.row, row < list.endRow {
                moveInEvents(by: row - list.row + panes.events.top - (selectedEventIndex ?? 0))
            }
        case .traces:
            let layout = TracesLayout(self)
            if row >= layout.list.row, row < layout.list.endRow {
                panes.traces.focus = .list
                moveInTraces(by: row - layout.list.row + panes.traces.listTop - (selectedTraceIndex ?? 0))
            } else if row >= layout.waterfall.row, row < layout.waterfall.endRow, let rows = waterfall {
                panes.traces.focus = .waterfall
                moveInTraces(by: row - layout.waterfall.row + panes.traces.spanTop - (rows.selectedIndex ?? 0))
            }
        default: break
        }
    }

    /// Rows of the pane's list, for page-wise movement.
    var rowsOnScreen: Int {
        switch pane {
        case .fleet: panes.fleet.isDetailOpen ? ServicePageLayout(self).scrolled.rows : FleetLayout(self).table.rows
        case .logs: LogsLayout(self).list.rows
        case .metrics: 2
        case .traces: panes.traces.focus == .list ? TracesLayout(self).list.rows : TracesLayout(self).waterfall.rows
        case .map: 4
        case .events: EventsLayout(self).list.rows
        }
    }

    // MARK: Keeping cursors visible

    /// Brings scroll positions and indices back into their bounds after anything changed.
    mutating func settle() {
        switch pane {
        case .fleet:
            let rows = FleetRows(self)
            let layout = FleetLayout(self)
            panes.fleet.top = Scroll.top(
                panes.fleet.top,
                selected: rows.selectedIndex ?? 0,
                rows: layout.table.rows,
                count: rows.services.count
            )
            settlePage()
        case .logs:
            settlePicked()
            settleLogTop()
        case .metrics: settleMetrics()
        case .traces: settleTraceScroll()
        case .map: break
        case .events:
            panes.events.top = Scroll.top(
                panes.events.top,
                selected: selectedEventIndex ?? 0,
                rows: EventsLayout(self).list.rows,
                count: shownEvents.count
            )
        }
    }
}

/// First visible row of a list.
enum Scroll {
    static func top(_ top: Int, selected: Int, rows: Int, count: Int) -> Int {
        guard rows > 0 else { return 0 }
        var top = min(top, max(0, count - rows))
        if selected < top { top = selected }
        if selected >= top + rows { top = selected - rows + 1 }
        return max(0, top)
    }
}
