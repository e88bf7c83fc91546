import ArgumentParser
import FleetAPI
import FleetModel

struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Evaluate a PromQL expression over the fleet's metrics."
    )

    @Argument(help: "For example: 'sum by (service) (rate(http_requests_total[1m]))'.") var expression: String
    @Option(help: "A range that ends now, for example 10m; without it an instant query.") var range: DurationArgument?
    @Option(help: "Of a range query.") var step: DurationArgument?
    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var output: JSONOption

    func run() async throws {
        let client = try await EngineAccess.connect(try manifest.path())
        let query = MetricQuery(expression, range: range?.value, step: step?.value ?? .seconds(5))
        let result = try await asked { () throws(EngineError) in try await client.query(query) }
        for warning in result.warnings { Terminal.complain("warning: \(warning)") }
        if output.json {
            Terminal.say(Self.json(result).text)
        } else if result.kind == .string {
            Terminal.say(result.text)
        } else {
            for line in Self.lines(result) { Terminal.say(line) }
        }
    }

    /// The `data` of Prometheus' HTTP API.
    private static func json(_ result: MetricResult) -> JSON {
        func point(_ point: MetricPoint) -> JSON {
            .array([.number(Double(point.time.milliseconds) / 1000), .string(MetricPoint.text(point.value))])
        }
        func labels(_ series: MetricSeries) -> JSON {
            .object(series.labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
        }
        let value: JSON =
            switch result.kind {
            case .scalar: result.series.first?.points.first.map(point) ?? .null
            case .string: .string(result.text)
            case .vector:
                .array(
                    result.series.map {
                        .object([("metric", labels($0)), ("value", $0.points.last.map(point) ?? .null)])
                    }
                )
            case .matrix:
                .array(
                    result.series.map { .object([("metric", labels($0)), ("values", .array($0.points.map(point)))]) }
                )
            }
        return .object([("resultType", .string(result.kind.rawValue)), ("result", value)])
    }

    private static func lines(_ result: MetricResult) -> [String] {
        result.series.flatMap { series in
            let name = series.labels["__name__"] ?? ""
            let labels = series.labels.filter { $0.key != "__name__" }.sorted { $0.key < $1.key }
                .map { "\($0.key)=\"\($0.value)\"" }.joined(separator: ", ")
            let title = result.kind == .scalar ? "scalar" : "\(name){\(labels)}"
            guard result.kind == .matrix else {
                return ["\(title)  \(series.points.last.map { MetricPoint.text($0.value) } ?? "-")"]
            }
            return [title] + series.points.map { "  \(TimeText.local($0.time))  \(MetricPoint.text($0.value))" }
        }
    }
}
