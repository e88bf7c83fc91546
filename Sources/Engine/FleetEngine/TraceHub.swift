import FleetAPI
package import FleetModel
import FleetTraces
import Synchronization

/// The trace store behind one lock: the receiver adds decoded batches, clients ask.
package final class TraceHub: TelemetrySink {
    let bell = NewsBell()
    private let store: Mutex<TraceStore>

    /// How far back the map looks.
    private static let mapWindow = Duration.seconds(300)

    package init(telemetry: TelemetrySpec) {
        var limits = TraceLimits()
        limits.bytes = telemetry.traceBytes
        store = Mutex(TraceStore(limits: limits))
    }

    // MARK: In

    package func receive(
        _ signal: TelemetrySignal,
        _ body: [UInt8],
        encoding: TelemetryEncoding
    ) throws(TelemetryRejection) -> TelemetryReceipt {
        guard signal == .traces else { throw .unsupported }
        let batch: SpanBatch
        do throws(TraceDecodeError) {
            // Decoding takes the time; the lock is only held to file the result.
            batch =
                encoding == .protobuf
                ? try OTLPTraceDecoder.decode(protobuf: body) : try OTLPTraceDecoder.decode(json: body)
        } catch {
            throw .malformed(error.reason)
        }
        store.withLock { _ = $0.add(batch) }
        bell.ring()
        guard batch.rejectedSpans > 0 else { return TelemetryReceipt() }
        return TelemetryReceipt(
            rejected: batch.rejectedSpans,
            message: "\(batch.rejectedSpans) spans without a valid trace or span id"
        )
    }

    // MARK: Out

    /// Received since the engine started.
    var spanCount: Int { store.withLock { $0.counters.receivedSpans } }

    /// Refused, cut off a huge trace, or evicted for the memory bound.
    var lostCount: Int {
        store.withLock { $0.counters.rejectedSpans + $0.counters.droppedSpans }
    }

    /// A query runs on a copy, which shares the store's memory.
    private func copy() -> TraceStore { store.withLock { $0 } }

    func page(_ query: TraceQuery) throws(EngineError) -> TracePage {
        let filter: TraceFilter
        do throws(TraceFilterError) {
            filter = try TraceFilter.parse(query.filter)
        } catch {
            throw EngineError(.invalid, "filter \"\(query.filter)\": \(error)")
        }
        let order: TraceOrder = query.order == .slowest ? .slowest : .newest
        let listing = copy().summaries(filter, order: order, limit: query.limit)
        return TracePage(
            traces: listing.traces.map(Self.summary),
            matchingCount: listing.matchingCount,
            keptCount: listing.keptCount,
            evictedTraces: listing.evictedTraces,
            spanCount: listing.spanCount
        )
    }

    func detail(_ id: String) throws(EngineError) -> TraceDetail {
        let store = copy()
        switch store.find(prefix: id) {
        case .found(let id):
            guard let trace = store.trace(id) else { break }
            return TraceDetail(
                summary: Self.summary(trace.overview),
                spans: trace.rows.map(Self.row),
                criticalPath: trace.criticalPath.map {
                    CriticalSection(spanID: $0.span.hex, from: $0.from, to: $0.to)
                }
            )
        case .ambiguous(let count):
            throw EngineError(.notFound, "\(count) traces begin with \"\(id)\"; give more of the id")
        case .invalid:
            throw EngineError(.invalid, "\"\(id)\" is no trace id; that is up to 32 hexadecimal digits")
        case .notFound: break
        }
        throw EngineError(.notFound, "no trace \"\(id)\"; it was never received, or is no longer kept")
    }

    /// Calls of the last five minutes over what the manifest declares.
    func serviceMap(of roster: FleetRoster, now: Timestamp) -> ServiceMap {
        let fleet = roster.fleet
        let from = now + (.zero - Self.mapWindow)
        let graph = copy().serviceGraph(from: from, to: now)
        var edges: [String: ServiceMap.Edge] = [:]
        for service in fleet.services {
            for dependency in service.dependencies {
                let edge = ServiceMap.Edge(
                    from: service.name.rawValue,
                    to: dependency.service.rawValue,
                    isDeclared: true
                )
                edges[edge.from + "\u{0}" + edge.to] = edge
            }
        }
        let addresses = Self.addresses(of: roster)
        for call in graph.edges {
            let callee = addresses[call.to] ?? call.to
            let key = call.from + "\u{0}" + callee
            var edge = edges[key] ?? ServiceMap.Edge(from: call.from, to: callee)
            edge.calls = call.calls
            edge.callsPerSecond = FigureLoop.rounded(Double(call.calls) / Self.mapWindow.inSeconds)
            edge.errorRatio = call.calls > 0 ? FigureLoop.rounded(Double(call.errors) / Double(call.calls)) : 0
            edge.p95Seconds = FigureLoop.rounded(call.p95.inSeconds)
            edges[key] = edge
        }
        let managed = fleet.services.map(\.name.rawValue)
        let others = Set(edges.values.flatMap { [$0.from, $0.to] }).subtracting(managed)
        return ServiceMap(
            nodes: managed.map { ServiceMap.Node(name: $0, isManaged: true) }
                + others.sorted().map { ServiceMap.Node(name: $0, isManaged: false) },
            edges: edges.values.sorted { ($0.from, $0.to) < ($1.from, $1.to) },
            window: Self.mapWindow
        )
    }

    /// A client span knows its peer as an address; one of ours is a service.
    private static func addresses(of roster: FleetRoster) -> [String: String] {
        var names: [String: String] = [:]
        for instance in roster.instances {
            for port in roster.face(of: instance.id)?.ports ?? [] {
                for host in ["127.0.0.1", "localhost", "::1", "[::1]", port.host] {
                    names["\(host):\(port.number)"] = instance.name.rawValue
                }
            }
        }
        return names
    }

    // MARK: Shapes of the interface

    private static func summary(_ trace: TraceOverview) -> TraceSummary {
        TraceSummary(
            id: trace.id.hex,
            start: trace.start,
            duration: trace.duration,
            rootService: trace.rootService,
            rootName: trace.rootName,
            spanCount: trace.spanCount,
            errorCount: trace.errorCount,
            services: trace.services,
            isIncomplete: trace.isIncomplete
        )
    }

    private static func row(_ row: TraceRow) -> SpanRow {
        SpanRow(
            id: row.id.hex,
            parentID: row.parent.isValid ? row.parent.hex : "",
            depth: row.depth,
            childCount: row.childCount,
            service: row.service,
            name: row.name,
            kind: row.kind,
            status: row.status,
            statusMessage: row.statusMessage,
            offset: row.offset,
            duration: row.duration,
            selfTime: row.selfTime,
            isOrphan: row.isOrphan,
            attributes: row.attributes,
            resource: row.resource,
            events: row.events.map { SpanEventRow(name: $0.name, offset: $0.offset, attributes: $0.attributes) },
            links: row.links.map { "\($0.trace.hex)/\($0.span.hex)" }
        )
    }
}
