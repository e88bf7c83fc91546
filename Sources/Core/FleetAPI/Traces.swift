package import FleetModel

package struct TraceQuery: Hashable, Sendable, Codable {
    package enum Order: String, Hashable, Sendable, Codable { case newest, slowest }

    /// `service= name= status=error duration>500ms attribute=value`, blanks for "and"; empty = all.
    package var filter: String
    package var order: Order
    /// At most 1,000.
    package var limit: Int

    package init(filter: String = "", order: Order = .newest, limit: Int = 100) {
        self.filter = filter
        self.order = order
        self.limit = limit
    }
}

package struct TracePage: Hashable, Sendable, Codable {
    package var traces: [TraceSummary]
    /// Kept traces that match, and kept traces.
    package var matchingCount: Int
    package var keptCount: Int
    /// Traces and spans dropped for the memory bound.
    package var evictedTraces: Int
    package var spanCount: Int

    package init(
        traces: [TraceSummary] = [],
        matchingCount: Int = 0,
        keptCount: Int = 0,
        evictedTraces: Int = 0,
        spanCount: Int = 0
    ) {
        self.traces = traces
        self.matchingCount = matchingCount
        self.keptCount = keptCount
        self.evictedTraces = evictedTraces
        self.spanCount = spanCount
    }
}

package struct TraceSummary: Hashable, Sendable, Codable {
    /// 32 lower-case hexadecimal digits.
    package var id: String
    /// Of the earliest span.
    package var start: Timestamp
    /// From the earliest start to the latest end.
    package var duration: Duration
    /// Service and name of the root, or of the earliest span when the root has not arrived.
    package var rootService: String
    package var rootName: String
    package var spanCount: Int
    package var errorCount: Int
    /// Sorted.
    package var services: [String]
    /// Some span's parent has not arrived.
    package var isIncomplete: Bool

    package init(
        id: String,
        start: Timestamp,
        duration: Duration,
        rootService: String,
        rootName: String,
        spanCount: Int,
        errorCount: Int,
        services: [String],
        isIncomplete: Bool = false
    ) {
        self.id = id
        self.start = start
        self.duration = duration
        self.rootService = rootService
        self.rootName = rootName
        self.spanCount = spanCount
        self.errorCount = errorCount
        self.services = services
        self.isIncomplete = isIncomplete
    }
}

package struct TraceDetail: Hashable, Sendable, Codable {
    package var summary: TraceSummary
    /// Depth first, children in order of their start: the rows of the waterfall.
    package var spans: [SpanRow]
    /// Stretches of the critical path, latest first.
    package var criticalPath: [CriticalSection]

    package init(summary: TraceSummary, spans: [SpanRow], criticalPath: [CriticalSection] = []) {
        self.summary = summary
        self.spans = spans
        self.criticalPath = criticalPath
    }
}

package struct CriticalSection: Hashable, Sendable, Codable {
    package var spanID: String
    /// Since the start of the trace.
    package var from: Duration
    package var to: Duration

    package init(spanID: String, from: Duration, to: Duration) {
        self.spanID = spanID
        self.from = from
        self.to = to
    }
}

package struct SpanRow: Hashable, Sendable, Codable {
    /// 16 lower-case hexadecimal digits.
    package var id: String
    /// Empty for a root.
    package var parentID: String
    package var depth: Int
    package var childCount: Int
    package var service: String
    package var name: String
    package var kind: SpanKind
    package var status: SpanStatus
    package var statusMessage: String
    /// Since the start of the trace.
    package var offset: Duration
    package var duration: Duration
    /// Duration minus the union of the children's intervals.
    package var selfTime: Duration
    /// The parent is named but has not arrived.
    package var isOrphan: Bool
    package var attributes: [LogField]
    package var resource: [LogField]
    package var events: [SpanEventRow]
    /// `traceid/spanid` of linked spans.
    package var links: [String]

    package init(
        id: String,
        parentID: String = "",
        depth: Int = 0,
        childCount: Int = 0,
        service: String,
        name: String,
        kind: SpanKind = .internal,
        status: SpanStatus = .unset,
        statusMessage: String = "",
        offset: Duration = .zero,
        duration: Duration,
        selfTime: Duration = .zero,
        isOrphan: Bool = false,
        attributes: [LogField] = [],
        resource: [LogField] = [],
        events: [SpanEventRow] = [],
        links: [String] = []
    ) {
        self.id = id
        self.parentID = parentID
        self.depth = depth
        self.childCount = childCount
        self.service = service
        self.name = name
        self.kind = kind
        self.status = status
        self.statusMessage = statusMessage
        self.offset = offset
        self.duration = duration
        self.selfTime = selfTime
        self.isOrphan = isOrphan
        self.attributes = attributes
        self.resource = resource
        self.events = events
        self.links = links
    }
}

package struct SpanEventRow: Hashable, Sendable, Codable {
    package var name: String
    /// Since the start of the trace.
    package var offset: Duration
    package var attributes: [LogField]

    package init(name: String, offset: Duration, attributes: [LogField] = []) {
        self.name = name
        self.offset = offset
        self.attributes = attributes
    }
}
