import Synchronization

/// A number that goes up and down, per combination of label values.
package final class GaugeFamily: MetricFamily {
    private let name: String
    private let help: String
    private let labels: [String]
    private let table = Mutex(SeriesTable<Double>())

    init(name: String, help: String, labels: [String]) {
        self.name = name
        self.help = help
        self.labels = labels
    }

    package func set(_ values: String..., to value: Double) {
        guard values.count == labels.count else { return }
        table.withLock { $0.update(values, initial: 0) { $0 = value } }
    }

    package func add(_ values: String..., delta: Double) {
        guard values.count == labels.count else { return }
        table.withLock { $0.update(values, initial: 0) { $0 += delta } }
    }

    /// Forgets every series, before a collector sets those that exist now.
    package func clear() {
        table.withLock { $0.removeAll() }
    }

    func write(to out: inout ExpositionText) {
        let series = table.withLock { $0.sorted }
        out.head(name, type: "gauge", help: help)
        for (values, value) in series { out.sample(name, Array(zip(labels, values)), value) }
    }
}
