import FleetAPI
import FleetConsole
import FleetModel

extension Sample {
    static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"

    /// What an engine would answer, for every request that the console makes about the sample fleet.
    static func answer(_ request: DataRequest) -> DataValue {
        switch request.query {
        case .logs(let query): .logs(page(query))
        case .traces:
            .traces(TracePage(traces: traces, matchingCount: 2, keptCount: 1204, evictedTraces: 0, spanCount: 41_000))
        case .trace(let id): .trace(detail(id))
        case .metric(let query): .metric(metric(query))
        case .events(let query):
            .events(events.filter { query.services.isEmpty || query.services.contains($0.service?.rawValue ?? "") })
        case .serviceMap: .serviceMap(map)
        case .catalogue: .catalogue(catalogue)
        case .history(let service): .history(lives(of: service))
        case .environment(let service): .environment(environment(of: service))
        case .reloadPlan:
            .reloadPlan(
                ReloadAnswer(steps: [.init(service: "users", kind: .restart, fields: ["command", "environment"])])
            )
        }
    }

    // MARK: Logs

    static let logs: [LogRecord] = {
        let texts: [(service: String, severity: LogSeverity, text: String, traced: Bool)] = [
            ("search", .info, "query=\"lamp\" hits=212 took=38ms", false),
            ("orders", .info, "POST /orders 201 240ms", true),
            ("auth", .debug, "token cache hit sub=u-1882", false),
            ("payments", .info, "charge ok id=9f2e 212ms", false),
            ("catalog", .info, "GET /items?page=2 200 11ms", false),
            ("payments", .warning, "gc pause 812ms heap 508M/512M", false),
            ("gateway", .info, "POST /checkout 502 2041ms ip=127.0.0.1", true),
            ("orders", .warning, "retry 3/3 charge id=9f31", true),
            ("users", .unspecified, "ready", false),
            ("web", .info, "GET / 200 7ms \u{1B}[31mred\u{1B}[0m caf\u{E9} \u{65E5}\u{672C}", false),
        ]
        var records = (0..<120).map { index -> LogRecord in
            let item = texts[index % texts.count]
            var record = LogRecord(
                id: 18_085 + index,
                time: ago(Double(122 - index) * 0.331),
                service: ServiceID(item.service),
                incarnation: Incarnation(1),
                severity: item.severity,
                message: item.text,
                traceID: item.traced ? trace : nil
            )
            if index % 20 == 5 {
                record.fields = [LogField(name: "heap_mb", value: "508"), LogField(name: "limit_mb", value: "512")]
            }
            record.raw = item.text
            return record
        }
        records[110] = LogRecord(
            id: 18_195,
            time: ago(4),
            service: "payments",
            stream: .stderr,
            severity: .fatal,
            message: "java.lang.OutOfMemoryError: Java heap space"
        )
        records[112] = LogRecord(
            id: 18_197,
            time: ago(3.2),
            service: "payments",
            stream: .fleet,
            severity: .error,
            message: "exit 137 (SIGKILL) after 41s; restart in 8s"
        )
        records[119] = LogRecord(
            id: 18_204,
            time: ago(0.4),
            service: "orders",
            incarnation: Incarnation(2),
            stream: .stderr,
            severity: .error,
            message: "timeout calling payments after 2000ms",
            fields: [LogField(name: "attempt", value: "3/3"), LogField(name: "upstream", value: "payments:8083")],
            traceID: trace,
            spanID: "00f067aa0ba902b7",
            raw:
                "{\"level\":\"error\",\"msg\":\"timeout calling payments after 2000ms\",\"attempt\":\"3/3\",\"upstream\":\"payments:8083\",\"trace_id\":\"\(trace)\"}"
        )
        return records
    }()

    /// Understands services, plain words and severities, and lets everything else pass: enough for stories.
    private static func page(_ query: LogQuery) -> LogPage {
        let words = query.filter.split(separator: " ").map(String.init)
        let all = logs.filter { record in
            (query.services.isEmpty || query.services.contains(record.service.rawValue))
                && words.allSatisfy { word in
                    if word == "lvl>=error" { return record.severity >= .error }
                    if word.hasPrefix("lvl>=") { return record.severity >= .warning }
                    if word.hasPrefix("trace:") { return record.traceID == String(word.dropFirst(6)) }
                    return word.hasPrefix("@") || word.hasPrefix("!") || word.hasPrefix("until:")
                        || record.message.contains(word)
                }
        }
        let side =
            switch query.direction {
            case .backward: Array(all.filter { $0.id < query.cursor ?? .max }.suffix(query.limit))
            case .forward: Array(all.filter { $0.id > query.cursor ?? 0 }.prefix(query.limit))
            }
        let hits = query.find.isEmpty ? [] : side.filter { $0.message.contains(query.find) }.map(\.id)
        let before =
            side.first.map { first in all.count { $0.id < first.id } } ?? (query.direction == .forward ? all.count : 0)
        return LogPage(
            records: side,
            matches: Set(hits),
            matchingCount: all.count,
            matchingBefore: before,
            keptCount: logs.count,
            evictedCount: 0
        )
    }

