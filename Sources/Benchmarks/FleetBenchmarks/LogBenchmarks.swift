import FleetLogs
import FleetModel

/// A million lines of 138 bytes: taken in, filtered, paged.
enum LogBenchmarks {
    private static let count = 1_000_000

    static func run() {
        let batches = (0..<1_000).map(batch)
        var limits = LogLimits()
        limits.totalBytes = 512 << 20
        limits.bytesPerService = 512 << 20
        limits.linesPerService = 2_000_000
        limits.floodBytesPerSecond = .max
        var store = LogStore(limits: limits)
        let ingest = Measurement(
            name: "logs: lines taken in, severity found",
            unit: "lines/s",
            budget: .atLeast(500_000)
        )
        ingest.rate(items: count) {
            store = LogStore(limits: limits)
            fill(&store, batches)
        }
        var flooded = LogLimits()
        flooded.floodBytesPerSecond = 0
        let flood = Measurement(name: "logs: lines taken in, in a flood", unit: "lines/s", budget: .none)
        flood.rate(items: count) {
            var store = LogStore(limits: flooded)
            fill(&store, batches)
        }
        filter("logs: substring over a million lines", "needle-9999", store, .atMost(1_000))
        filter("logs: level over a million lines", "lvl>=error", store, .atMost(1_000))
        filter("logs: expression over a million lines", "/needle-[0-9]+99 /", store, .atMost(3_000))
        Measurement(name: "logs: page of 40 lines at the end", unit: "ms", budget: .atMost(5)).milliseconds {
            var counts = LogCounts()
            _ = store.window(LogRequest(limit: 40), counts: &counts)
        }
    }

    private static func batch(_ number: Int) -> [UInt8] {
        var text = ""
        for line in 0..<(count / 1_000) {
            let level = line % 97 == 0 ? "error" : "info"
            text +=
                "{\"time\":\"2026-08-21T14:03:22.104Z\",\"level\":\"\(level)\",\"msg\":\"GET /items needle-\(number * 1_000 + line) \","
            text += "\"status\":200,\"duration_ms\":12.5,\"route\":\"/items\"}\n"
        }
        return Array(text.utf8)
    }

    private static func fill(_ store: inout LogStore, _ batches: [[UInt8]]) {
        for (index, batch) in batches.enumerated() {
            let time = Timestamp(milliseconds: 1_787_320_000_000 + Int64(index) * 100)
            batch.withUnsafeBytes {
                store.append($0, service: ServiceID("web"), stream: .stdout, time: time)
            }
        }
    }

    private static func filter(_ name: String, _ text: String, _ store: LogStore, _ budget: Measurement.Budget) {
        guard let filter = try? LogFilter.parse(text, now: .epoch) else { return }
        Measurement(name: name, unit: "ms", budget: budget).milliseconds {
            var counts = LogCounts()
            _ = store.window(LogRequest(filter: filter, limit: 40), counts: &counts)
        }
    }
}
