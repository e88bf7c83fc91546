/// Which exposition a scraper asked for.
package enum ExpositionFormat: Sendable {
    /// Prometheus text 0.0.4.
    case prometheus
    /// OpenMetrics 1.0.0: counters named without `_total`, exemplars, `# EOF`.
    case openMetrics

    package var contentType: String {
        switch self {
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// The format for an `Accept` header: OpenMetrics where its weight is at least that of plain text.
    package init(accept: String?) {
        let ranges = (accept ?? "").split(separator: ",").map(Self.range)
        let weight = { (type: String) in ranges.filter { $0.type == type }.map(\.weight).max() ?? 0 }
        let open = weight("application/openmetrics-text")
        self = open > 0 && open >= weight("text/plain") ? .openMetrics : .prometheus
    }

    private static func range(_ text: Substring) -> (type: String, weight: Double) {
        let parts = text.split(separator: ";").map { $0.trimmed }
        let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) }
        return ((parts.first ?? "").lowercased(), weight ?? 1)
    }
}

extension StringProtocol {
    /// Without the spaces and tabs at both ends.
    package var trimmed: String {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}

/// A named metric with its series; written as one block of an exposition.
protocol MetricFamily: Sendable {
    func write(to out: inout ExpositionText)
}

/// The text of an exposition while it is being written.
struct ExpositionText {
    let format: ExpositionFormat
    private(set) var text = ""

    init(format: ExpositionFormat) {
        self.format = format
    }

    mutating func head(_ name: String, type: String, help: String) {
        let escaped = help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        text += "# HELP \(name) \(escaped)\n# TYPE \(name) \(type)\n"
    }

    mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double, exemplar: Exemplar? = nil) {
        text += name
        if !labels.isEmpty {
            text += "{"
            for (index, label) in labels.enumerated() {
                text += "\(index > 0 ? "," : "")\(label.0)=\"\(Self.escape(label.1))\""
            }
            text += "}"
        }
        text += " \(Self.number(value))"
        if format == .openMetrics, let exemplar { text += exemplar.text }
        text += "\n"
    }

    mutating func finish() {
        if format == .openMetrics { text += "# EOF\n" }
    }

    private static func escape(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == 0x5c || $0 == 0x22 || $0 == 0x0a }) else { return value }
        return value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    /// The shortest text that reads back as the same value.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int(exactly: value), abs(whole) < 1 << 53 { return String(whole) }
        return String(value)
    }
}

/// The latest observation of a bucket that belonged to a trace.
struct Exemplar: Sendable {
    let context: SpanContext
    let value: Double
    let nanoseconds: UInt64

    var text: String {
        let seconds = Double(nanoseconds / 1_000_000) / 1000
        return " # {trace_id=\"\(context.traceID)\",span_id=\"\(context.spanID)\"} \(value) \(seconds)"
    }
}