    // MARK: Events

    static let events: [FleetEvent] = {
        let list: [(Double, String?, FleetEvent.Kind, FleetEvent.Severity, String)] = [
            (7870, nil, .fleet, .info, "fleet ready: 15 of 16 services in 8.4s"),
            (4200, "search", .unhealthy, .warning, "GET /health timed out after 2s"),
            (3960, "search", .ready, .info, "ready after 7ms"),
            (661, "orders", .exited, .error, "exit 1 after 2h00m; restart in 500ms"),
            (660, "orders", .spawned, .info, "pid 48118"),
            (222, "payments", .exited, .error, "exit 137 (SIGKILL) after 6m; restart in 2s"),
            (142, "orders", .unhealthy, .warning, "GET /health answered 503 twice"),
            (43, "payments", .spawned, .info, "pid 50990"),
            (38, "kafka", .operatorCommand, .info, "restart requested by the operator"),
            (31, "kafka", .restarting, .info, "pid 50994"),
            (30, "shipping", .waiting, .info, "waits for kafka to be healthy"),
            (2, "payments", .exited, .error, "exit 137 (SIGKILL) after 41s; restart in 8s"),
        ]
        return list.enumerated().map { index, item in
            FleetEvent(
                sequence: index + 1,
                time: ago(item.0),
                service: item.1.map { ServiceID($0) },
                kind: item.2,
                severity: item.3,
                message: item.4
            )
        }
    }()

    // MARK: Traces

    static let traces: [TraceSummary] = {
        let list: [(String, Double, Double, String, String, Int, Int)] = [
            (trace, 2.5, 2.04, "gateway", "POST /checkout", 9, 3),
            ("91ab77c0", 5, 2.0, "gateway", "POST /orders", 7, 3),
            ("77d0aa12", 6, 0.231, "gateway", "POST /orders", 11, 0),
            ("a1c0ffee", 7, 0.038, "web", "GET /search", 4, 0),
            ("be11a2d4", 8, 0.091, "search", "reindex shard 2", 3, 0),
            ("0c9d11fa", 9, 0.0004, "auth", "POST /token", 2, 0),
        ]
        return list.map { id, age, seconds, service, name, spans, errors in
            TraceSummary(
                id: id + String(repeating: "0", count: 32 - id.count),
                start: ago(age),
                duration: .milliseconds(Int64(seconds * 1000)) + (seconds < 0.001 ? .microseconds(400) : .zero),
                rootService: service,
                rootName: name,
                spanCount: spans,
                errorCount: errors,
                services: ["auth", "gateway", "orders", "payments"],
                isIncomplete: id == "be11a2d4"
            )
        }
    }()

    static func detail(_ id: String) -> TraceDetail {
        let list: [(String, String, Int, Int, String, String, Double, Double, SpanStatus)] = [
            ("a1", "", 0, 2, "gateway", "POST /checkout", 0, 2040, .error),
            ("a2", "a1", 1, 0, "auth", "verify", 2, 9, .unset),
            ("a3", "a1", 1, 5, "orders", "create", 20, 2010, .error),
            ("a4", "a3", 2, 1, "inventory", "reserve", 25, 41, .unset),
            ("a5", "a4", 3, 0, "postgres", "UPDATE stock", 30, 5, .ok),
            ("a6", "a3", 2, 0, "payments", "charge #1", 80, 640, .error),
            ("a7", "a3", 2, 0, "payments", "charge #2", 720, 640, .error),
            ("a8", "a3", 2, 0, "payments", "charge #3", 1361, 600, .error),
            ("a9", "a3", 2, 0, "kafka", "publish order.failed", 1990, 18, .unset),
        ]
        let spans = list.map { item -> SpanRow in
            var span = SpanRow(
                id: item.0,
                parentID: item.1,
                depth: item.2,
                childCount: item.3,
                service: item.4,
                name: item.5,
                kind: item.2 == 0 ? .server : .client,
                status: item.8,
                statusMessage: item.8 == .error ? "connection refused" : "",
                offset: .milliseconds(Int64(item.6)),
                duration: .milliseconds(Int64(item.7)),
                selfTime: .milliseconds(Int64(item.7 / 2))
            )
            span.attributes = [
                LogField(name: "http.request.method", value: "POST"), LogField(name: "server.port", value: "8083"),
            ]
            span.resource = [LogField(name: "service.version", value: "1.8.2")]
            if item.8 == .error {
                span.events = [
                    SpanEventRow(
                        name: "exception",
                        offset: .milliseconds(720),
                        attributes: [LogField(name: "type", value: "ConnectException")]
                    )
                ]
            }
            return span
        }
        let summary = traces.first { $0.id == id } ?? traces[0]
        let critical = [
            CriticalSection(spanID: "a1", from: .milliseconds(2030), to: .milliseconds(2040)),
            CriticalSection(spanID: "a8", from: .milliseconds(1361), to: .milliseconds(1961)),
            CriticalSection(spanID: "a7", from: .milliseconds(720), to: .milliseconds(1360)),
            CriticalSection(spanID: "a6", from: .milliseconds(80), to: .milliseconds(720)),
            CriticalSection(spanID: "a3", from: .milliseconds(20), to: .milliseconds(80)),
        ]
        return TraceDetail(summary: summary, spans: spans, criticalPath: critical)
    }

