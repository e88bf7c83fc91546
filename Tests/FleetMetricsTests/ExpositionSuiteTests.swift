import Foundation
import Testing

@testable import FleetMetrics

/// Reads a whole body; throws what the parser throws.
func readAll(
    _ body: [UInt8],
    _ format: ExpositionFormat,
    _ visit: (inout ExpositionParser) throws -> Void = { _ in }
) throws {
    try body.withUnsafeBufferPointer { bytes in
        var parser = ExpositionParser(bytes, format: format)
        while let entry = try parser.next() {
            if entry == .sample { try visit(&parser) }
        }
    }
}

func accepts(_ body: [UInt8], _ format: ExpositionFormat) -> Bool {
    (try? readAll(body, format)) != nil
}

@Suite struct ExpositionSuiteTests {
    @Test(.enabled(if: TestData.has("openmetrics/parsers"), "needs FLEET_TESTDATA"))
    func `OpenMetrics conformance bodies get Prometheus' verdict`() throws {
        let lax = String(decoding: try TestData.bytes("openmetrics/prometheus_v2.42_accepts_anyway.txt"), as: UTF8.self)
        let acceptedAnyway = Set(lax.split(whereSeparator: \.isWhitespace).map(String.init))
        var count = 0
        for name in try TestData.entries("openmetrics/parsers") {
            let verdict = try #require(try TestData.json("openmetrics/parsers/\(name)/test.json") as? [String: Any])
            let file = try #require(verdict["file"] as? String)
            let should = try #require(verdict["shouldParse"] as? Bool) || acceptedAnyway.contains(name)
            let body = try TestData.bytes("openmetrics/parsers/\(name)/\(file)")
            #expect(accepts(body, .openMetrics) == should, "\(name)")
            count += 1
        }
        #expect(count > 0)
    }

    @Test(
        .enabled(if: TestData.has("prometheus/derived"), "needs FLEET_TESTDATA"),
        arguments: [
            ("prom_text_errors", ExpositionFormat.prometheusText), ("prom_null_byte", .prometheusText),
            ("openmetrics_text_errors", .openMetrics), ("openmetrics_null_byte", .openMetrics),
        ]
    )
    func `Prometheus' own error tables are reproduced`(table: String, format: ExpositionFormat) throws {
        let file = try #require(try TestData.json("prometheus/derived/\(table).json") as? [String: Any])
        for row in try #require(file["cases"] as? [[String: Any]]) {
            let body = try #require(TestData.input(row["input"]))
            let error = row["err"] as? String ?? ""
            let isValid = error.isEmpty || error == "EOF"
            #expect(accepts(body, format) == isValid, "\(String(decoding: body, as: UTF8.self)): \(error)")
        }
    }

    @Test(.enabled(if: TestData.has("reference_captures/parse_golden"), "needs FLEET_TESTDATA"))
    func `samples are bit for bit those of Prometheus' parser`() throws {
        for golden in try TestData.entries("reference_captures/parse_golden") {
            let file = try #require(try TestData.json("reference_captures/parse_golden/\(golden)") as? [String: Any])
            let name = try #require(file["file"] as? String)
            let path = try #require(
                ["reference_captures/expositions/", "prometheus/textparse/"].map { $0 + name }.first(
                    where: TestData.has
                )
            )
            let isOpenMetrics = golden.contains("openmetrics") || name.hasSuffix(".om.txt") || name.hasPrefix("om")
            var rows = try #require(file["rows"] as? [[String: Any]])[...]
            try readAll(try TestData.bytes(path), isOpenMetrics ? .openMetrics : .prometheusText) { parser in
                let next = rows.popFirst()
                let row = try #require(next)
                let labels = try #require(row["labels"] as? [String: String])
                let pairs = Dictionary(uniqueKeysWithValues: try parser.labels().pairs.map { ($0.name, $0.value) })
                #expect(pairs == labels.filter { !$0.value.isEmpty })
                let bits = String(parser.value.bitPattern, radix: 16)
                #expect(String(repeating: "0", count: 16 - bits.count) + bits == row["bits"] as? String)
                #expect(parser.time == (row["ts_ms"] as? NSNumber)?.int64Value)
            }
            #expect(rows.isEmpty)
        }
    }

    @Test(.enabled(if: TestData.has("prometheus/textparse"), "needs FLEET_TESTDATA"))
    func `real bodies give the same samples with and without a series cache`() throws {
        for name in try TestData.entries("prometheus/textparse") {
            let isOpenMetrics = name.contains("om") && !name.contains("prom")
            let body = try TestData.bytes("prometheus/textparse/\(name)")
            var count = 0
            try readAll(body, isOpenMetrics ? .openMetrics : .prometheusText) { _ in count += 1 }
            #expect(count > 0, "\(name)")
            var store = SeriesStore()
            var catalogue = MetricCatalogue()
            var ingest = ScrapeIngest(target: ScrapeTarget(labels: SeriesLabels([("job", "test")])))
            let type = isOpenMetrics ? "application/openmetrics-text; version=1.0.0" : "text/plain; version=0.0.4"
            for round in 0..<3 {
                let report = ingest.ingest(
                    body,
                    contentType: type,
                    at: Int64(1_700_000_000_000 + round * 1000),
                    duration: 0.1,
                    into: &store,
                    catalogue: &catalogue
                )
                #expect(report.failure == nil, "\(name)")
                #expect(report.samplesScraped == count)
                if round > 0 { #expect(report.seriesAdded == 0 && report.seriesVanished == 0) }
            }
        }
    }

    @Test(.enabled(if: TestData.has("openmetrics/parsers"), "needs FLEET_TESTDATA"))
    func `no truncation and no flipped byte of any body traps`() throws {
        for name in try TestData.entries("openmetrics/parsers") {
            let body = try TestData.bytes("openmetrics/parsers/\(name)/metrics")
            for format in [ExpositionFormat.openMetrics, .prometheusText] {
                for length in 0...body.count { _ = accepts(Array(body[..<length]), format) }
                for position in body.indices {
                    for replacement in [0, 0x22, 0x5C, 0x7B, 0x7D, 0x0A, 0xFF] as [UInt8] {
                        var damaged = body
                        damaged[position] = replacement
                        _ = accepts(damaged, format)
                    }
                }
            }
        }
    }
}
