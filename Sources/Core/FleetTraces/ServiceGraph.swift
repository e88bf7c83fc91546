package import FleetModel

/// Who called whom, as spans tell it.
package struct ServiceGraph: Equatable, Sendable {
    package struct Edge: Equatable, Sendable {
        package var from: String
        package var to: String
        /// The callee sent no spans: a database, a queue, or a service outside of the fleet.
        package var isOutside: Bool
        package var calls: Int
        package var errors: Int
        /// Of the callee's spans, or of the caller's where the callee has none; nearest rank.
        package var p95: Duration
    }

    /// Sorted by name.
    package var edges: [Edge]
    package var from: Timestamp
    package var to: Timestamp
}

extension TraceStore {
    /// Calls that ended in the window.
    package func serviceGraph(from: Timestamp, to: Timestamp) -> ServiceGraph {
        var calls = CallLedger()
        let window = from.nanoseconds...max(from.nanoseconds, to.nanoseconds)
        slots.forEach { _, trace in
            guard trace.latest >= window.lowerBound, trace.earliest <= window.upperBound else { return }
            note(trace, window, &calls)
        }
        return ServiceGraph(edges: calls.edges, from: from, to: to)
    }

    private func note(_ trace: StoredTrace, _ window: ClosedRange<Int64>, _ calls: inout CallLedger) {
        let tree = SpanTree(trace.spans)
        for (position, span) in trace.spans.enumerated() where window.contains(span.end) {
            let parent = Int(tree.parents[position])
            if parent >= 0, trace.spans[parent].service != span.service {
                let caller = trace.spans[parent]
                let isFailed = span.isError || caller.spanKind == .client && caller.isError && !isRefused(caller, trace)
                calls.add(
                    symbols[trace.spans[parent].service],
                    symbols[span.service],
                    span.duration,
                    isFailed: isFailed
                )
            } else if span.spanKind == .consumer {
                noteLinks(of: span, in: trace, &calls)
            }
            if span.spanKind == .client || span.spanKind == .producer {
                let isAnswered = tree.children(of: position).contains { trace.spans[Int($0)].service != span.service }
                if !isAnswered, let peer = peer(of: span, in: trace) {
                    calls.add(
                        symbols[span.service],
                        peer,
                        span.duration,
                        isFailed: span.isError && !isRefused(span, trace),
                        isOutside: true
                    )
                }
            }
        }
    }

    /// 4xx is an error of the caller's span by OpenTelemetry's conventions for HTTP, but nothing failed there: the error
    /// ratio of metrics counts 5xx.
    private func isRefused(_ span: StoredSpan, _ trace: StoredTrace) -> Bool {
        let fields = trace.bytes.withUnsafeBytes { bytes in
            var reader = PayloadReader(bytes, at: Int(span.payload))
            _ = reader.text()
            _ = reader.text()
            return symbols.fields(&reader)
        }
        let status = fields.first { ["http.response.status_code", "http.status_code"].contains($0.name) }
        return status.flatMap { Int($0.value) }.map { (400..<500).contains($0) } ?? false
    }

    /// A consumer that works on a batch links to the producers instead of being their child.
    private func noteLinks(of span: StoredSpan, in trace: StoredTrace, _ calls: inout CallLedger) {
        let links = trace.bytes.withUnsafeBytes { bytes in
            var reader = PayloadReader(bytes, at: Int(span.payload))
            reader.skipToLinks()
            return Self.links(&reader)
        }
        for link in links {
            guard let other = stored(link.trace), let position = other.position(of: link.span.rawValue) else {
                continue
            }
            let producer = other.spans[position]
            guard producer.service != span.service else { continue }
            calls.add(symbols[producer.service], symbols[span.service], span.duration, isFailed: span.isError)
        }
    }

    /// What the attributes say of the other side, by the conventions old and new.
    private func peer(of span: StoredSpan, in trace: StoredTrace) -> String? {
        let fields = trace.bytes.withUnsafeBytes { bytes in
            var reader = PayloadReader(bytes, at: Int(span.payload))
            _ = reader.text()
            _ = reader.text()
            return symbols.fields(&reader)
        }
        func value(_ names: String...) -> String? {
            for name in names {
                if let field = fields.first(where: { $0.name == name }), !field.value.isEmpty { return field.value }
            }
            return nil
        }
        if let name = value("peer.service", "service.peer.name") { return name }
        if let system = value("db.system.name", "db.system") {
            return value("db.namespace", "db.name").map { "\(system):\($0)" } ?? system
        }
        if let system = value("messaging.system") {
            return value("messaging.destination.name", "messaging.destination").map { "\(system):\($0)" } ?? system
        }
        guard span.spanKind == .client, let host = value("server.address", "net.peer.name", "http.host") else {
            return nil
        }
        // On one machine the port is the only thing that tells services apart.
        return value("server.port", "net.peer.port").map { "\(host):\($0)" } ?? host
    }
}

extension PayloadReader {
    mutating func skipToLinks() {
        _ = text()
        _ = text()
        skipAttributes()
        for _ in 0..<count() {
            _ = text()
            _ = zigzag()
            skipAttributes()
        }
    }

    private mutating func skipAttributes() {
        for _ in 0..<count() {
            _ = text()
            _ = value()
        }
    }
}

/// Adds calls up by pair of services.
private struct CallLedger {
    private struct Pair: Hashable {
        var from: String
        var to: String
    }

    private struct Sum {
        var calls = 0
        var errors = 0
        var isOutside: Bool
        var durations: [Int64] = []
    }

    /// Durations of one pair that are remembered; of more, every other one is dropped, again and again.
    private static let mostDurations = 8192

    private var sums: [Pair: Sum] = [:]

    mutating func add(_ from: String, _ to: String, _ duration: Int64, isFailed: Bool, isOutside: Bool = false) {
        var sum = sums.removeValue(forKey: Pair(from: from, to: to)) ?? Sum(isOutside: isOutside)
        sum.calls += 1
        if isFailed { sum.errors += 1 }
        sum.isOutside = sum.isOutside && isOutside
        sum.durations.append(duration)
        if sum.durations.count >= Self.mostDurations {
            sum.durations = sum.durations.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        }
        sums[Pair(from: from, to: to)] = sum
    }

    var edges: [ServiceGraph.Edge] {
        sums.map { pair, sum in
            let sorted = sum.durations.sorted()
            let rank = max(0, min(sorted.count - 1, (sorted.count * 95 + 99) / 100 - 1))
            return ServiceGraph.Edge(
                from: pair.from,
                to: pair.to,
                isOutside: sum.isOutside,
                calls: sum.calls,
                errors: sum.errors,
                p95: .nanoseconds(sorted.isEmpty ? 0 : sorted[rank])
            )
        }
        .sorted { ($0.from, $0.to) < ($1.from, $1.to) }
    }
}
