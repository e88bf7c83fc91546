import CellGrid
import FleetAPI
import FleetModel

/// What the Metrics pane charts.
struct MetricsPanel: Hashable, Sendable {
    /// How values of a chart are written.
    enum Unit: Hashable, Sendable { case number, seconds, percent, bytes }

    var title: String
    var expression: String
    var unit: Unit
    /// The operator wrote it or changed it.
    var isOwn = false
}

/// The built-in panels; each gives one series per `service` label, as the columns of the Fleet pane do. CPU and memory are
/// what the engine measures of the processes itself, so they need no exporter.
package enum BuiltInPanels {
    package static let cpu = "sum by (service) (fleet_service_cpu_percent)"
    package static let memory = "sum by (service) (fleet_service_memory_bytes)"

    static let all: [MetricsPanel] = {
        let red = RedSpec()
        return [
            MetricsPanel(title: "requests/s by service", expression: red.rate, unit: .number),
            MetricsPanel(title: "p95 latency by service", expression: red.p95, unit: .seconds),
            MetricsPanel(title: "errors % by service", expression: "100 * (\(red.errors))", unit: .percent),
            MetricsPanel(title: "cpu % of a core", expression: cpu, unit: .percent),
            MetricsPanel(title: "memory", expression: memory, unit: .bytes),
        ]
    }()

    /// Ranges and their steps; a chart has 60 to 240 points whatever the size of the screen.
    static let ranges: [(range: Duration, step: Duration)] = [
        (.seconds(300), .seconds(5)), (.seconds(900), .seconds(10)), (.seconds(1800), .seconds(15)),
        (.seconds(3600), .seconds(30)), (.seconds(7200), .seconds(60)),
    ]
}

extension ConsoleState {
    /// Built-in panels, those of the manifest, those that the operator added.
    var metricsPanels: [MetricsPanel] {
        let manifest = (data.catalogue?.panels ?? []).map {
            MetricsPanel(
                title: $0.title,
                expression: $0.expression,
                unit: MetricsPanel.Unit(guessedFrom: $0.expression)
            )
        }
        let added = panes.metrics.added.map {
            MetricsPanel(
                title: $0.title,
                expression: $0.expression,
                unit: MetricsPanel.Unit(guessedFrom: $0.expression),
                isOwn: true
            )
        }
        var panels = BuiltInPanels.all + manifest + added
        for (index, expression) in panes.metrics.edits where panels.indices.contains(index) {
            panels[index].expression = expression
            panels[index].isOwn = true
        }
        return panels
    }

    var metricRange: (range: Duration, step: Duration) {
        BuiltInPanels.ranges[min(max(0, panes.metrics.rangeIndex), BuiltInPanels.ranges.count - 1)]
    }
}

extension MetricsPanel.Unit {
    /// Metric names end in their unit by Prometheus' convention.
    init(guessedFrom expression: String) {
        if expression.contains("_bytes") {
            self = .bytes
        } else if expression.contains("quantile") && expression.contains("_seconds") {
            self = .seconds
        } else {
            self = .number
        }
    }

    /// Charts draw values in units whose round numbers are round for people too.
    var scale: Double { self == .bytes ? 1_048_576 : 1 }

    /// A value of the axis, already divided by `scale`.
    func axisText(_ value: Double) -> String {
        switch self {
        case .number, .percent: NumberText.axis(value)
        case .seconds:
            value > 0 && value < 1
                ? LineChart.plainNumber(value * 1000) + "ms"
                : value < 60 ? LineChart.plainNumber(value) + (value == 0 ? "" : "s") : text(value)
        case .bytes: text(value * scale)
        }
    }

    func text(_ value: Double?) -> String {
        guard let value, value.isFinite else { return NumberText.missing }
        switch self {
        case .number: return NumberText.short(value)
        case .seconds: return value == 0 ? "0" : TimeText.latency(value)
        case .percent: return NumberText.short(value)
        case .bytes: return value == 0 ? "0" : NumberText.bytes(Int(max(-1e15, min(1e15, value))))
        }
    }
}
