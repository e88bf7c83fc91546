package import FleetModel

/// A trace as the list shows it.
package struct TraceOverview: Equatable, Sendable {
    package var id: TraceID
    /// Of the earliest span.
    package var start: Timestamp
    /// From the earliest start to the latest end.
    package var duration: Duration
    /// Of the root, or of the earliest span while the root has not arrived.
    package var rootService: String
    package var rootName: String
    package var spanCount: Int
    package var errorCount: Int
    /// Sorted.
    package var services: [String]
    /// Some span's parent has not arrived.
    package var isIncomplete: Bool
    /// Spans beyond the limit of one trace.
    package var droppedSpans: Int
}

package struct TraceListing: Equatable, Sendable {
    package var traces: [TraceOverview] = []
    package var matchingCount = 0
    package var keptCount = 0
    package var evictedTraces = 0
    /// Spans in memory.
    package var spanCount = 0

    package init() {}
}

/// One trace, laid out as a waterfall.
package struct TraceView: Equatable, Sendable {
    package var overview: TraceOverview
    /// Depth first, children in order of their start.
    package var rows: [TraceRow]
    /// Latest first.
    package var criticalPath: [CriticalStretch]
}

package struct TraceRow: Equatable, Sendable {
    package var id: SpanID
    /// `.none` for a root.
    package var parent: SpanID
    package var depth: Int
    package var childCount: Int
    package var service: String
    package var name: String
    package var kind: SpanKind
    package var status: SpanStatus
    package var statusMessage: String
    /// Instrumentation scope.
    package var scope: String
    /// Since the start of the trace.
    package var offset: Duration
    package var duration: Duration
    /// Duration minus the union of the children's intervals; what goes on asynchronously does not count.
    package var selfTime: Duration
    /// The parent is named but has not arrived, or the spans name each other in a circle.
    package var isOrphan: Bool
    package var attributes: [LogField]
    package var resource: [LogField]
    package var events: [Event]
    package var links: [Link]

    package struct Event: Equatable, Sendable {
        package var name: String
        /// Since the start of the trace.
        package var offset: Duration
        package var attributes: [LogField]
    }

    package struct Link: Equatable, Sendable {
        package var trace: TraceID
        package var span: SpanID
    }
}

/// A time in which nothing but this span kept the trace from ending earlier.
package struct CriticalStretch: Equatable, Sendable {
    package var span: SpanID
    /// Since the start of the trace.
    package var from: Duration
    package var to: Duration
}
