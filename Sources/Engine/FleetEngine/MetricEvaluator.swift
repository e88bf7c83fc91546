import FleetAPI
import FleetMetrics
import FleetModel
package import PromQL
import Synchronization

/// PromQL over the metric hub: for queries, charts and the columns of the table alike, so that the numbers agree.
final class MetricEvaluator: Sendable {
    private let metrics: MetricHub
    /// Parsed expressions; the columns and open charts are asked for again and again.
    private let parsed = Mutex<[String: Query]>([:])
    private static let mostParsed = 256

    init(metrics: MetricHub) {
        self.metrics = metrics
    }

    /// The columns of the table, by the `service` label.
    struct Red: Sendable {
        var rate: [String: Double] = [:]
        var p95: [String: Double] = [:]
        var errors: [String: Double] = [:]
    }

    func red(_ spec: RedSpec, at time: Timestamp) -> Red {
        Red(
            rate: byService(spec.rate, at: time),
            p95: byService(spec.p95, at: time),
            errors: byService(spec.errors, at: time)
        )
    }

    /// An expression of the manifest that fails leaves its column empty; `fleet query` tells why.
    private func byService(_ expression: String, at time: Timestamp) -> [String: Double] {
        guard let query = try? parse(expression),
            case .vector(let samples)? = try? query.instant(at: time.milliseconds, over: metrics).value
        else { return [:] }
        var values: [String: Double] = [:]
        for sample in samples where sample.value.isFinite {
            guard let service = sample.labels["service"] else { continue }
            values[service] = sample.value
        }
        return values
    }

    func evaluate(_ query: MetricQuery, now: Timestamp) throws(EngineError) -> MetricResult {
        do throws(PromQLError) {
            let expression = try parse(query.expression)
            let end = (query.time ?? now).milliseconds
            guard let range = query.range else {
                return Self.result(try expression.instant(at: end, over: metrics))
            }
            let step = max(1, query.step.wholeNanoseconds / 1_000_000)
            // On multiples of the step, so that a chart does not wobble from one refresh to the next.
            let last = end / step * step
            let start = last - max(0, range.wholeNanoseconds / 1_000_000)
            return Self.result(try expression.range(from: start, through: last, step: step, over: metrics))
        } catch {
            throw EngineError(.invalid, "\(error)")
        }
    }

    private func parse(_ text: String) throws(PromQLError) -> Query {
        if let known = parsed.withLock({ $0[text] }) { return known }
        let query = try Query(text)
        parsed.withLock { parsed in
            if parsed.count >= Self.mostParsed { parsed.removeAll() }
            parsed[text] = query
        }
        return query
    }

    private static func result(_ result: QueryResult) -> MetricResult {
        func point(_ time: Int64, _ value: Double) -> MetricPoint {
            MetricPoint(time: Timestamp(milliseconds: time), value: value)
        }
        func labels(_ labels: Labels) -> [String: String] {
            Dictionary(labels.pairs.map { ($0.name, $0.value) }) { first, _ in first }
        }
        let warnings = result.warnings
        switch result.value {
        case .scalar(let time, let value):
            let series = MetricSeries(labels: [:], points: [point(time, value)])
            return MetricResult(kind: .scalar, series: [series], warnings: warnings)
        case .string(_, let text):
            return MetricResult(kind: .string, text: String(decoding: text, as: UTF8.self), warnings: warnings)
        case .vector(let samples):
            let series = samples.map {
                MetricSeries(labels: labels($0.labels), points: [point($0.time, $0.value)])
            }
            return MetricResult(kind: .vector, series: series, warnings: warnings)
        case .matrix(let all):
            let series = all.map { one in
                MetricSeries(labels: labels(one.labels), points: zip(one.times, one.values).map { point($0, $1) })
            }
            return MetricResult(kind: .matrix, series: series, warnings: warnings)
        }
    }
}

/// The store as PromQL sees it. Labels are sorted in both, so they pass through as they are.
extension MetricHub: SeriesSource {
    package func select(
        _ matchers: [LabelMatcher],
        from: Int64,
        through: Int64,
        sampleLimit: Int
    ) throws -> SelectedSeries {
        let conditions = matchers.map { matcher in
            switch matcher.operation {
            case .equal: SeriesMatcher.equal(name: matcher.name, value: matcher.value)
            case .notEqual: SeriesMatcher.notEqual(name: matcher.name, value: matcher.value)
            case .matches, .doesNotMatch: SeriesMatcher.predicate(name: matcher.name, matcher.makePredicate())
            }
        }
        let selection = select(conditions, from: from, through: through, sampleLimit: sampleLimit)
        return SelectedSeries(
            labels: selection.labels.map { Labels(sorted: $0.pairs) },
            offsets: selection.offsets,
            times: selection.times,
            values: selection.values
        )
    }
}
