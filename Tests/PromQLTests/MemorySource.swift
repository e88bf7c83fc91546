@testable import PromQL

/// Series in plain arrays, for tests.
struct MemorySource: SeriesSource {
    private(set) var series: [(labels: Labels, samples: [(time: Int64, value: Double)])] = []
    private var numbers: [Labels: Int] = [:]

    mutating func append(_ labels: Labels, _ samples: [(time: Int64, value: Double)]) {
        if numbers[labels] == nil {
            numbers[labels] = series.count
            series.append((labels, []))
        }
        let number = numbers[labels] ?? 0
        // As in a store: what is not newer than the last sample is refused.
        for sample in samples where series[number].samples.last.map({ $0.time < sample.time }) ?? true {
            series[number].samples.append(sample)
        }
    }

    func select(
        _ matchers: [LabelMatcher],
        from: Int64,
        through: Int64,
        sampleLimit: Int
    ) throws -> SelectedSeries {
        let conditions = matchers.map { (name: $0.name, accepts: $0.makePredicate()) }
        var result = SelectedSeries()
        for (labels, samples) in series {
            guard conditions.allSatisfy({ $0.accepts(labels[$0.name] ?? "") }) else { continue }
            result.append(labels, samples.lazy.filter { $0.time >= from && $0.time <= through })
        }
        return result
    }
}
