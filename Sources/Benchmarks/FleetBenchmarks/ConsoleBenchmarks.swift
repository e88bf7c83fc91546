import CellGrid
import FleetAPI
import FleetConsole
import FleetModel

/// One frame of each pane at the largest usual size.
enum ConsoleBenchmarks {
    static func run() {
        let snapshot = fleet()
        for pane in Pane.allCases {
            var shot = ConsoleSnapshot(
                pane: pane,
                snapshot: snapshot,
                size: Size(columns: 200, rows: 60),
                glyphs: .unicodeBraille
            )
            for request in shot.wants { if let answer = answer(request) { shot.accept(answer, for: request) } }
            Measurement(name: "console: \(pane.name) at 200x60", unit: "ms", budget: .atMost(2)).milliseconds {
                _ = shot.grid
            }
        }
    }

    private static func answer(_ request: DataRequest) -> DataValue? {
        switch request.query {
        case .logs(let query): .logs(LogPage(records: (0..<min(query.limit, 60)).map(line), keptCount: 100_000))
        case .metric: .metric(MetricResult(kind: .matrix, series: (0..<9).map(series)))
        case .events: .events((1...50).map(event))
        case .catalogue: .catalogue(MetricCatalogue())
        case .serviceMap: .serviceMap(map)
        case .traces, .trace, .history, .environment, .reloadPlan: nil
        }
    }

    private static let start = Timestamp(milliseconds: 1_787_320_000_000)

    private static func fleet() -> FleetSnapshot {
        let services = (0..<16).map { index in
            let name = ServiceName("service-\(index)")
            var service = ServiceSnapshot(id: ServiceID(name.rawValue), name: name, state: .ready, since: start)
            service.startedAt = start
            service.figures.cpuPercent = Double(index)
            service.figures.memoryBytes = index << 24
            service.figures.rps = Double(index * 10)
            service.figures.rpsHistory = (0..<30).map { Double($0 * index % 17) }
            service.figures.p95History = service.figures.rpsHistory
            return service
        }
        return FleetSnapshot(sequence: 1, time: start + .seconds(90), name: "bench", services: services)
    }

    private static func line(_ id: Int) -> LogRecord {
        LogRecord(
            id: id,
            time: start + .milliseconds(id),
            service: ServiceID("service-\(id % 16)"),
            severity: .info,
            message: "GET /items/\(id) 200 and some more words to fill the line up to its end",
            fields: [LogField(name: "status", value: "200"), LogField(name: "duration_ms", value: "12.5")]
        )
    }

    private static func series(_ index: Int) -> MetricSeries {
        MetricSeries(
            labels: ["service": "service-\(index)"],
            points: (0..<180).map { step in
                MetricPoint(time: start + .seconds(step * 5), value: Double((step * (index + 1)) % 97))
            }
        )
    }

    private static func event(_ sequence: Int) -> FleetEvent {
        FleetEvent(
            sequence: sequence,
            time: start + .seconds(sequence),
            service: ServiceID("service-\(sequence % 16)"),
            kind: .ready,
            message: "ready after 120ms"
        )
    }

    private static var map: ServiceMap {
        ServiceMap(
            nodes: (0..<16).map { ServiceMap.Node(name: "service-\($0)", isManaged: true) },
            edges: (1..<16).map {
                ServiceMap.Edge(
                    from: "service-\($0 / 2)",
                    to: "service-\($0)",
                    isDeclared: true,
                    calls: 5,
                    callsPerSecond: 1
                )
            }
        )
    }
}
