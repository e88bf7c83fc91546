import FleetAPI
import FleetModel

/// What a storm did, and what was left of the fleet.
struct StormOutcome {
    struct Stray {
        var pid: Int32
        var service: String?
        var command: String
    }

    var seed: UInt64
    var duration = Duration.zero
    var tallies: [ChaosPlan.Kind: ChaosTally] = [:]
    /// Instances that were in trouble before; nobody expects anything of them.
    var ailing: [ServiceID] = []
    var missing: [ChaosGoal.Missing] = []
    var strays: [Stray] = []
    /// Engines that ended without being killed.
    var lostEngines = 0

    /// Numbered lines that were looked at; `nil` when nobody asked.
    var lines: Int?
    var holes: [NumberedLines.Hole] = []

    init(seed: UInt64) { self.seed = seed }

    var injected: Int { tallies.values.reduce(0) { $0 + $1.injected } }
    var unrecovered: Int { tallies.values.reduce(0) { $0 + $1.unrecovered } }
    var isWell: Bool { unrecovered == 0 && missing.isEmpty && strays.isEmpty && lostEngines == 0 && holes.isEmpty }

    // MARK: - For people

    var text: String {
        var table = TextTable([
            ("FAULT", .left), ("COUNT", .right), ("MISSED", .right), ("RECOVERED", .right), ("MEDIAN", .right),
            ("WORST", .right),
        ])
        for (kind, tally) in rows {
            table.add([
                kind.rawValue, String(tally.injected), String(tally.missed), String(tally.recoveries.count),
                tally.median.map(TimeText.duration) ?? "-", tally.worst.map(TimeText.duration) ?? "-",
            ])
        }
        var lines = [table.text, "\(injected) faults in \(TimeText.duration(duration)), seed \(seed)"]
        if !ailing.isEmpty { lines.append("not well before: \(ailing.map(\.rawValue).joined(separator: ", "))") }
        lines += missing.map { "not recovered: \($0.instance) \($0.reason)" }
        if missing.isEmpty, unrecovered > 0 { lines.append("not recovered: \(unrecovered) faults") }
        lines += strays.map { "stray: pid \($0.pid)\($0.service.map { " of \($0)" } ?? ""): \($0.command)" }
        if let count = self.lines { lines.append("\(count) numbered lines, \(holes.isEmpty ? "none" : "some") lost") }
        lines += holes.map { "lost: \($0.service) said \($0.after) after \($0.before)" }
        if lostEngines > 0 { lines.append("the engine ended by itself: \(lostEngines)") }
        if isWell { lines.append("everything is as it was, and nothing is left over") }
        return lines.joined(separator: "\n")
    }

    private var rows: [(ChaosPlan.Kind, ChaosTally)] {
        ChaosPlan.Kind.allCases.compactMap { kind in tallies[kind].map { (kind, $0) } }
    }

    // MARK: - For programs

    var json: JSON {
        let faults = rows.map { kind, tally in
            JSON.object([
                ("kind", .string(kind.rawValue)), ("count", .integer(tally.injected)),
                ("missed", .integer(tally.missed)), ("recovered", .integer(tally.recoveries.count)),
                ("median_seconds", .optional(tally.median?.inSeconds)),
                ("worst_seconds", .optional(tally.worst?.inSeconds)),
            ])
        }
        return .object([
            ("ok", .bool(isWell)),
            // Beyond what a JSON number holds without loss.
            ("seed", .string(String(seed))),
            ("duration_seconds", .number(duration.inSeconds)),
            ("faults", .array(faults)),
            ("not_well_before", .array(ailing.map { .string($0.rawValue) })),
            (
                "not_recovered",
                .array(
                    missing.map { .object([("name", .string($0.instance.rawValue)), ("reason", .string($0.reason))]) }
                )
            ),
            (
                "strays",
                .array(
                    strays.map {
                        .object([
                            ("pid", .integer(Int($0.pid))), ("service", .optional($0.service)),
                            ("command", .string($0.command)),
                        ])
                    }
                )
            ),
            ("engines_lost", .integer(lostEngines)), ("numbered_lines", .optional(lines)),
            (
                "lines_lost",
                .array(
                    holes.map {
                        .object([
                            ("service", .string($0.service.rawValue)), ("before", .integer($0.before)),
                            ("after", .integer($0.after)),
                        ])
                    }
                )
            ),
        ])
    }
}
