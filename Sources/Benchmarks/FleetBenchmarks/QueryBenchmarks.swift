import FleetMetrics
import PromQL

/// The columns of the table and a chart over an hour of 5,000 series.
enum QueryBenchmarks {
    private struct Source: SeriesSource {
        let store: SeriesStore

        func select(_ matchers: [LabelMatcher], from: Int64, through: Int64, sampleLimit: Int) throws -> SelectedSeries
        {
            let conditions = matchers.map { matcher in
                SeriesMatcher.predicate(name: matcher.name, matcher.makePredicate())
            }
            let found = store.select(conditions, from: from, through: through, sampleLimit: sampleLimit)
            return SelectedSeries(
                labels: found.labels.map { Labels(sorted: $0.pairs) },
                offsets: found.offsets,
                times: found.times,
                values: found.values
            )
        }
    }

    static func run() {
        var store = SeriesStore()
        let end: Int64 = 3_600_000
        for index in 0..<5_000 {
            let labels = SeriesLabels(
                metric: "http_requests_total",
                [
                    (name: "code", value: index % 20 == 0 ? "500" : "200"), (name: "route", value: "/\(index)"),
                    (name: "service", value: "service-\(index % 16)"),
                ]
            )
            guard let reference = store.reference(for: labels) else { continue }
            for time in stride(from: Int64(0), through: end, by: 5_000) {
                _ = store.append(reference, at: time, Double(time / 1000 * Int64(index % 7)))
            }
        }
        let source = Source(store: store)
        measure("promql: rps of 16 services", "sum by (service) (rate(http_requests_total[1m]))", source, at: end)
        guard let chart = try? Query("sum by (service) (rate(http_requests_total[1m]))") else { return }
        Measurement(name: "promql: chart of 15 min, step 10 s", unit: "ms", budget: .none).milliseconds {
            _ = try? chart.range(from: end - 900_000, through: end, step: 10_000, over: source)
        }
    }

    private static func measure(_ name: String, _ text: String, _ source: Source, at time: Int64) {
        guard let query = try? Query(text) else { return }
        Measurement(name: name, unit: "ms", budget: .atMost(20)).milliseconds {
            _ = try? query.instant(at: time, over: source)
        }
    }
}
