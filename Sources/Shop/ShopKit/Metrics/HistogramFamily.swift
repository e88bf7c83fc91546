import Synchronization

/// Observations counted in buckets, per combination of label values. A bucket remembers the latest traced
/// observation, which OpenMetrics shows as its exemplar.
package final class HistogramFamily: MetricFamily {
    /// Upper bounds in seconds for request durations, one millisecond to ten seconds.
    package static let durations = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private struct Series {
        var counts: [UInt64]
        var exemplars: [Exemplar?]
        var sum = 0.0
    }

    private let name: String
    private let help: String
    private let labels: [String]
    private let bounds: [Double]
    private let table = Mutex(SeriesTable<Series>())

    init(name: String, help: String, labels: [String], bounds: [Double]) {
        self.name = name
        self.help = help
        self.labels = labels
        self.bounds = bounds
    }

    package func observe(_ values: String..., value: Double, in context: SpanContext? = ShopTracer.current) {
        guard values.count == labels.count, value.isFinite else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        let exemplar = context.flatMap {
            $0.isSampled ? Exemplar(context: $0, value: value, nanoseconds: WallClock.nanoseconds) : nil
        }
        table.withLock { table in
            table.update(values, initial: emptySeries) { series in
                series.counts[bucket] += 1
                series.sum += value
                if let exemplar { series.exemplars[bucket] = exemplar }
            }
        }
    }

    private var emptySeries: Series {
        Series(
            counts: Array(repeating: 0, count: bounds.count + 1),
            exemplars: Array(repeating: nil, count: bounds.count + 1)
        )
    }

    func write(to out: inout ExpositionText) {
        let all = table.withLock { $0.sorted }
        out.head(name, type: "histogram", help: help)
        for (values, series) in all {
            let own = Array(zip(labels, values))
            var cumulative: UInt64 = 0
            for index in series.counts.indices {
                cumulative += series.counts[index]
                // Both formats get the same text for a bound, so that a change of format is not a change of series.
                let bound = index < bounds.count ? String(bounds[index]) : "+Inf"
                let labels = own + [("le", bound)]
                out.sample("\(name)_bucket", labels, Double(cumulative), exemplar: series.exemplars[index])
            }
            out.sample("\(name)_sum", own, series.sum)
            out.sample("\(name)_count", own, Double(cumulative))
        }
    }
}
