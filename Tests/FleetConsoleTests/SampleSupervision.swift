import FleetAPI
import FleetModel

// The same fleet with everything that supervision can say of it.
extension Sample {
    static let supervised: FleetSnapshot = {
        var snapshot = Sample.snapshot
        for index in snapshot.services.indices { supervise(&snapshot.services[index]) }
        let place = snapshot.services.firstIndex { $0.id == "postgres" } ?? 0
        snapshot.services.insert(contentsOf: workers, at: place)
        snapshot.services.append(job)
        return snapshot
    }()

    private static func supervise(_ service: inout ServiceSnapshot) {
        switch service.id.rawValue {
        case "gateway":
            service.statusText = "accepting, 412 connections open"
            service.memoryLimit = 256 << 20
            service.ports.append(PortSpec(name: "admin", number: 9901, isAllocated: true, isPassed: true))
            service.links = ["docs": "http://127.0.0.1:8080/docs"]
            // Two answers failed.
            service.health.history[20] = nil
            service.health.history[21] = nil
        case "auth": service.hasTerminal = true
        case "orders":
            service.watch = WatchStatus(triggers: 14, suspension: "more than 10 changes in a minute, last ./debug.log")
        case "users": service.watch = WatchStatus(triggers: 4)
        case "catalog": service.isEdited = true
        case "search":
            service.state = .blocked
            service.pid = nil
            service.startedAt = nil
            service.health = HealthSnapshot()
            service.figures = ServiceFigures()
            service.reason = "port 8086 is taken by pid 4711 (nginx); trying again"
            service.restartAt = now + .milliseconds(2600)
            service.portConflict = PortConflict(
                port: 8086,
                pid: ProcessID(4711),
                command: "/usr/sbin/nginx -g daemon off;"
            )
        default: break
        }
    }

    private static let workers: [ServiceSnapshot] = (1...3).map { replica in
        var worker = ServiceSnapshot(
            id: ServiceID("worker-\(replica)"),
            name: "worker",
            state: replica == 3 ? .starting : .ready,
            since: ago(900)
        )
        worker.group = "async"
        worker.wanted = .up
        worker.pid = ProcessID(Int32(49_000 + replica))
        worker.startedAt = ago(900)
        worker.command = "./bin/worker"
        worker.isEdited = replica > 1
        worker.figures.cpuPercent = 2.5
        worker.figures.memoryBytes = 40 << 20
        return worker
    }

    private static let job: ServiceSnapshot = {
        var job = ServiceSnapshot(id: "report", name: "report", state: .exited, since: ago(3350))
        job.group = "tools"
        job.kind = .job
        job.wanted = .up
        job.command = "./bin/report --daily"
        job.lastTermination = .exited(code: 0)
        job.nextRunAt = now + .milliseconds(249_500)
        return job
    }()

    /// Everything was asked to stop 8 seconds ago: two services do not listen, the rest waits for them.
    static let stopping: FleetSnapshot = {
        var snapshot = supervised
        snapshot.isStopping = true
        for index in snapshot.services.indices {
            snapshot.services[index].wanted = .down
            switch snapshot.services[index].id.rawValue {
            case "gateway":
                snapshot.services[index].state = .stopping
                snapshot.services[index].since = ago(8)
                snapshot.services[index].restartAt = now + .milliseconds(1500)
                snapshot.services[index].reason = "SIGTERM sent"
            case "worker-1":
                snapshot.services[index].state = .stopping
                snapshot.services[index].since = ago(3)
                snapshot.services[index].reason = "pre_stop runs"
            case "orders", "users", "catalog", "postgres":
                snapshot.services[index].reason = "to be stopped after gateway"
            default: snapshot.services[index].state = .idle
            }
        }
        return snapshot
    }()

    static func withReload(plan: [String] = [], errors: [String] = []) -> FleetSnapshot {
        var snapshot = supervised
        snapshot.pendingReload = PendingReload(plan: plan, errors: errors)
        return snapshot
    }

    static let plan = ["live gateway: probes", "restart users: command, environment", "add billing", "remove loadgen"]

    static let manifestErrors = [
        "fleet.yaml:14:7: unknown key \"comand\"; did you mean \"command\"?",
        "fleet.yaml:31:5: orders needs itself: orders -> payments -> orders",
    ]

    // MARK: Lives

    static func lives(of service: String) -> [LifeRecord] {
        let ends: [(lived: Double, ready: Double?, end: Termination?, why: String, cause: String)] = [
            (7200, 1.2, .exited(code: 0), "start", "stopped by the operator"),
            (41, 0.84, .signalled(9, coreDumped: false), "start", "exit 137 (SIGKILL)"),
            (2.3, nil, .exited(code: 1), "restart #1: exit 137 (SIGKILL) after 41s", "exit 1"),
            (360, 0.9, .signalled(15, coreDumped: false), "restart #2: exit 1 after 2s", "liveness probe failed"),
            (1, nil, .notStarted("./bin/orders: no such file"), "watch: main.swift changed", ""),
            (30, 0.7, .unobserved, "reload: command", "ended while no engine ran"),
        ]
        var start = now.nanoseconds - 90_000_000_000_000
        var lives = ends.enumerated().map { index, item -> LifeRecord in
            var life = LifeRecord(
                service: ServiceID(service),
                incarnation: Incarnation(index + 1),
                startedAt: Timestamp(nanoseconds: start)
            )
            life.pid = ProcessID(Int32(48_000 + index))
            life.timeToReady = item.ready.map { .milliseconds(Int64($0 * 1000)) }
            life.endedAt = life.startedAt + .milliseconds(Int64(item.lived * 1000))
            life.termination = item.end
            life.startCause = item.why
            life.endCause = item.cause
            life.lastErrors = (1...4).map { "\u{1B}[31merror\u{1B}[0m \($0) of life \(index + 1): heap 508M of 512M" }
            start += 15_000_000_000_000
            return life
        }
        var present = LifeRecord(service: ServiceID(service), incarnation: Incarnation(7), startedAt: ago(660))
        present.pid = ProcessID(48_118)
        present.timeToReady = .milliseconds(912)
        present.startCause = "restart #1: exit 1 after 2h"
        present.lastErrors = ["timeout calling payments after 2000ms"]
        lives.append(present)
        return lives
    }

    // MARK: Environment

    static func environment(of service: String) -> EnvironmentAnswer {
        let entries: [(String, String?, String, [String], Bool)] = [
            (
                "DATABASE_URL", "postgres://shop:hunter2@127.0.0.1:5432/\(service)", "/home/ann/shop/.env.shared", [],
                true
            ),
            ("FLEET_SERVICE", service, "fleet", [], false),
            ("HTTP_PROXY", nil, "service", ["inherited"], false),
            ("LANG", "C.UTF-8", "inherited", [], false),
            ("LOG_LEVEL", "debug", "service", ["inherited", "manifest"], false),
            (
                "PATH", "/home/ann/.local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "inherited", [], false
            ),
            ("PORT", "8082", "fleet", [], false),
            ("SESSION_TOKEN", "s3cr3t-0123456789", "service", [], true),
        ]
        return EnvironmentAnswer(
            service: service,
            workingDirectory: "/home/ann/shop/services/\(service)",
            variables: entries.map { .init(name: $0.0, value: $0.1, layer: $0.2, hidden: $0.3, isSecret: $0.4) }
        )
    }
}

extension ServiceName: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }
}
