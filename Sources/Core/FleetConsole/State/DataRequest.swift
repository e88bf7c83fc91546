package import FleetAPI
package import FleetModel

/// Which place of the console a piece of data fills. A newer request with the same key replaces the older one.
package enum DataKey: Hashable, Sendable {
    /// Lines up to the anchor of the Logs pane, and the lines after it.
    case logsBefore
    case logsAfter
    /// One line that the Logs pane looks for beyond what is loaded.
    case logSeek
    /// The last lines of the selected service in the Fleet pane.
    case serviceLogs
    case serviceEvents
    case history
    /// Lines of a service around its last start, for a comparison.
    case linesBefore
    case linesAfter
    case environment
    /// What a reload would do; only while the engine has not told it by itself.
    case reloadPlan
    case traceLogs
    case evidenceLogs
    case traces
    case trace
    /// The chart of one panel, by its position in the list.
    case panel(Int)
    case events
    /// Events that the Events pane has not shown yet.
    case news
    case serviceMap
    case catalogue
}

/// Something that the visible pane needs from the engine.
package struct DataRequest: Hashable, Sendable {
    package enum Query: Hashable, Sendable {
        case logs(LogQuery)
        case traces(TraceQuery)
        case trace(String)
        case metric(MetricQuery)
        case events(EventQuery)
        case serviceMap
        case catalogue
        /// Of an instance.
        case history(String)
        case environment(String)
        case reloadPlan
    }

    /// Which counter of `FleetTotals` tells that an answer is out of date.
    package enum Freshness: Hashable, Sendable {
        /// The answer stays right.
        case once
        case onLogs
        case onEvents
        case onSpans
        case onScrape
    }

    package var key: DataKey
    package var query: Query
    package var freshness: Freshness

    package init(_ key: DataKey, _ query: Query, _ freshness: Freshness) {
        self.key = key
        self.query = query
        self.freshness = freshness
    }

    /// Changes when a live answer is out of date; constant for `once`.
    package func newsCounter(in totals: FleetTotals) -> Int {
        switch freshness {
        case .once: 0
        case .onLogs: totals.nextLog
        case .onEvents: totals.newestEvent
        case .onSpans: totals.spanCount
        case .onScrape: totals.scrapeCount
        }
    }
}

/// The engine's answer to a `DataRequest`.
package enum DataValue: Hashable, Sendable {
    case logs(LogPage)
    case traces(TracePage)
    case trace(TraceDetail)
    case metric(MetricResult)
    case events([FleetEvent])
    case serviceMap(ServiceMap)
    case catalogue(MetricCatalogue)
    case history([LifeRecord])
    case environment(EnvironmentAnswer)
    case reloadPlan(ReloadAnswer)
}

/// The latest answers, kept until a newer one for the same place arrives, so that panes never flash empty.
package struct DataStore: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        /// What the value answers; an older query than the present one while a new answer is under way.
        package var request: DataRequest
        package var value: DataValue?
        /// Why the newest attempt failed; the value is then the one before.
        package var error: EngineError?
        /// The console's time when it arrived.
        package var loadedAt: Timestamp
    }

    private var entries: [DataKey: Entry] = [:]

    package init() {}

    package subscript(key: DataKey) -> Entry? { entries[key] }

    mutating func store(_ value: DataValue, for request: DataRequest, at now: Timestamp) {
        entries[request.key] = Entry(request: request, value: value, error: nil, loadedAt: now)
    }

    mutating func fail(_ request: DataRequest, _ error: EngineError, at now: Timestamp) {
        // The value of an earlier query would pretend to answer this one.
        let kept = entries[request.key].flatMap { $0.request == request ? $0.value : nil }
        entries[request.key] = Entry(request: request, value: kept, error: error, loadedAt: now)
    }

    mutating func forget(_ key: DataKey) { entries[key] = nil }

    func logs(_ key: DataKey) -> LogPage? {
        if case .logs(let page) = entries[key]?.value { page } else { nil }
    }

    var traces: TracePage? { if case .traces(let page) = entries[.traces]?.value { page } else { nil } }

    var trace: TraceDetail? { if case .trace(let detail) = entries[.trace]?.value { detail } else { nil } }

    func events(_ key: DataKey) -> [FleetEvent] {
        if case .events(let events) = entries[key]?.value { events } else { [] }
    }

    var serviceMap: ServiceMap? { if case .serviceMap(let map) = entries[.serviceMap]?.value { map } else { nil } }

    var catalogue: MetricCatalogue? {
        if case .catalogue(let catalogue) = entries[.catalogue]?.value { catalogue } else { nil }
    }

    func metric(_ panel: Int) -> MetricResult? {
        if case .metric(let result) = entries[.panel(panel)]?.value { result } else { nil }
    }

    /// Newest first; only lives of this instance, whatever was asked before.
    func lives(of service: ServiceID) -> [LifeRecord] {
        guard case .history(let lives) = entries[.history]?.value else { return [] }
        return lives.filter { $0.service == service }.reversed()
    }

    /// `nil` until the answer about this very instance is there.
    func environment(of service: ServiceID) -> EnvironmentAnswer? {
        guard let entry = entries[.environment], entry.request.query == .environment(service.rawValue),
            case .environment(let answer) = entry.value
        else { return nil }
        return answer
    }

    var reloadPlan: ReloadAnswer? {
        if case .reloadPlan(let answer) = entries[.reloadPlan]?.value { answer } else { nil }
    }

    func error(_ key: DataKey) -> EngineError? { entries[key]?.error }
}