    // MARK: Metrics and map

    private static func metric(_ query: MetricQuery) -> MetricResult {
        guard let range = query.range else { return MetricResult(kind: .vector) }
        let count = Int(range.inSeconds / query.step.inSeconds) + 1
        let scale =
            query.expression.contains("quantile")
            ? 0.0004 : query.expression.contains("bytes") ? 400_000 : query.expression.hasPrefix("100") ? 0.02 : 1
        let end = query.time ?? now
        let series = rows.enumerated().compactMap { index, row -> MetricSeries? in
            guard let rps = row.rps else { return nil }
            let values = wave(count, base: rps * scale, swing: rps * scale / 4, phase: index)
            let points = values.enumerated().compactMap { place, value -> MetricPoint? in
                // orders has a gap: it was restarted.
                guard row.name != "orders" || place < count / 4 || place > count / 3 else { return nil }
                return value.map {
                    MetricPoint(
                        time: Timestamp(
                            nanoseconds: end.nanoseconds - Int64(count - 1 - place) * query.step.wholeNanoseconds
                        ),
                        value: $0
                    )
                }
            }
            return MetricSeries(labels: ["service": row.name], points: points)
        }
        return MetricResult(kind: .matrix, series: series)
    }

    static let catalogue = MetricCatalogue(
        metrics: [
            .init(name: "http_requests_total", type: "counter", help: "Requests.", seriesCount: 214),
            .init(name: "http_request_duration_seconds", type: "histogram", help: "Latency.", seriesCount: 1190),
            .init(name: "process_resident_memory_bytes", type: "gauge", help: "Memory.", seriesCount: 12),
            .init(name: "up", type: "gauge", help: "", seriesCount: 12),
        ],
        targets: [
            .init(
                service: "gateway",
                url: "http://127.0.0.1:8080/metrics",
                isUp: true,
                lastScrape: ago(1),
                duration: .milliseconds(4),
                samples: 214
            ),
            .init(service: "payments", url: "http://127.0.0.1:8083/metrics", error: "connection refused"),
        ],
        panels: [PanelSpec(title: "kafka lag", expression: "sum by (service) (kafka_consumer_lag)")],
        seriesCount: 1904,
        sampleCount: 1_200_000
    )

    static let map: ServiceMap = {
        var edges = rows.flatMap { row in row.needs.map { ServiceMap.Edge(from: row.name, to: $0, isDeclared: true) } }
        let seen: [(String, String, Int, Double, Double)] = [
            ("gateway", "orders", 39_300, 131, 0.042), ("gateway", "users", 11_400, 38, 0),
            ("gateway", "catalog", 79_200, 264, 0),
            ("gateway", "auth", 66_000, 220, 0), ("web", "gateway", 29_100, 97, 0),
            ("orders", "payments", 11_400, 38, 0.24),
            ("orders", "inventory", 39_300, 131, 0), ("inventory", "postgres", 120_000, 402, 0),
            ("catalog", "inventory", 300, 1, 0.012),
        ]
        for call in seen {
            if let index = edges.firstIndex(where: { $0.from == call.0 && $0.to == call.1 }) {
                edges[index].calls = call.2
                edges[index].callsPerSecond = call.3
                edges[index].errorRatio = call.4
                edges[index].p95Seconds = 0.021
            } else {
                edges.append(
                    ServiceMap.Edge(
                        from: call.0,
                        to: call.1,
                        calls: call.2,
                        callsPerSecond: call.3,
                        errorRatio: call.4,
                        p95Seconds: 0.021
                    )
                )
            }
        }
        edges.append(
            ServiceMap.Edge(from: "payments", to: "bank.example", calls: 900, callsPerSecond: 3, p95Seconds: 0.4)
        )
        let nodes =
            rows.map { ServiceMap.Node(name: $0.name, isManaged: true) } + [
                ServiceMap.Node(name: "bank.example", isManaged: false)
            ]
        return ServiceMap(nodes: nodes, edges: edges)
    }()
}

extension ServiceID: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }
}
