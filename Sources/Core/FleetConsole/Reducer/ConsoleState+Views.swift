import FleetModel

// MARK: From pane to pane

extension ConsoleState {
    var currentView: ViewHistory.View {
        ViewHistory.View(pane: pane, selection: selection, isInside: isInside)
    }

    /// A page, a waterfall or an evidence panel is open in the pane.
    private var isInside: Bool {
        switch pane {
        case .fleet: panes.fleet.isDetailOpen
        case .traces: panes.traces.focus == .waterfall
        case .events: panes.events.isEvidenceOpen
        case .logs, .metrics, .map: false
        }
    }

    /// By its digit: everything in the pane, not only the selected service.
    mutating func show(_ target: Pane) {
        guard target != pane || !history.returnStack.isEmpty else { return }
        history.start(from: currentView)
        pane = target
        panes.logs.onlyService = panes.logs.onlyService && target != .logs
        panes.metrics.onlyService = panes.metrics.onlyService && target != .metrics
        panes.traces.onlyService = panes.traces.onlyService && target != .traces
        panes.events.onlyService = panes.events.onlyService && target != .events
        look()
    }

    /// With the selection; Esc comes back here.
    mutating func jump(to target: Pane) {
        if target != pane { history.jump(from: currentView) }
        pane = target
        look()
    }

    mutating func restore(_ view: ViewHistory.View) {
        pane = view.pane
        let marked = selection.marked
        selection = view.selection
        selection.marked = marked
        switch pane {
        case .fleet: panes.fleet.isDetailOpen = view.isInside
        case .traces: panes.traces.focus = view.isInside ? .waterfall : .list
        case .events: panes.events.isEvidenceOpen = view.isInside
        case .logs, .metrics, .map: break
        }
        look()
    }

    /// One level back; false at the root.
    @discardableResult
    mutating func stepBack(clearing: Bool) -> Bool {
        if closeInside() { return true }
        if clearing, clearOne() { return true }
        guard let view = history.back() else { return false }
        restore(view)
        return true
    }

    private mutating func closeInside() -> Bool {
        switch pane {
        case .fleet where panes.fleet.isDetailOpen: panes.fleet.isDetailOpen = false
        case .logs where panes.logs.picked.start != nil: panes.logs.picked.start = nil
        case .logs where panes.logs.seek != nil: panes.logs.seek = nil
        case .metrics where panes.metrics.isCursorOn:
            panes.metrics.isCursorOn = false
            selection.time = nil
        case .metrics where panes.metrics.listPlace != nil: panes.metrics.listPlace = nil
        case .metrics where panes.metrics.isZoomed: panes.metrics.isZoomed = false
        case .traces where panes.traces.showsAttributes: panes.traces.showsAttributes = false
        case .traces where panes.traces.focus == .waterfall: panes.traces.focus = .list
        case .map where panes.map.edge != nil: panes.map.edge = nil
        case .map where panes.map.showsBlocked: panes.map.showsBlocked = false
        case .map where panes.map.showsImpact: panes.map.showsImpact = false
        case .events where panes.events.isEvidenceOpen: panes.events.isEvidenceOpen = false
        default: return false
        }
        return true
    }

    /// What Esc clears before it leaves the pane, one thing at a time.
    private mutating func clearOne() -> Bool {
        switch pane {
        case .fleet where !selection.marked.isEmpty: selection.marked = []
        case .fleet where !panes.fleet.filter.isEmpty: panes.fleet.filter = ""
        case .logs where !panes.logs.find.isEmpty: panes.logs.find = ""
        case .logs where !panes.logs.filter.isEmpty: panes.logs.filter = ""
        case .traces where !panes.traces.filter.isEmpty: panes.traces.filter = ""
        case _ where selection.time != nil: selection.time = nil
        default: return false
        }
        return true
    }

    mutating func jumpToLogs() {
        let trace = pane == .traces ? selection.trace : nil
        selection.service = focusedService ?? selection.service
        jump(to: .logs)
        followLogs()
        // From a trace its own lines are what is looked for, whoever wrote them.
        panes.logs.onlyService = trace == nil && selection.service != nil
        if let trace { panes.logs.filter = "trace:\(trace)" }
        if let time = selection.time { goToLine(at: time) }
        look()
    }

    mutating func jumpToTraces() {
        selection.service = focusedService ?? selection.service
        jump(to: .traces)
        panes.traces.onlyService = selection.service != nil
        panes.traces.focus = .list
    }

    mutating func jumpToMetrics() {
        selection.service = focusedService ?? selection.service
        jump(to: .metrics)
        panes.metrics.onlyService = selection.service != nil
    }

    mutating func jumpToEvents() {
        selection.service = focusedService ?? selection.service
        jump(to: .events)
        panes.events.onlyService = selection.service != nil
        panes.events.selected = nil
    }

    /// To the page of the named one, or of the one under the cursor.
    mutating func jumpToService(_ named: ServiceID? = nil) {
        guard let service = named ?? focusedService ?? selection.service else { return }
        select(inTable: service)
        jump(to: .fleet)
        panes.fleet.isDetailOpen = true
        show(.overview)
    }

    mutating func openLogs(of names: String) {
        let ids = services(named: names)
        show(.logs)
        guard !ids.isEmpty else { return reportUnknown(names) }
        panes.logs.anchor = .tail
        if ids.count == 1 {
            selection.service = ids[0]
            panes.logs.onlyService = true
        } else {
            panes.logs.onlyService = false
            panes.logs.hidden = Set(snapshot?.services.map(\.id) ?? []).subtracting(ids)
        }
    }

    mutating func openMetrics(of name: String) {
        let ids = services(named: name)
        show(.metrics)
        guard let id = ids.first else { return reportUnknown(name) }
        selection.service = id
        panes.metrics.onlyService = true
    }

    mutating func openTraces(where query: String) {
        show(.traces)
        guard !query.isEmpty else { return }
        if let id = services(named: query).first {
            selection.service = id
            panes.traces.onlyService = true
        } else {
            panes.traces.filter = query
        }
        panes.traces.focus = .list
    }

    private mutating func reportUnknown(_ names: String) {
        if !names.isEmpty { message = Message(.failure, "no service is called \(names)") }
    }

    /// The parts of a pane that Tab goes through.
    mutating func switchPart(by step: Int) {
        switch pane {
        case .fleet: switchPagePart(by: step)
        case .traces: panes.traces.focus = panes.traces.focus == .list && selection.trace != nil ? .waterfall : .list
        case .map: stepEdge(by: step)
        case .metrics: switchMetricsPart(by: step)
        case .events: panes.events.isEvidenceOpen.toggle()
        case .logs: break
        }
    }
}
