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
                    ("wanted", .bool(service.wanted == .up)),
                    ("kind", .string(service.kind.rawValue)),
                    ("status", .string(service.statusText)),
                    ("edited", .bool(service.isEdited)),
                    ("crash_looping", .bool(service.isCrashLooping)),
                    ("restart_at", .time(service.restartAt)),
                    ("next_run_at", .time(service.nextRunAt)),
                    ("watch_suspended", .optional(service.watch?.suspension)),
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

    static func json(_ port: PortSpec) -> JSON {
        .object([
            ("name", .string(port.name)), ("port", .integer(port.number)), ("host", .string(port.host)),
            ("protocol", .string(port.transport.rawValue)),
        ])
    }

    private static func uptime(_ service: ServiceSnapshot, at now: Timestamp) -> Duration? {
        guard service.state.isAlive, let start = service.startedAt else { return nil }
        return max(.zero, start.distance(to: now))
    }

    private static let columns: [(title: String, alignment: TextTable.Alignment)] = [
        ("SERVICE", .left), ("STATE", .left), ("HEALTH", .left), ("PID", .right), ("RST", .right), ("CPU%", .right),
        ("MEM", .right), ("RPS", .right), ("P95", .right), ("ERR%", .right), ("UP", .right), ("PORTS", .left),
    ]

    private static func table(_ snapshot: FleetSnapshot) -> String {
        // Few services speak of themselves.
        let hasWords = snapshot.services.contains { !$0.statusText.isEmpty }
        var table = TextTable(hasWords ? columns + [("STATUS", .left)] : columns)
        for service in snapshot.services {
            var row = cells(service, at: snapshot.time)
            if hasWords { row.append(service.statusText) }
            table.add(row)
        }
        return ([table.text] + remarks(snapshot)).joined(separator: "\n")
    }

    private static func cells(_ service: ServiceSnapshot, at now: Timestamp) -> [String] {
        let figures = service.figures
        let p95 = figures.p95Seconds.flatMap { $0.isFinite ? TimeText.duration(.nanoseconds(Int64($0 * 1e9))) : nil }
        return [
            // Differs from the manifest until that is loaded again.
            service.id.rawValue + (service.isEdited ? " ~" : ""),
            service.state.rawValue,
            service.health.detail.isEmpty ? "-" : String(service.health.detail.prefix(28)),
            service.pid?.description ?? "-",
            String(service.restarts),
            figures.cpuPercent.map { Figure.tenths($0) } ?? "-",
            figures.memoryBytes.map(Figure.bytes) ?? "-",
            figures.rps.map { Figure.tenths($0) } ?? "-",
            p95 ?? "-",
            figures.errorRatio.map { Figure.tenths($0 * 100) } ?? "-",
            uptime(service, at: now).map(TimeText.duration) ?? "-",
            service.ports.map { "\($0.number)" }.joined(separator: ","),
        ]
    }

    private static func remarks(_ snapshot: FleetSnapshot) -> [String] {
        var lines = snapshot.services.filter { !$0.reason.isEmpty }.map { "\($0.id): \($0.reason)" }
        for service in snapshot.services {
            if let suspension = service.watch?.suspension { lines.append("\(service.id): not watched: \(suspension)") }
            if let next = service.nextRunAt { lines.append("\(service.id): runs next at \(TimeText.localDay(next))") }
        }
        if let pending = snapshot.pendingReload {
            let what = pending.errors.isEmpty ? "fleet reload applies that" : "it is invalid: \(pending.errors[0])"
            lines.append("the manifest differs from what runs; \(what)")
        }
        return lines
    }
}
