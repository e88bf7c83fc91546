import FleetAPI
import FleetModel

/// A fleet with invented but consistent numbers: orders is slow because payments was killed for memory.
enum Sample {
    /// 2026-03-14 14:03:22.500 UTC.
    static let now = Timestamp(milliseconds: 1_773_497_002_500)

    static func ago(_ seconds: Double) -> Timestamp {
        Timestamp(nanoseconds: now.nanoseconds - Int64(seconds * 1e9))
    }

    struct Row {
        var name: String
        var group: String
        var state: ServiceState
        var health: String
        var cpu: Double?
        var mebibytes: Int?
        var rps: Double?
        var p95: Double?
        var errors: Double?
        var upSeconds: Double?
        var needs: [String]
    }

    static let rows: [Row] = [
        Row(
            name: "gateway",
            group: "edge",
            state: .ready,
            health: "3",
            cpu: 18.2,
            mebibytes: 212,
            rps: 412,
            p95: 0.038,
            errors: 0.001,
            upSeconds: 7872,
            needs: ["orders", "users", "catalog", "auth", "search"]
        ),
        Row(
            name: "auth",
            group: "core",
            state: .ready,
            health: "2",
            cpu: 6.1,
            mebibytes: 98,
            rps: 220,
            p95: 0.012,
            errors: 0,
            upSeconds: 7872,
            needs: ["redis"]
        ),
        Row(
            name: "orders",
            group: "core",
            state: .unhealthy,
            health: "503 Service Unavailable",
            cpu: 41.7,
            mebibytes: 388,
            rps: 131,
            p95: 0.812,
            errors: 0.042,
            upSeconds: 660,
            needs: ["postgres", "redis", "payments", "inventory"]
        ),
        Row(
            name: "payments",
            group: "core",
            state: .backoff,
            health: "connection refused",
            cpu: nil,
            mebibytes: nil,
            rps: nil,
            p95: nil,
            errors: nil,
            upSeconds: nil,
            needs: ["postgres"]
        ),
        Row(
            name: "inventory",
            group: "core",
            state: .ready,
            health: "4",
            cpu: 9.9,
            mebibytes: 141,
            rps: 131,
            p95: 0.044,
            errors: 0,
            upSeconds: 7872,
            needs: ["postgres"]
        ),
        Row(
            name: "catalog",
            group: "core",
            state: .ready,
            health: "3",
            cpu: 12.4,
            mebibytes: 156,
            rps: 264,
            p95: 0.029,
            errors: 0,
            upSeconds: 7872,
            needs: ["postgres", "search"]
        ),
        Row(
            name: "search",
            group: "core",
            state: .ready,
            health: "9",
            cpu: 33.0,
            mebibytes: 612,
            rps: 88,
            p95: 0.071,
            errors: 0.002,
            upSeconds: 7872,
            needs: []
        ),
        Row(
            name: "users",
            group: "core",
            state: .ready,
            health: "2",
            cpu: 4.0,
            mebibytes: 87,
            rps: 38,
            p95: 0.009,
            errors: 0,
            upSeconds: 7872,
            needs: ["postgres", "kafka"]
        ),
        Row(
            name: "shipping",
            group: "core",
            state: .waiting,
            health: "",
            cpu: nil,
            mebibytes: nil,
            rps: nil,
            p95: nil,
            errors: nil,
            upSeconds: nil,
            needs: ["kafka", "orders"]
        ),
        Row(
            name: "notify",
            group: "async",
            state: .ready,
            health: "5",
            cpu: 1.9,
            mebibytes: 72,
            rps: 2.4,
            p95: 0.018,
            errors: 0,
            upSeconds: 7872,
            needs: ["kafka"]
        ),
        Row(
            name: "postgres",
            group: "infra",
            state: .ready,
            health: "1",
            cpu: 22.5,
            mebibytes: 1410,
            rps: nil,
            p95: nil,
            errors: nil,
            upSeconds: 7900,
            needs: []
        ),
        Row(
            name: "redis",
            group: "infra",
            state: .running,
            health: "",
            cpu: 3.1,
            mebibytes: 28,
            rps: nil,
            p95: nil,
            errors: nil,
            upSeconds: 7900,
            needs: []
        ),
        Row(
            name: "kafka",
            group: "infra",
            state: .starting,
            health: "",
            cpu: 119.8,
            mebibytes: 540,
            rps: nil,
            p95: nil,
            errors: nil,
            upSeconds: 31,
            needs: []
        ),
        Row(
            name: "loadgen",
            group: "tools",
            state: .idle,
            health: "",
            cpu: nil,
            mebibytes: nil,
            rps: nil,
            p95: nil,
            errors: nil,
            upSeconds: nil,
            needs: ["gateway"]
        ),
        Row(
            name: "migrate",
            group: "tools",
            state: .exited,
            health: "",
            cpu: nil,
            mebibytes: nil,
            rps: nil,
            p95: nil,
            errors: nil,
            upSeconds: nil,
            needs: ["postgres"]
        ),
        Row(
            name: "web",
            group: "edge",
            state: .ready,
            health: "7",
            cpu: 7.4,
            mebibytes: 133,
            rps: 97,
            p95: 0.021,
            errors: 0,
            upSeconds: 7872,
            needs: ["gateway"]
        ),
    ]

