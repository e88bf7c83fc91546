/// The type that an exposition declares for a metric family.
package enum MetricType: String, Hashable, Sendable, Codable {
    case counter
    case gauge
    case histogram
    case gaugeHistogram = "gaugehistogram"
    case summary
    case info
    case stateSet = "stateset"
    case unknown

    /// The word of a `# TYPE` line in `format`; `nil` when the format does not have it.
    init?(_ word: String, in format: ExpositionFormat) {
        switch (word, format) {
        case ("untyped", .prometheusText): self = .unknown
        case ("counter", _), ("gauge", _), ("histogram", _), ("summary", _): self.init(rawValue: word)
        case (_, .openMetrics): self.init(rawValue: word)
        case (_, .prometheusText): return nil
        }
    }
}
