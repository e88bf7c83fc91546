package import FleetModel

package enum TraceOrder: Sendable {
    /// By the start of the earliest span.
    case newest
    case slowest
}

/// What the beginning of an id leads to.
package enum TraceLookup: Equatable, Sendable {
    case found(TraceID)
    case ambiguous(count: Int)
    case notFound
    /// Not hexadecimal, or too long.
    case invalid
}

extension TraceStore {
    /// At most 1,000 traces are listed; all that match are counted.
    package func summaries(_ filter: TraceFilter, order: TraceOrder = .newest, limit: Int = 100) -> TraceListing {
        var listing = TraceListing()
        listing.keptCount = counters.keptTraces
        listing.evictedTraces = counters.evictedTraces
        listing.spanCount = counters.keptSpans
        let matcher = TraceMatcher(filter, self)
        var found: [(key: Int64, slot: Int)] = []
        slots.forEach { slot, trace in
            guard !trace.spans.isEmpty, matcher.matches(trace) else { return }
            found.append((order == .newest ? trace.earliest : trace.duration, slot))
        }
        listing.matchingCount = found.count
        found.sort { ($0.key, $0.slot) > ($1.key, $1.slot) }
        listing.traces = found.prefix(min(max(0, limit), 1000)).compactMap { slots[$0.slot].map(overview) }
        return listing
    }

    /// Takes 1 to 32 hexadecimal digits in either case.
    package func find(prefix: String) -> TraceLookup {
        let digits = Array(prefix.utf8)
        guard (1...32).contains(digits.count), digits.allSatisfy({ Hex.value([$0]) != nil }) else { return .invalid }
        let padded = digits + [UInt8](repeating: UInt8(ascii: "0"), count: 32 - digits.count)
        guard let high = Hex.value(padded[0..<16]), let low = Hex.value(padded[16..<32]) else { return .invalid }
        // The bits that the digits name.
        let highMask = digits.count >= 16 ? UInt64.max : ~(UInt64.max >> UInt64(digits.count * 4))
        let lowMask = digits.count <= 16 ? 0 : ~(digits.count == 32 ? 0 : UInt64.max >> UInt64((digits.count - 16) * 4))
        let found = traceIDs.filter { $0.high & highMask == high && $0.low & lowMask == low }
        if found.count > 1 { return .ambiguous(count: found.count) }
        return found.first.map { .found($0) } ?? .notFound
    }

    package func overview(_ id: TraceID) -> TraceOverview? { stored(id).map(overview) }

    /// The whole trace, or `nil` when memory does not have it (any more).
    package func trace(_ id: TraceID) -> TraceView? {
        guard let trace = stored(id), !trace.spans.isEmpty else { return nil }
        let tree = SpanTree(trace.spans)
        let rows = tree.order.map { row(Int($0), trace, tree) }
        let path = CriticalPath.stretches(trace.spans, tree, from: trace.root).map { stretch in
            CriticalStretch(
                span: SpanID(trace.spans[stretch.position].id),
                from: .nanoseconds(stretch.from &- trace.earliest),
                to: .nanoseconds(stretch.to &- trace.earliest)
            )
        }
        return TraceView(overview: overview(trace), rows: rows, criticalPath: path)
    }

    private func overview(_ trace: StoredTrace) -> TraceOverview {
        let root = trace.spans.isEmpty ? nil : trace.spans[trace.root]
        return TraceOverview(
            id: trace.id,
            start: Timestamp(nanoseconds: trace.spans.isEmpty ? 0 : trace.earliest),
            duration: .nanoseconds(trace.duration),
            rootService: root.map { symbols[$0.service] } ?? "",
            rootName: root.map { name(of: $0, in: trace) } ?? "",
            spanCount: trace.spans.count,
            errorCount: trace.errorCount,
            services: trace.services.map { symbols[$0] }.sorted(),
            isIncomplete: !trace.missing.isEmpty || trace.droppedSpans > 0,
            droppedSpans: trace.droppedSpans
        )
    }

    private func row(_ position: Int, _ trace: StoredTrace, _ tree: SpanTree) -> TraceRow {
        let span = trace.spans[position]
        return trace.bytes.withUnsafeBytes { bytes in
            var reader = PayloadReader(bytes, at: Int(span.payload))
            let message = symbols.string(reader.text())
            let scope = symbols.string(reader.text())
            let attributes = symbols.fields(&reader)
            let events = events(&reader, span, trace)
            return TraceRow(
                id: SpanID(span.id),
                parent: SpanID(span.parent),
                depth: Int(tree.depths[position]),
                childCount: tree.children(of: position).count,
                service: symbols[span.service],
                name: name(of: span, in: trace),
                kind: span.spanKind,
                status: SpanStatus(rawValue: Int(span.status)) ?? .unset,
                statusMessage: message,
                scope: scope,
                offset: .nanoseconds(span.start &- trace.earliest),
                duration: .nanoseconds(span.duration),
                selfTime: .nanoseconds(tree.selfTime(of: position, trace.spans)),
                isOrphan: tree.isOrphan[position],
                attributes: attributes,
                resource: resources.fields(span.resource),
                events: events,
                links: Self.links(&reader)
            )
        }
    }

    private func events(_ reader: inout PayloadReader, _ span: StoredSpan, _ trace: StoredTrace) -> [TraceRow.Event] {
        var events: [TraceRow.Event] = []
        for _ in 0..<reader.count() {
            let name = symbols.string(reader.text())
            let time = span.start &+ reader.zigzag()
            events.append(
                TraceRow.Event(
                    name: name,
                    offset: .nanoseconds(time &- trace.earliest),
                    attributes: symbols.fields(&reader)
                )
            )
        }
        return events
    }

    static func links(_ reader: inout PayloadReader) -> [TraceRow.Link] {
        var links: [TraceRow.Link] = []
        for _ in 0..<reader.count() {
            let trace = TraceID(high: reader.word(), low: reader.word())
            links.append(TraceRow.Link(trace: trace, span: SpanID(reader.word())))
        }
        return links
    }
}
