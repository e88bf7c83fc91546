import CellGrid
import FleetAPI
import FleetModel

extension ConsoleState {
    /// What the visible pane needs; a pure function of the state, so the app compares and fetches.
    package var wants: [DataRequest] {
        guard snapshot != nil, departure == .staying else { return [] }
        let requests = newsNeeds + paneNeeds + reloadNeeds + comparisonNeeds
        guard fleet.isFrozen else { return requests }
        return requests.map { DataRequest($0.key, $0.query, .once) }
    }

    private var paneNeeds: [DataRequest] {
        switch pane {
        case .fleet: fleetNeeds
        case .logs: logNeeds
        case .metrics: metricNeeds
        case .traces: traceNeeds
        case .map: [DataRequest(.serviceMap, .serviceMap, .onSpans)]
        case .events: eventNeeds
        }
    }

    /// For the count on the tab of the Events pane: only what came since it was last looked at.
    private var newsNeeds: [DataRequest] {
        guard pane != .events, let snapshot, snapshot.totals.newestEvent > fleet.seenEvent else { return [] }
        return [DataRequest(.news, .events(EventQuery(after: fleet.seenEvent)), .onEvents)]
    }

    /// The engine announces a changed manifest with its plan; asked for without one, the plan is fetched.
    private var reloadNeeds: [DataRequest] {
        let isOpen = overlays.contains { if case .reload = $0 { true } else { false } }
        guard isOpen, snapshot?.pendingReload == nil else { return [] }
        return [DataRequest(.reloadPlan, .reloadPlan, .once)]
    }

    private var fleetNeeds: [DataRequest] {
        let layout = FleetLayout(self)
        let isInOtherPart = panes.fleet.isDetailOpen && panes.fleet.page.part != .overview
        guard layout.showsService, !isInOtherPart, let service = pageService else { return pageNeeds }
        let logs = LogQuery(services: [service.id.rawValue], limit: max(10, screen.size.rows))
        let events = EventQuery(services: [service.id.rawValue], limit: 40)
        return [
            DataRequest(.serviceLogs, .logs(logs), .onLogs), DataRequest(.serviceEvents, .events(events), .onEvents),
        ]
    }

    private var eventNeeds: [DataRequest] {
        let services = panes.events.onlyService ? selection.service.map { [$0.rawValue] } ?? [] : []
        var needs = [DataRequest(.events, .events(EventQuery(services: services)), .onEvents)]
        if panes.events.isEvidenceOpen || EventsLayout(self).evidence.rows > 0, let event = selectedEvent,
            let id = event.service
        {
            let clock = TimeText(secondsFromUTC: screen.secondsFromUTC)
            // Its own words, up to a moment after the event.
            let filter = "!stream:fleet until:\(clock.dated(event.time + .seconds(2)))"
            needs.append(
                DataRequest(.evidenceLogs, .logs(LogQuery(services: [id.rawValue], filter: filter, limit: 100)), .once)
            )
        }
        return needs
    }

    private var traceNeeds: [DataRequest] {
        var needs = [DataRequest(.traces, .traces(traceQuery), .onSpans)]
        guard let id = selection.trace else { return needs }
        let isYoung = selectedTrace.map { $0.isIncomplete || $0.start.distance(to: now) < .seconds(30) } ?? false
        needs.append(DataRequest(.trace, .trace(id), isYoung ? .onSpans : .once))
        if TracesLayout(self).logs.rows > 0 {
            let logs = LogQuery(filter: "trace:\(id)", direction: .forward, limit: 200)
            needs.append(DataRequest(.traceLogs, .logs(logs), isYoung ? .onLogs : .once))
        }
        return needs
    }

    var traceQuery: TraceQuery {
        var filter = LogFilterText.trimmed(panes.traces.filter)
        if panes.traces.onlyService, let id = selection.service {
            let name = snapshot?[id]?.name.rawValue ?? id.rawValue
            filter = filter.isEmpty ? "service=\(name)" : "\(filter) service=\(name)"
        }
        return TraceQuery(filter: filter, order: panes.traces.isSlowestFirst ? .slowest : .newest, limit: 200)
    }
}
