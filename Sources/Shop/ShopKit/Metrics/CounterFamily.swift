import Synchronization

/// A number that only goes up, per combination of label values. Its name ends in `_total`.
package final class CounterFamily: MetricFamily {
    private let name: String
    private let help: String
    private let labels: [String]
    private let table = Mutex(SeriesTable<Double>())

    init(name: String, help: String, labels: [String]) {
        self.name = name
        self.help = help
        self.labels = labels
        // A counter without labels exists from the start, at zero: a rate needs a first sample.
        if labels.isEmpty { increment(by: 0) }
    }

    /// Adds to the series of these label values, given in the order the labels were declared.
    package func increment(_ values: String..., by amount: Double = 1) {
        guard amount >= 0, values.count == labels.count else { return }
        table.withLock { $0.update(values, initial: 0) { $0 += amount } }
    }

    /// The series' value; zero when it does not exist.
    package func value(_ values: String...) -> Double {
        table.withLock { $0.values[values] ?? 0 }
    }

    /// Replaces the value by a total that is counted elsewhere, such as processor time by the kernel.
    func replace(with total: Double) {
        table.withLock { $0.update([], initial: 0) { $0 = total } }
    }

    func write(to out: inout ExpositionText) {
        let series = table.withLock { $0.sorted }
        let base = name.hasSuffix("_total") ? String(name.dropLast(6)) : name
        out.head(out.format == .openMetrics ? base : name, type: "counter", help: help)
        for (values, value) in series { out.sample(name, Array(zip(labels, values)), value) }
    }
}
