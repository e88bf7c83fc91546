import ArgumentParser
import FleetAPI
import FleetModel

struct GraphCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph",
        abstract: "Print who depends on whom: declared with conditions, and observed calls.",
        discussion: "Without a running fleet the manifest is read; then nothing was observed."
    )

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case mermaid
        case dot
        case json
    }

    @Option(help: "text, mermaid, dot or json.") var format = Format.text
    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var output: JSONOption

    func run() async throws {
        let graph = try await drawn()
        switch output.json ? .json : format {
        case .text: Terminal.say(graph.text)
        case .mermaid: Terminal.say(graph.mermaid)
        case .dot: Terminal.say(graph.dot)
        case .json: Terminal.say(graph.json.text)
        }
    }

    private func drawn() async throws -> FleetGraph {
        let path = try manifest.path()
        guard let client = try await EngineAccess.find(path) else {
            return FleetGraph(try ManifestFile(looking: path, .plain).fleet())
        }
        let snapshot = try await asked { () throws(EngineError) in try await client.snapshot() }
        let map = try await asked { () throws(EngineError) in try await client.serviceMap() }
        return FleetGraph(snapshot, map)
    }
}

/// Services and their edges, for people and for other programs that draw.
struct FleetGraph {
    struct Need {
        var from: String
        var to: String
        var condition: String
        var isRequired: Bool
    }

    let name: String
    /// In start order.
    let services: [String]
    let needs: [Need]
    /// Edges that calls were seen on.
    let calls: [ServiceMap.Edge]
    let window: Duration

    init(_ fleet: Fleet) {
        name = fleet.name
        services = fleet.services.map(\.name.rawValue)
        needs = fleet.services.flatMap { Self.needs(of: $0.name, $0.dependencies) }
        calls = []
        window = .zero
    }

    init(_ snapshot: FleetSnapshot, _ map: ServiceMap) {
        name = snapshot.name
        var seen: Set<ServiceName> = []
        let first = snapshot.services.filter { seen.insert($0.name).inserted }
        services = first.map(\.name.rawValue)
        needs = first.flatMap { Self.needs(of: $0.name, $0.dependencies) }
        calls = map.edges.filter { $0.calls > 0 }
        window = map.window
    }

    private static func needs(of name: ServiceName, _ dependencies: [Dependency]) -> [Need] {
        dependencies.map {
            Need(
                from: name.rawValue,
                to: $0.service.rawValue,
                condition: $0.condition.rawValue,
                isRequired: $0.isRequired
            )
        }
    }

    /// Databases and outside services that only calls mention.
    private var strangers: [String] {
        Set(calls.flatMap { [$0.from, $0.to] }).subtracting(services).sorted()
    }
}

// MARK: Formats

extension FleetGraph {
    var text: String {
        var lines: [String] = []
        for service in services {
            lines.append(service)
            let own = needs.filter { $0.from == service }
            let width = own.map(\.to.count).max() ?? 0
            for (index, need) in own.enumerated() {
                let branch = index == own.count - 1 ? "└─ " : "├─ "
                let blanks = String(repeating: " ", count: width - need.to.count + 2)
                lines.append(branch + need.to + blanks + need.condition + (need.isRequired ? "" : ", optional"))
            }
        }
        guard !calls.isEmpty else { return lines.joined(separator: "\n") }
        lines += ["", "calls seen in \(TimeText.duration(window)):"]
        lines += calls.map { "\($0.from) → \($0.to)  \(Self.figures($0))" }
        return lines.joined(separator: "\n")
    }

    /// Declared dependencies are plain arrows, calls dotted ones with their figures.
    var mermaid: String {
        var lines = ["flowchart LR"] + services.map { "  \($0)" }
        let outside = strangers
        for (index, stranger) in outside.enumerated() {
            lines.append("  outside\(index)([\"\(Self.quotable(stranger))\"])")
        }
        func id(_ name: String) -> String { outside.firstIndex(of: name).map { "outside\($0)" } ?? name }
        for need in needs { lines.append("  \(need.from) --> \(need.to)") }
        for call in calls { lines.append("  \(id(call.from)) -.->|\"\(Self.figures(call))\"| \(id(call.to))") }
        return lines.joined(separator: "\n")
    }

    var dot: String {
        var lines = ["digraph \"\(Self.quotable(name))\" {", "  rankdir=LR;", "  node [shape=box];"]
        for service in services { lines.append("  \"\(service)\";") }
        for stranger in strangers { lines.append("  \"\(Self.quotable(stranger))\" [shape=ellipse];") }
        for need in needs {
            lines.append("  \"\(need.from)\" -> \"\(need.to)\" [label=\"\(need.condition)\"];")
        }
        for call in calls {
            let ends = "\"\(Self.quotable(call.from))\" -> \"\(Self.quotable(call.to))\""
            lines.append("  \(ends) [style=dashed, label=\"\(Self.figures(call))\"];")
        }
        return (lines + ["}"]).joined(separator: "\n")
    }

    var json: JSON {
        .object([
            ("name", .string(name)),
            ("services", .array(services.map(JSON.string))),
            (
                "depends_on",
                .array(
                    needs.map {
                        .object([
                            ("from", .string($0.from)), ("to", .string($0.to)), ("condition", .string($0.condition)),
                            ("required", .bool($0.isRequired)),
                        ])
                    }
                )
            ),
            (
                "calls",
                .array(
                    calls.map {
                        .object([
                            ("from", .string($0.from)), ("to", .string($0.to)), ("calls", .integer($0.calls)),
                            ("per_second", .number($0.callsPerSecond)), ("error_ratio", .number($0.errorRatio)),
                            ("p95_seconds", .optional($0.p95Seconds)),
                        ])
                    }
                )
            ),
        ])
    }

    private static func figures(_ edge: ServiceMap.Edge) -> String {
        var words = ["\(Figure.tenths(edge.callsPerSecond))/s"]
        if edge.errorRatio > 0 { words.append("\(Figure.tenths(edge.errorRatio * 100))% errors") }
        if let p95 = edge.p95Seconds, p95.isFinite, (0..<1e9).contains(p95) {
            words.append("p95 \(TimeText.duration(.nanoseconds(Int64(p95 * 1e9))))")
        }
        return words.joined(separator: " ")
    }

    /// Names of strangers come from spans, so anything may be in them.
    private static func quotable(_ text: String) -> String {
        String(text.map { $0 == "\"" || $0 == "\\" || $0.isNewline ? "'" : $0 })
    }
}
