import CellGrid
import FleetAPI
import FleetModel

/// One line of a chart, laid out on the steps of the range.
struct ChartSeries {
    let name: String
    let style: Style
    /// Oldest first, one per step; `nil` is a gap.
    let values: [Double?]
    let isHighlighted: Bool

    /// The last value, or the one under the cursor (0…1 across the range).
    func value(at fraction: Double?) -> Double? {
        guard let fraction, !values.isEmpty else { return values.last ?? nil }
        return values[min(values.count - 1, max(0, Int((fraction * Double(values.count - 1)).rounded())))]
    }

    /// The largest first; of the selected service only when the pane says so.
    static func lines(of result: MetricResult, _ state: ConsoleState) -> [ChartSeries] {
        let selected = state.selection.service
        let name = selected.flatMap { state.snapshot?[$0]?.name.rawValue }
        let window = ChartWindow(state)
        let common = commonLabels(result.series)
        let lines = result.series.compactMap { series -> ChartSeries? in
            let service = series.labels["service"]
            let isSelected = service != nil && (service == name || service == selected?.rawValue)
            if state.panes.metrics.onlyService, selected != nil, service != nil, !isSelected { return nil }
            let label = Self.name(of: series.labels, leavingOut: common)
            return ChartSeries(
                name: label,
                style: Style(state.sourceRole(service ?? label), bold: isSelected),
                values: values(of: series, in: window),
                isHighlighted: isSelected
            )
        }
        return lines.filter { $0.values.contains { $0 != nil } }.sorted { left, right in
            if left.isHighlighted != right.isHighlighted { return left.isHighlighted }
            let (first, second) = (left.weight, right.weight)
            return first != second ? first > second : left.name < right.name
        }
    }

    private var weight: Double { values.last.flatMap { $0 }.flatMap { $0.isFinite ? $0 : nil } ?? -.infinity }

    /// Labels that all series share tell none from another.
    private static func commonLabels(_ series: [MetricSeries]) -> Set<String> {
        guard let first = series.first, series.count > 1 else { return [] }
        return Set(first.labels.filter { label in series.allSatisfy { $0.labels[label.key] == label.value } }.keys)
    }

    private static func name(of labels: [String: String], leavingOut common: Set<String>) -> String {
        let shown = labels.filter { $0.key != "__name__" && !common.contains($0.key) }
        if shown.count == 1, let only = shown.first { return only.value }
        let pairs = shown.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        let metric = common.contains("__name__") && !shown.isEmpty ? "" : labels["__name__"] ?? ""
        return metric + (pairs.isEmpty ? (labels.isEmpty ? "value" : "") : "{\(pairs)}")
    }

    private static func values(of series: MetricSeries, in window: ChartWindow) -> [Double?] {
        let interval = max(1, window.step.wholeNanoseconds)
        let span = window.span.wholeNanoseconds
        let count = Int(span / interval) + 1
        let start = (window.end - window.span).nanoseconds
        var values = [Double?](repeating: nil, count: count)
        for point in series.points where point.value.isFinite {
            // Steps count from when the engine answered, which is up to a step after ours began.
            let (offset, overflow) = point.time.nanoseconds.subtractingReportingOverflow(start)
            guard !overflow, offset >= 0, offset < span + interval else { continue }
            let place = Int(offset / interval)
            if place < count { values[place] = point.value }
        }
        // The newest evaluation falls into the step that has just begun.
        if values.last == .some(nil), count > 1, let previous = values[count - 2] { values[count - 1] = previous }
        return values
    }
}
