import ArgumentParser
import FleetAPI
import FleetModel

struct TracesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "traces",
        abstract: "List the traces that were received."
    )

    @Option(help: "For example: 'service=gateway status=error duration>500ms'.") var filter = ""
    @Option(name: [.customShort("n"), .customLong("lines")], help: "At most this many.") var lines = 20
    @Flag(help: "Slowest first instead of newest first.") var slowest = false
    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var output: JSONOption

    func run() async throws {
        let client = try await EngineAccess.connect(try manifest.path())
        let query = TraceQuery(filter: filter, order: slowest ? .slowest : .newest, limit: max(0, min(lines, 1_000)))
        let page = try await asked { () throws(EngineError) in try await client.traces(query) }
        if output.json {
            Terminal.say(JSON.array(page.traces.map(TraceText.json)).text)
            return
        }
        var table = TextTable([
            ("TIME", .left), ("DURATION", .right), ("ROOT", .left), ("SPANS", .right), ("ERR", .right),
            ("SERVICES", .left), ("TRACE ID", .left),
        ])
        for trace in page.traces {
            table.add([
                TimeText.local(trace.start),
                TimeText.duration(trace.duration),
                "\(trace.rootService) \(trace.rootName)",
                String(trace.spanCount),
                String(trace.errorCount),
                trace.services.joined(separator: ","),
                trace.id,
            ])
        }
        Terminal.say(table.text)
    }
}

struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "trace", abstract: "Print one trace as a waterfall.")

    @Argument(help: "The trace id, or its beginning.") var id: String
    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var output: JSONOption

    func run() async throws {
        let client = try await EngineAccess.connect(try manifest.path())
        let trace = try await asked { () throws(EngineError) in try await client.trace(id) }
        Terminal.say(output.json ? TraceText.json(trace).text : TraceText.waterfall(trace))
    }
}

enum TraceText {
    static func json(_ trace: TraceSummary) -> JSON {
        .object([
            ("trace_id", .string(trace.id)),
            ("start", .time(trace.start)),
            ("duration_seconds", .number(trace.duration.inSeconds)),
            ("root_service", .string(trace.rootService)),
            ("root_name", .string(trace.rootName)),
            ("spans", .integer(trace.spanCount)),
            ("errors", .integer(trace.errorCount)),
            ("services", .array(trace.services.map(JSON.string))),
            ("incomplete", .bool(trace.isIncomplete)),
        ])
    }

    static func json(_ trace: TraceDetail) -> JSON {
        .object([("trace", json(trace.summary)), ("spans", .array(trace.spans.map(json)))])
    }

    private static func json(_ span: SpanRow) -> JSON {
        .object([
            ("span_id", .string(span.id)),
            ("parent_span_id", span.parentID.isEmpty ? .null : .string(span.parentID)),
            ("depth", .integer(span.depth)),
            ("service", .string(span.service)),
            ("name", .string(span.name)),
            ("kind", .string("\(span.kind)")),
            ("status", .string("\(span.status)")),
            ("status_message", .string(span.statusMessage)),
            ("offset_seconds", .number(span.offset.inSeconds)),
            ("duration_seconds", .number(span.duration.inSeconds)),
            ("self_seconds", .number(span.selfTime.inSeconds)),
            ("orphan", .bool(span.isOrphan)),
            ("attributes", fields(span.attributes)),
            ("resource", fields(span.resource)),
            ("events", .array(span.events.map(json))),
            ("links", .array(span.links.map(JSON.string))),
        ])
    }

    private static func json(_ event: SpanEventRow) -> JSON {
        .object([
            ("name", .string(event.name)), ("offset_seconds", .number(event.offset.inSeconds)),
            ("attributes", fields(event.attributes)),
        ])
    }

    private static func fields(_ fields: [LogField]) -> JSON {
        .object(fields.map { ($0.name, .string($0.value)) })
    }

    /// Bars over 40 columns, at least one cell each.
    static func waterfall(_ trace: TraceDetail) -> String {
        let summary = trace.summary
        let head =
            "trace \(summary.id)  \(TimeText.duration(summary.duration))  \(summary.spanCount) spans  "
            + "\(summary.services.count) services  \(summary.errorCount) errors"
        let width = 40
        let total = max(summary.duration.inSeconds, 1e-9)
        var table = TextTable([("SPAN", .left), ("", .left), ("DURATION", .right)])
        for span in trace.spans {
            let start = min(width - 1, max(0, Int(span.offset.inSeconds / total * Double(width))))
            let length = max(1, min(width - start, Int((span.duration.inSeconds / total * Double(width)).rounded())))
            let mark = span.status == .error ? " ✖" : ""
            let indent = String(repeating: "  ", count: min(span.depth, 20))
            let bar = String(repeating: " ", count: start) + String(repeating: "█", count: length)
            table.add(["\(indent)\(span.service)  \(span.name)\(mark)", bar, TimeText.duration(span.duration)])
        }
        return "\(head)\n\(table.text)"
    }
}
