import ArgumentParser
import FleetAPI
import FleetEngine
import FleetModel

struct PsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps",
        abstract: "List the services: state, health, pid, restarts, cpu, memory, rps, p95, err%, uptime, ports."
    )

    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var output: JSONOption

    func run() async throws {
        let client = try await EngineAccess.connect(try manifest.path())
        var snapshot = try await asked { () throws(EngineError) in try await client.snapshot() }
        // A snapshot is as old as the last change; ages count until now.
        snapshot.time = max(snapshot.time, SystemClock().wallTime)
        Terminal.say(output.json ? Self.json(snapshot).text : Self.table(snapshot))
    }

    static func json(_ snapshot: FleetSnapshot) -> JSON {
        .array(
            snapshot.services.map { service in
                .object([
                    ("name", .string(service.id.rawValue)),
                    ("service", .string(service.name.rawValue)),
                    ("group", .string(service.group)),
                    ("state", .string(service.state.rawValue)),
                    ("health", .string(health(service))),
                    ("pid", .optional(service.pid.map { Int($0.rawValue) })),
                    ("restarts", .integer(service.restarts)),
                    ("cpu_percent", .optional(service.figures.cpuPercent)),
                    ("memory_bytes", .optional(service.figures.memoryBytes)),
                    ("rps", .optional(service.figures.rps)),
                    ("p95_seconds", .optional(service.figures.p95Seconds)),
                    ("error_ratio", .optional(service.figures.errorRatio)),
                    ("uptime_seconds", .optional(uptime(service, at: snapshot.time)?.inSeconds)),
                    ("ports", .array(service.ports.map(json))),
                    ("reason", .string(service.reason)),
                    ("started_at", .time(service.startedAt)),
                    ("exit_status", .optional(service.lastTermination.map { Int($0.shellStatus) })),
                ])
            }
        )
    }

    /// `passing`, `failing`, or `none` without a probe.
    private static func health(_ service: ServiceSnapshot) -> String {
        switch service.health.verdict {
        case .passing: "passing"
        case .failing: "failing"
        case .unknown: service.health.probe.isEmpty ? "none" : "unknown"
        }
    }

    private static func json(_ port: PortSpec) -> JSON {
        .object([
            ("name", .string(port.name)), ("port", .integer(port.number)), ("host", .string(port.host)),
            ("protocol", .string(port.transport.rawValue)),
        ])
    }

    private static func uptime(_ service: ServiceSnapshot, at now: Timestamp) -> Duration? {
        guard service.state.isAlive, let start = service.startedAt else { return nil }
        return max(.zero, start.distance(to: now))
    }

    private static func table(_ snapshot: FleetSnapshot) -> String {
        var table = TextTable([
            ("SERVICE", .left), ("STATE", .left), ("HEALTH", .left), ("PID", .right), ("RST", .right), ("CPU%", .right),
            ("MEM", .right), ("RPS", .right), ("P95", .right), ("ERR%", .right), ("UP", .right), ("PORTS", .left),
        ])
        for service in snapshot.services {
            let figures = service.figures
            table.add([
                service.id.rawValue,
                service.state.rawValue,
                service.health.detail.isEmpty ? "-" : String(service.health.detail.prefix(28)),
                service.pid?.description ?? "-",
                String(service.restarts),
                figures.cpuPercent.map { Figure.tenths($0) } ?? "-",
                figures.memoryBytes.map(Figure.bytes) ?? "-",
                figures.rps.map { Figure.tenths($0) } ?? "-",
                figures.p95Seconds.map { $0.isFinite ? TimeText.duration(.nanoseconds(Int64($0 * 1e9))) : "-" } ?? "-",
                figures.errorRatio.map { Figure.tenths($0 * 100) } ?? "-",
                uptime(service, at: snapshot.time).map(TimeText.duration) ?? "-",
                service.ports.map { "\($0.number)" }.joined(separator: ","),
            ])
        }
        let reasons = snapshot.services.filter { !$0.reason.isEmpty }.map { "\($0.id): \($0.reason)" }
        return ([table.text] + reasons).joined(separator: "\n")
    }
}
