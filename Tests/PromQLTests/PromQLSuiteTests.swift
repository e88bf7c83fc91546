import Foundation
import Testing

@testable import PromQL

@Suite struct PromQLSuiteTests {
    /// Cases of each script that agree. What is missing concerns native histograms, which we do not have.
    static let floors = [
        "aggregators.test": 126, "at_modifier.test": 78, "functions.test": 384, "histograms.test": 93,
        "literals.test": 25, "name_label_dropping.test": 30, "operators.test": 145, "range_queries.test": 17,
        "selectors.test": 31,
    ]

    @Test(
        .enabled(if: TestData.has("prometheus/promqltest"), "needs FLEET_TESTDATA"),
        arguments: (try? TestData.entries("prometheus/promqltest").filter { $0.hasSuffix(".test") }) ?? []
    )
    func `Prometheus' own scripts agree`(script: String) throws {
        let text = String(decoding: try TestData.bytes("prometheus/promqltest/\(script)"), as: UTF8.self)
        let outcome = TestScript.run(text)
        print("\(script): \(outcome.passed) agree, \(outcome.failures.count + outcome.unsupported) do not")
        let floor = Self.floors[script] ?? 1
        #expect(outcome.passed >= floor, "\(outcome.failures.joined(separator: "\n"))")
    }

    @Test(.enabled(if: TestData.has("reference_captures/promql_golden"), "needs FLEET_TESTDATA"))
    func `range queries give what Prometheus answered`() throws {
        let golden = try #require(
            try TestData.json("reference_captures/promql_golden/golden_range.json.gz") as? [String: Any]
        )
        let source = try demoSource()
        let start = try #require(golden["start"] as? Int)
        let end = try #require(golden["end"] as? Int)
        let step = try #require(golden["step"] as? Int)
        let clock = ContinuousClock()
        var spent = Duration.zero
        var failures: [String] = []
        let cases = try #require(golden["cases"] as? [[String: Any]])
        for row in cases {
            let text = try #require(row["query"] as? String)
            let begin = clock.now
            var result: QueryResult?
            var failure: PromQLError?
            do {
                result = try Query(text).range(
                    from: Int64(start) * 1000,
                    through: Int64(end) * 1000,
                    step: Int64(step) * 1000,
                    over: source
                )
            } catch { failure = error }
            spent += begin.duration(to: clock.now)
            let shouldFail = row["status"] as? String != "success"
            guard !shouldFail, let result else {
                if shouldFail != (failure != nil) { failures.append("\(text): \(String(describing: failure))") }
                continue
            }
            if let complaint = Self.complaint(result.value, row["result"] as? [[String: Any]] ?? []) {
                failures.append("\(text): \(complaint)")
            }
        }
        print("\(cases.count) range queries in \(spent)")
        #expect(failures.isEmpty, "\(failures.count): \(failures.joined(separator: "\n"))")
    }

    private static func complaint(_ value: QueryValue, _ expected: [[String: Any]]) -> String? {
        guard case .matrix(let matrix) = value else { return "not a matrix" }
        guard matrix.count == expected.count else { return "\(matrix.count) series, expected \(expected.count)" }
        for series in expected {
            guard let metric = series["metric"] as? [String: String], let points = series["values"] as? [[Any]] else {
                return "unreadable"
            }
            let labels = Labels(metric.map { ($0.key, $0.value) })
            guard let found = matrix.first(where: { $0.labels == labels }) else { return "\(labels) is missing" }
            guard found.times.count == points.count else {
                return "\(labels): \(found.times.count) of \(points.count) points"
            }
            for (index, point) in points.enumerated() {
                guard let seconds = (point[0] as? NSNumber)?.doubleValue, let text = point[1] as? String else {
                    return "unreadable"
                }
                guard Int64(seconds * 1000) == found.times[index] else { return "\(labels): time \(seconds)" }
                guard let number = SeriesNotation.number(text[...]) else { return "unreadable \(text)" }
                guard EvalCommand.areAlmostEqual(found.values[index], number, tolerance: 1e-9) else {
                    return "\(labels) at \(seconds): \(found.values[index]), expected \(text)"
                }
            }
        }
        return nil
    }

    /// `name{labels} value seconds` lines of the demo data set.
    private func demoSource() throws -> MemorySource {
        var source = MemorySource()
        var samples: [(time: Int64, value: Double)] = []
        var current = ""
        func flush() {
            if let series = SeriesNotation(current), !samples.isEmpty { source.append(series.labels, samples) }
            samples = []
        }
        let text = String(decoding: try TestData.unpacked("reference_captures/promql_golden/demo.om.gz"), as: UTF8.self)
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            guard words.count == 3, let value = Double(words[1]) ?? SeriesNotation.number(words[1]),
                let seconds = Double(words[2])
            else { continue }
            if String(words[0]) != current {
                flush()
                current = String(words[0])
            }
            samples.append((Int64((seconds * 1000).rounded()), value))
        }
        flush()
        return source
    }
}