    static let snapshot: FleetSnapshot = {
        var snapshot = FleetSnapshot(
            sequence: 812,
            time: now,
            name: "shop",
            manifestPath: "/home/ann/shop/fleet.yaml",
            services: rows.enumerated().map(service)
        )
        snapshot.totals.rps = 1513
        snapshot.totals.errorRatio = 0.0042
        snapshot.totals.p95Seconds = 0.131
        snapshot.totals.cpuPercent = 188
        snapshot.totals.memoryBytes = 3 << 30
        snapshot.totals.logLinesPerSecond = 4100
        snapshot.totals.spansPerSecond = 1900
        snapshot.totals.nextLog = 18_204
        snapshot.totals.newestEvent = 12
        snapshot.totals.spanCount = 41_000
        snapshot.totals.scrapeCount = 900
        snapshot.totals.otlpHTTPPort = 4318
        return snapshot
    }()

    private static func service(_ index: Int, _ row: Row) -> ServiceSnapshot {
        var service = ServiceSnapshot(
            id: ServiceID(row.name),
            name: ServiceName(row.name),
            state: row.state,
            since: ago(row.upSeconds ?? 40)
        )
        service.group = row.group
        service.command = "./bin/\(row.name) --port \(8080 + index)"
        service.workingDirectory = "/home/ann/shop/services/\(row.name)"
        service.wanted = row.state == .idle ? .down : .up
        service.incarnation = Incarnation(row.state == .idle ? 0 : row.name == "orders" || row.name == "kafka" ? 2 : 1)
        service.pid = row.state.isAlive ? ProcessID(Int32(48_102 + index * 8)) : nil
        service.startedAt = row.upSeconds.map(ago)
        service.ports = [PortSpec(name: "http", number: 8080 + index)]
        service.dependencies = row.needs.map { Dependency(service: ServiceName($0), condition: .healthy) }
        service.dependents = rows.filter { $0.needs.contains(row.name) }.map { ServiceName($0.name) }
        if let latency = Double(row.health) {
            service.health.verdict = .passing
            service.health.detail = "ok"
            service.health.latency = .microseconds(Int64(latency * 1000))
        } else if !row.health.isEmpty {
            service.health.verdict = .failing
            service.health.detail = row.health
            service.health.consecutiveFailures = 2
        }
        if row.state != .idle, !["redis", "kafka"].contains(row.name) {
            service.health.probe = "GET http://127.0.0.1:\(8080 + index)/health every 5s"
        }
        service.health.history = wave(60, base: 0.003, swing: 0.001, phase: index)
        service.figures = figures(row, index)
        trouble(&service)
        return service
    }

    private static func trouble(_ service: inout ServiceSnapshot) {
        switch service.id.rawValue {
        case "payments":
            service.restarts = 3
            service.restartAt = now + .milliseconds(7600)
            service.reason = "exit 137 (SIGKILL) after 41s; restart #3"
            service.lastTermination = .signalled(9, coreDumped: false)
            service.isCrashLooping = true
            service.errorLines = 4
        case "orders":
            service.restarts = 1
            service.reason = "GET /health answered 503 twice"
            service.lastTermination = .exited(code: 1)
            service.errorLines = 12
        case "shipping": service.reason = "waits for kafka to be healthy"
        case "kafka": service.reason = "restarted by the operator"
        case "migrate": service.lastTermination = .exited(code: 0)
        default: break
        }
    }

    private static func figures(_ row: Row, _ index: Int) -> ServiceFigures {
        var figures = ServiceFigures()
        figures.cpuPercent = row.cpu
        figures.memoryBytes = row.mebibytes.map { $0 << 20 }
        figures.rps = row.rps
        figures.p95Seconds = row.p95
        figures.errorRatio = row.errors
        if let cpu = row.cpu { figures.cpuHistory = wave(24, base: cpu, swing: cpu / 3, phase: index) }
        if let memory = row.mebibytes {
            figures.memoryHistory = wave(24, base: Double(memory << 20), swing: Double(memory << 16), phase: index)
        }
        if let rps = row.rps { figures.rpsHistory = wave(24, base: rps, swing: rps / 4, phase: index) }
        if let p95 = row.p95 { figures.p95History = wave(24, base: p95, swing: p95 / 2, phase: index + 3) }
        if let errors = row.errors {
            figures.errorHistory = wave(24, base: errors, swing: errors / 2, phase: index + 5)
        }
        if row.name == "payments" {
            figures.rpsHistory = wave(10, base: 30, swing: 10, phase: 1) + Array(repeating: nil, count: 14)
        }
        return figures
    }

    /// A triangle wave; no trigonometry, so that every machine gives the same bits.
    static func wave(_ count: Int, base: Double, swing: Double, phase: Int) -> [Double?] {
        (0..<count).map { index in
            let place = (index + phase * 3) % 16
            return base + swing * (Double(place < 8 ? place : 16 - place) / 4 - 1)
        }
    }
}
