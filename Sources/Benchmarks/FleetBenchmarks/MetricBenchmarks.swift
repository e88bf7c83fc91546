import FleetMetrics

/// Exposition text of many counters, as a service shows them.
enum Exposition {
    static func body(samples: Int, round: Int) -> [UInt8] {
        var text = "# HELP http_requests_total Requests.\n# TYPE http_requests_total counter\n"
        for index in 0..<samples {
            text += "http_requests_total{method=\"GET\",route=\"/items/\(index)\",code=\"200\"} \(index + round * 3)\n"
        }
        return Array(text.utf8)
    }
}

enum MetricBenchmarks {
    private static let samples = 10_000

    static func run() {
        let bodies = (0..<8).map { Exposition.body(samples: samples, round: $0) }
        var store = SeriesStore()
        var catalogue = MetricCatalogue()
        var ingest = ScrapeIngest(target: ScrapeTarget(labels: SeriesLabels([(name: "job", value: "bench")])))
        var time: Int64 = 1_700_000_000_000
        let scrape = Measurement(
            name: "metrics: scrape of known series",
            unit: "samples/s",
            budget: .atLeast(2_000_000)
        )
        scrape.rate(items: samples * bodies.count) {
            for body in bodies {
                time += 5_000
                _ = ingest.ingest(
                    body,
                    contentType: "text/plain; version=0.0.4",
                    at: time,
                    duration: 0.01,
                    into: &store,
                    catalogue: &catalogue
                )
            }
        }
        let append = Measurement(name: "metrics: append to a series", unit: "samples/s", budget: .atLeast(2_000_000))
        var one = SeriesStore()
        guard let reference = one.reference(for: SeriesLabels(metric: "up")) else { return }
        var stamp: Int64 = 0
        append.rate(items: 200_000) {
            for value in 0..<200_000 {
                stamp += 5_000
                _ = one.append(reference, at: stamp, Double(value & 1023))
            }
        }
        let bytes = Double(store.byteCount) / Double(max(1, store.sampleCount))
        Measurement(name: "metrics: memory with few samples a series", unit: "B/sample", budget: .none).report(bytes)
    }
}
